package blocks

import (
	"slices"

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
	text := saySolved.Text("ticket", ticketName(t))
	message := Notice(NoticeView{Text: text})
	message.Text = ticketNews(t, text)
	id := clean(t.ID)
	if blank(id) || len(id) > buttonValueLimit {
		return message
	}
	message.Blocks = append(message.Blocks, slack.NewActionBlock("",
		button(Button{ActionID: ActionSolved, Text: buttonSolved.Text(), Value: id, Primary: true}),
		button(Button{ActionID: ActionReopen, Text: buttonReopen.Text(), Value: id}),
		button(Button{ActionID: ActionComment, Text: buttonComment.Text(), Value: id}),
	))
	return message
}

// SolvedThanks replaces [Solved] after somebody has confirmed.
func SolvedThanks(t enjo.Ticket) Message {
	text := saySolvedThanks.Text("ticket", ticketName(t))
	message := Notice(NoticeView{Text: text})
	message.Text = ticketNews(t, text)
	return message
}

// TicketSame says in one line that a ticket has not changed, such as "No change, still
// Open".
func TicketSame(t enjo.Ticket) Message {
	text, mrkdwn := sayNoChange.Text(), sayNoChange.Text()
	if status := oneLine(t.Status); !blank(status) {
		text = sayNoChangeFrom.Text("status", shorten(status, fieldLimit, plainCost))
		mrkdwn = sayNoChangeFrom.Text("status", field(status))
	}
	if at := moment(t.Modified); at != "" {
		mrkdwn += sayAsOf.Text("date", at)
		text += sayAsOf.Text("date", spokenMoment(t.Modified))
	}
	return Message{
		Text:   ticketNews(t, sentence(text)),
		Blocks: []slack.Block{slack.NewSectionBlock(mrkdwnObject(ticketLead(t)+" · "+mrkdwn), nil, nil)},
	}
}

// WithLink appends a link to the thread to a message, if there is one. A message has at
// most one line of context.
func WithLink(m Message, link string) Message {
	safe, ok := webURL(link)
	if !ok {
		return m
	}
	line := []slack.MixedElement{mrkdwnObject("<" + escape(safe) + "|" + linkThread.Text() + ">")}
	m.Blocks = slices.Clone(m.Blocks)
	if last := len(m.Blocks) - 1; last >= 0 {
		if context, ok := m.Blocks[last].(*slack.ContextBlock); ok {
			line, m.Blocks = slices.Concat(context.ContextElements.Elements, line), m.Blocks[:last]
		}
	}
	m.Blocks = append(m.Blocks, slack.NewContextBlock("", line...))
	if spoken := m.Text + "\n" + linkThread.Text() + ": " + escape(safe); length(spoken) <= textLimit {
		m.Text = spoken
	}
	return m
}
