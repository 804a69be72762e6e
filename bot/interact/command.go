package interact

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
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
		{"tickets", blocks.HelpTickets.Text(), h.listTickets},
		{"status", blocks.HelpStatus.Text(), h.showStatus},
		{"new", blocks.HelpNew.Text(), h.startConversation},
		{"help", blocks.HelpHelp.Text(), h.help},
	}
}

// command responds to /enjo, visible to the person alone. What follows is one of the
// command's words, or a question; without anything it is a call for help.
// https://docs.slack.dev/interactivity/implementing-slash-commands
func (h *Handler) command(ctx context.Context, i slackevent.Interaction) (func(), error) {
	run := h.help
	if i.Value != "" {
		if run = h.commandNamed(strings.ToLower(i.Value)); run == nil {
			return h.askPrivately(ctx, i, storage.CommandID(h.Self.TeamID, i.Channel, cmp.Or(i.Trigger, i.ResponseURL)), i.Value)
		}
	}
	return h.task(i, "responding to a command", func(ctx context.Context) error {
		message, err := run(ctx, i)
		if err != nil {
			message = blocks.Say(blocks.SayWentWrong.Text())
		}
		return errors.Join(err, h.reply(ctx, i, message))
	}), nil
}

// commandNamed returns the command of a word; nil if there is none.
func (h *Handler) commandNamed(word string) func(context.Context, slackevent.Interaction) (blocks.Message, error) {
	for _, c := range h.commands() {
		if c.word == word {
			return c.run
		}
	}
	return nil
}

// Command responds to a mention with a word of the slash command, which Slack does not
// offer in threads: visible to the sender alone, or in the direct message. The intake has
// asked the policy, and has stored what the word changes. Command does not wait.
func (h *Handler) Command(m slackevent.Message, word string) {
	i := slackevent.Interaction{Kind: slackevent.SlashCommand, User: m.User, Channel: m.ID.Channel, ThreadTS: m.ThreadTS}
	run := h.commandNamed(word)
	if run == nil {
		run = h.help
	}
	if word == "new" {
		run = func(context.Context, slackevent.Interaction) (blocks.Message, error) {
			return blocks.Say(h.newConversation(m)), nil
		}
	}
	h.task(i, "responding to a mention", func(ctx context.Context) error {
		message, err := run(ctx, i)
		if err != nil {
			message = blocks.Say(blocks.SayWentWrong.Text())
		}
		if !m.IsDirect() {
			return errors.Join(err, h.reply(ctx, i, message))
		}
		to := slackapi.Target{Thread: m.Thread(h.Policy.AgentView), Since: m.ID.TS}
		_, _, posted := h.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: message, Marker: slackapi.Marker{Question: m.ID}, Brief: true})
		return errors.Join(err, posted)
	})()
}

// newConversation says where a new conversation starts after a mention with the word new.
func (h *Handler) newConversation(m slackevent.Message) string {
	switch {
	case m.IsDirect() && !h.Policy.AgentView:
		return blocks.SayNewNext.Text()
	case m.ThreadTS != "":
		return blocks.SayNewHere.Text()
	case m.IsDirect():
		return blocks.SayJustWrite.Text()
	}
	return blocks.SayNewAtTop.Text()
}

// help lists the commands.
func (h *Handler) help(context.Context, slackevent.Interaction) (blocks.Message, error) {
	lines := []string{blocks.HelpLine(blocks.HelpAskWord.Text(), blocks.HelpAsk.Text())}
	for _, c := range h.commands() {
		lines = append(lines, blocks.HelpLine(c.word, c.help))
	}
	return blocks.Help(lines), nil
}

// showStatus shows the bot's status.
func (h *Handler) showStatus(ctx context.Context, i slackevent.Interaction) (blocks.Message, error) {
	outage, waiting, err := h.statusText(ctx, i.User)
	return blocks.Status(outage, waiting), err
}

// startConversation makes the next direct message start a new conversation.
func (h *Handler) startConversation(ctx context.Context, i slackevent.Interaction) (blocks.Message, error) {
	if h.Policy.AgentView {
		return blocks.Say(blocks.SayJustWrite.Text()), nil
	}
	m := slackevent.Message{ID: storage.MessageID{Team: h.Self.TeamID, Channel: i.Channel}}
	if !m.IsDirect() {
		return blocks.Say(blocks.SayWriteMe.Text()), nil
	}
	return blocks.Say(blocks.SayNewNext.Text()), h.Store.ResetConversation(ctx, m.Thread(false))
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
