package interact

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The prompts of the buttons below a closed ticket; {id} is the ticket's ID.
const (
	reopenPrompt  = "Please reopen ticket {id}."
	commentPrompt = "Please add this comment to ticket {id}: "
)

// ticket returns the ticket that a button's value names, in the thread of the message
// with the button.
func (h *Handler) ticket(ctx context.Context, i slackevent.Interaction) (storage.Ticket, error) {
	tickets, err := h.Store.Tickets(ctx, i.Thread(h.Self.TeamID))
	if err != nil {
		return storage.Ticket{}, err
	}
	at := slices.IndexFunc(tickets, func(t storage.Ticket) bool { return t.Latest.ID == i.Value })
	if at < 0 {
		return storage.Ticket{}, refusedOld
	}
	return tickets[at], nil
}

// createTicket asks the agent for a ticket, in the conversation of the answer.
func (h *Handler) createTicket(ctx context.Context, i slackevent.Interaction, q storage.Question) (func(), error) {
	asked := storage.Question{Thread: q.Thread, Text: h.TicketPrompt, MakesTicket: true}
	return h.askAs(ctx, i, asked, func(ctx context.Context, d *decider) (string, error) {
		tickets, err := d.Store.Tickets(ctx, q.Thread)
		if err != nil {
			return "", err
		}
		if len(tickets) > 0 {
			return "", refusal(blocks.TicketExists(tickets[len(tickets)-1].Latest.ID))
		}
		// Other answers of the thread have the button, too.
		unfinished, err := d.Store.UnfinishedIn(ctx, q.Thread)
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(unfinished, func(q storage.Question) bool { return q.MakesTicket && q.State != storage.Answered }) {
			return "", refusal(blocks.SayAskingForTicket.Text())
		}
		return "ticket", nil
	})
}

// checkStatus asks the agent for a ticket's status, in the conversation of its thread.
func (h *Handler) checkStatus(ctx context.Context, i slackevent.Interaction, t storage.Ticket) (func(), error) {
	q := storage.Question{Thread: t.Thread, Ticket: t.Latest.ID, Text: prompt(h.TicketStatusPrompt, t)}
	return h.askEachTime(ctx, i, "check", q)
}

// solved stores that a ticket has solved the problem.
func (h *Handler) solved(ctx context.Context, i slackevent.Interaction, t storage.Ticket) (func(), error) {
	if err := h.storeFeedback(ctx, storage.Feedback{Question: i.Message(h.Self.TeamID), User: i.User, Good: true}); err != nil {
		return nil, err
	}
	return h.taskFor(i, "thanking for a solved ticket", func(ctx context.Context) error {
		return h.Slack.Update(ctx, i.Channel, i.TS, blocks.SolvedThanks(t.Latest))
	}), nil
}

// reopen asks the agent to reopen a ticket.
func (h *Handler) reopen(ctx context.Context, i slackevent.Interaction, t storage.Ticket) (func(), error) {
	return h.askEachTime(ctx, i, "reopen", storage.Question{Thread: t.Thread, Text: prompt(reopenPrompt, t)})
}

// prompt puts a ticket's ID into a prompt, which is written as Slack writes texts.
func prompt(text string, t storage.Ticket) string {
	return strings.ReplaceAll(text, "{id}", escaper.Replace(t.Latest.ID))
}

// escaper writes a text as Slack does. https://docs.slack.dev/messaging/formatting-message-text/#escaping
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// commentPlace is where a comment belongs; the modal carries it.
type commentPlace struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Root    string `json:"root,omitempty"`
	Ticket  string `json:"ticket"`
}

// parsePlace reads where a comment belongs from the metadata of its modal.
func parsePlace(metadata string) (place commentPlace, err error) {
	err = json.Unmarshal([]byte(metadata), &place)
	return place, err
}

// openComment opens the modal for a comment on a ticket.
func (h *Handler) openComment(_ context.Context, i slackevent.Interaction, _ storage.Ticket) (func(), error) {
	place, err := json.Marshal(commentPlace{i.Channel, i.TS, i.ThreadTS, i.Value})
	if err != nil {
		return nil, err
	}
	return h.openModal(i, blocks.TicketComment(string(place))), nil
}

// comment asks the agent to add a comment to a ticket.
func (h *Handler) comment(ctx context.Context, i slackevent.Interaction) (func(), error) {
	place, err := parsePlace(i.Value)
	if err != nil {
		return nil, refusedUnknown
	}
	i.Channel, i.TS, i.ThreadTS, i.Value = place.Channel, place.TS, place.Root, place.Ticket
	if !i.Valid() {
		return nil, refusedUnknown
	}
	t, err := h.ticket(ctx, i)
	if err != nil {
		return nil, err
	}
	text := slackevent.Truncate(strings.TrimSpace(i.Typed[blocks.CommentText]), maxComment)
	return h.ask(ctx, i, "comment/"+i.View, storage.Question{Thread: t.Thread, Text: prompt(commentPrompt, t) + escaper.Replace(text)})
}
