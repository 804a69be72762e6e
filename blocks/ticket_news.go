package blocks

import (
	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// The action_ids below a closed ticket; the value is the ticket's ID.
const (
	ActionSolved  = "ticket_solved"
	ActionReopen  = "ticket_reopen"
	ActionComment = "ticket_comment"
)

// Solved asks whether the problem of a closed ticket is solved.
func Solved(t enjo.Ticket) Message {
	text := ticketName(t) + " is closed. Solved?"
	message := Notice(NoticeView{Text: text})
	id := clean(t.ID)
	if blank(id) || len(id) > buttonValueLimit {
		return message
	}
	message.Blocks = append(message.Blocks, slack.NewActionBlock("",
		button(Button{ActionID: ActionSolved, Text: "Yes", Value: id, Primary: true}),
		button(Button{ActionID: ActionReopen, Text: "No, reopen it", Value: id}),
		button(Button{ActionID: ActionComment, Text: "Comment", Value: id}),
	))
	return message
}

// SolvedThanks replaces [Solved] after somebody has confirmed.
func SolvedThanks(t enjo.Ticket) Message {
	return Notice(NoticeView{Text: ticketName(t) + " is closed, and solved. Thank you!"})
}

// TicketSame says that a ticket has not changed, such as "No change: Open, as
// of …".
func TicketSame(t enjo.Ticket) Message {
	text := "No change"
	mrkdwn := "*" + ticketLink(t) + "* No change"
	if status := oneLine(t.Status); !blank(status) {
		text += ": " + shorten(status, fieldLimit, plainCost)
		mrkdwn += ": " + field(status)
	}
	if at := moment(t.Modified); at != "" {
		mrkdwn += ", as of " + at
	}
	return Message{
		Text:   fallbackText(ticketName(t) + ": " + text),
		Blocks: []slack.Block{slack.NewSectionBlock(mrkdwnObject(mrkdwn), nil, nil)},
	}
}

// WithLink appends a link to the thread to a message, if there is one.
func WithLink(m Message, link string) Message {
	safe, ok := webURL(link)
	if !ok {
		return m
	}
	m.Blocks = append(m.Blocks, slack.NewContextBlock("", mrkdwnObject("<"+escape(safe)+"|Go to the thread>")))
	return m
}
