package blocks

import (
	"fmt"
	"strconv"
	"time"

	"enjobridge/enjo"
)

// ActionTicketNews is the switch for ticket updates, in the home tab; the value
// is [NewsOn] or [NewsOff].
const (
	ActionTicketNews = "ticket_news"
	NewsOn           = "on"
	NewsOff          = "off"
)

// TicketLine is a ticket in a list.
type TicketLine struct {
	Ticket enjo.Ticket
	Since  time.Time // when the ticket's state was last received
	// Thread links to the thread of the ticket; may be empty.
	Thread string
}

// ticketsShown and ticketsLimit limit a list of tickets: their number and their
// total length.
const (
	ticketsShown = 20
	ticketsLimit = 10000
)

// Tickets lists a person's tickets, the latest first.
func Tickets(tickets []TicketLine) Message {
	text := sayTickets.Text("n", strconv.Itoa(len(tickets)))
	switch len(tickets) {
	case 0:
		text = sayNoTickets.Text()
	case 1:
		text = sayOneTicket.Text()
	}
	for _, t := range tickets[:min(len(tickets), ticketsShown)] {
		text += "\n" + ticketSentences(t.Ticket)
	}
	return Message{Text: fallbackText(text), Blocks: asBlocks(lineSections(ticketLines(tickets), mrkdwnObject))}
}

// ticketLines returns one line in mrkdwn for each ticket.
func ticketLines(tickets []TicketLine) []string {
	if len(tickets) == 0 {
		return []string{sayNoTickets.Text()}
	}
	var lines []string
	size := 0
	for _, t := range tickets[:min(len(tickets), ticketsShown)] {
		line := t.mrkdwn()
		if size += length(line); size > ticketsLimit {
			break
		}
		lines = append(lines, line)
	}
	return withMore(lines, len(tickets)-len(lines))
}

func (t TicketLine) mrkdwn() string {
	line := ticketLead(t.Ticket)
	if status := changed(t.Ticket.Status); !blank(status) {
		line += " · " + literal(status, ' ')
	} else {
		line = "• " + line
	}
	if at := t.Since; at.After(time.Unix(0, 0)) && at.Year() <= 9999 {
		line += fmt.Sprintf(" · <!date^%d^{ago}|%s>", at.Unix(), at.UTC().Format(momentLayout))
	}
	if safe, ok := webURL(t.Thread); ok {
		if link := " · <" + escape(safe) + "|" + labelThread.Text() + ">"; length(line+link) <= sectionLimit {
			line += link
		}
	}
	return line
}

// ticketSentences says which ticket this is, and its status.
func ticketSentences(t enjo.Ticket) string {
	text := ticketTitle(t)
	if status := changed(t.Status); !blank(status) {
		text += " " + sentence(labelStatus.Text()+": "+status)
	}
	return text
}
