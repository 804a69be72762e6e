package blocks

import "enjobridge/enjo"

// ticketExample shows a ticket as a card, and as sections, which follow if Slack refuses
// the card.
func ticketExample(name, description string, t enjo.Ticket) Example {
	v := TicketView{Ticket: t, Requester: "Alice Abara"}
	return messageExample(name, description+" As a card, and as sections.", Ticket(v, Rich), Ticket(v, Markdown))
}

// ticketStatusExamples show each category of status, and tickets of several systems.
func ticketStatusExamples() []Example {
	var statuses []Message
	for _, status := range []string{"To Do", "In Progress", "Waiting for customer", "Resolved", "Canceled", "Awaiting parts (NYC)"} {
		t := exampleTicket()
		t.Status, t.Attributes = status, ""
		statuses = append(statuses, Ticket(TicketView{Ticket: t}, Rich))
	}
	custom := exampleTicket()
	custom.Status, custom.Type = "Handed over", "Service request"
	custom.URL = "https://acme.service-now.com/nav_to.do?uri=sc_request.do%3Fsys_id=1&view=ess"
	custom.Description = "My laptop is broken\n\nIt fell from the table. The *left* half of the screen stays black, and <b>Esc</b> does not work."
	shared := custom
	shared.URL = "https://tickets.acme.example/4711"
	return []Example{
		messageExample("ticket-status", "A card for each category of status.", statuses...),
		messageExample("ticket-closed", "The ticketing system counts its custom status as closed, and the description has several lines.",
			Ticket(TicketView{Ticket: custom, Requester: "Alice <!channel> Abara", Closed: true}, Rich)),
		messageExample("ticket-system", "A ticketing system that is not known.", Ticket(TicketView{Ticket: shared}, Rich)),
	}
}
