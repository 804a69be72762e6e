package blocks

import (
	"fmt"
	"time"
)

// newsExamples are messages about changes of tickets.
func newsExamples() []Example {
	closed := exampleTicket()
	closed.Status = "Resolved"
	change, _ := TicketChange(exampleTicket(), closed)
	later := exampleTicket()
	later.Modified.At = later.Modified.At.Add(time.Hour)
	touchedAgain, _ := TicketChange(exampleTicket(), later)
	odd := closed
	odd.ID, odd.Status, odd.URL = "<!channel>", "مغلق", ""
	return []Example{
		messageExample("ticket-change-date", "Only the date of a ticket has changed.", touchedAgain),
		messageExample("ticket-same", "The status was requested and has not changed; visible only to the person who asked.", TicketSame(exampleTicket())),
		messageExample("ticket-same-bare", "The same for a ticket without known fields.", TicketSame(odd)),
		messageExample("ticket-solved", "A ticket was closed: is the problem solved?", Solved(closed)),
		messageExample("ticket-solved-odd", "The same with markup in the ID.", Solved(odd)),
		messageExample("ticket-solved-thanks", "Somebody confirmed it; the same with markup in the ID.", SolvedThanks(closed), SolvedThanks(odd)),
		messageExample("ticket-news", "An update of a ticket in a direct message.", WithLink(change, exampleLink)),
		messageExample("tickets", "A person's tickets.", Tickets(exampleLines(3))),
		messageExample("tickets-one", "One ticket.", Tickets(exampleLines(1))),
		messageExample("tickets-none", "No tickets.", Tickets(nil)),
		messageExample("tickets-many", "More tickets than are listed.", Tickets(exampleLines(25))),
	}
}

// exampleLink is the link of a message.
const exampleLink = "https://acme.slack.com/archives/C1/p1700000000000100"

func exampleLines(n int) []TicketLine {
	lines := make([]TicketLine, n)
	for i := range lines {
		t := exampleTicket()
		t.ID = fmt.Sprintf("IT-%d", 4711+i)
		t.Status = []string{"Open", "In Progress", "Resolved"}[i%3]
		lines[i] = TicketLine{
			Ticket: t, Since: time.Date(2026, 11, 20, 10, i, 0, 0, time.UTC),
			Thread: fmt.Sprintf("https://acme.slack.com/archives/C1/p17000000000001%02d", i),
		}
	}
	return lines
}
