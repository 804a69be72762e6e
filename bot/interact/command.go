package interact

import (
	"cmp"
	"context"
	"errors"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// command is a word after /enjo.
type command struct {
	word, help string
	run        func(ctx context.Context, i slackevent.Interaction) (blocks.Message, error)
}

// commands returns all words after /enjo.
func (h *Handler) commands() []command {
	return []command{
		{"tickets", blocks.HelpTickets, h.listTickets},
		{"status", blocks.HelpStatus, h.showStatus},
		{"new", blocks.HelpNew, h.startConversation},
		{"help", blocks.HelpHelp, h.help},
	}
}

// command responds to /enjo, visible to the person alone.
// https://docs.slack.dev/interactivity/implementing-slash-commands
func (h *Handler) command(_ context.Context, i slackevent.Interaction) (func(), error) {
	run := h.help
	for _, c := range h.commands() {
		if c.word == i.Name {
			run = c.run
		}
	}
	return h.task(i, "responding to a command", func(ctx context.Context) error {
		message, err := run(ctx, i)
		if err != nil {
			message = blocks.Say(blocks.SayWentWrong)
		}
		return errors.Join(err, h.reply(ctx, i, message))
	}), nil
}

// help lists the commands.
func (h *Handler) help(context.Context, slackevent.Interaction) (blocks.Message, error) {
	var lines []string
	for _, c := range h.commands() {
		lines = append(lines, blocks.HelpLine(c.word, c.help))
	}
	return blocks.Help(lines), nil
}

// showStatus shows the bot's status.
func (h *Handler) showStatus(_ context.Context, i slackevent.Interaction) (blocks.Message, error) {
	return blocks.Status(h.statusText(i.User)), nil
}

// startConversation makes the next direct message start a new conversation.
func (h *Handler) startConversation(ctx context.Context, i slackevent.Interaction) (blocks.Message, error) {
	if h.Policy.AgentView {
		return blocks.Say(blocks.SayJustWrite), nil
	}
	m := slackevent.Message{ID: storage.MessageID{Team: h.Self.TeamID, Channel: i.Channel}}
	if !m.IsDirect() {
		return blocks.Say(blocks.SayWriteMe), nil
	}
	return blocks.Say(blocks.SayNewNext), h.Store.ResetConversation(ctx, m.Thread(false))
}

// listTickets lists the tickets of the person.
func (h *Handler) listTickets(ctx context.Context, i slackevent.Interaction) (blocks.Message, error) {
	lines, err := h.ticketLines(ctx, i.User)
	return blocks.Tickets(lines), err
}

const (
	// maxLinks is how many links to threads are looked up for a list.
	maxLinks = 20
	// linksTimeout bounds the look-ups for a list, because a person waits for it.
	linksTimeout = 10 * time.Second
)

// ticketLines returns the tickets of a person, with links to their threads.
func (h *Handler) ticketLines(ctx context.Context, user string) ([]blocks.TicketLine, error) {
	tickets, err := h.Store.TicketsOf(ctx, user)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, linksTimeout)
	defer cancel()
	lines := make([]blocks.TicketLine, len(tickets))
	for n, t := range tickets {
		lines[n] = blocks.TicketLine{Ticket: t.Latest, Since: t.UpdatedAt}
		if ts := cmp.Or(t.Card, t.Thread.Root); ts != "" && n < maxLinks {
			lines[n].Thread = h.Slack.Permalink(ctx, t.Thread.Channel, ts)
		}
	}
	return lines, nil
}
