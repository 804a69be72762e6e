package interact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// What the buttons below a closed ticket ask the agent; {id} is the ticket's ID.
const (
	reopenPrompt  = "Please reopen ticket {id}."
	commentPrompt = "Please add this comment to ticket {id}: "
)

// knownTicket returns the ticket that a button's value names, in the thread of
// the message with the button.
func (d *Interact) knownTicket(ctx context.Context, i slackevent.Interaction) (storage.Ticket, error) {
	tickets, err := d.store.Tickets(ctx, i.Thread(d.self.TeamID))
	if err != nil {
		return storage.Ticket{}, err
	}
	at := slices.IndexFunc(tickets, func(t storage.Ticket) bool { return t.Latest.ID == i.Value })
	if at < 0 {
		return storage.Ticket{}, refusedOld
	}
	return tickets[at], nil
}

// solved takes note that a ticket has solved the matter.
func (d *Interact) solved(ctx context.Context, i slackevent.Interaction) (func(), error) {
	t, err := d.knownTicket(ctx, i)
	if err != nil {
		return nil, err
	}
	asked := storage.MessageID{Team: d.self.TeamID, Channel: i.Channel, TS: i.TS}
	if err := d.storeFeedback(ctx, storage.Feedback{Question: asked, User: i.User, Good: true}); err != nil {
		return nil, err
	}
	return d.taskFor(i, "thanking for a solved ticket", func(ctx context.Context) error {
		return d.slack.Update(ctx, i.Channel, i.TS, blocks.SolvedThanks(t.Latest))
	}), nil
}

// reopen asks the agent to reopen a ticket.
func (d *Interact) reopen(ctx context.Context, i slackevent.Interaction) (func(), error) {
	t, err := d.knownTicket(ctx, i)
	if err != nil {
		return nil, err
	}
	return d.askSoon(ctx, i, "reopen", storage.Question{Thread: t.Thread, Text: prompt(reopenPrompt, t)})
}

// askSoon asks what a button asks for each time that it is pressed, but once if
// a person presses it twice in a row.
func (d *Interact) askSoon(ctx context.Context, i slackevent.Interaction, button string, q storage.Question) (func(), error) {
	const row = 10 * time.Second
	afterwards, err := d.ask(ctx, i, fmt.Sprintf("%s/%s/%d", button, i.User, time.Now().Unix()/int64(row/time.Second)), q)
	if errors.Is(err, refusedUsed) {
		return nil, refusal(blocks.SayAskedJustNow)
	}
	return afterwards, err
}

// prompt puts a ticket's ID into what is asked. Like all questions it is written
// as Slack writes texts.
func prompt(text string, t storage.Ticket) string {
	return strings.ReplaceAll(text, "{id}", escaper.Replace(t.Latest.ID))
}

// escaper writes a text as Slack does. https://docs.slack.dev/messaging/formatting-message-text/#escaping
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// commented is where a comment belongs; it goes with the modal.
type commented struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Root    string `json:"root,omitempty"`
	Ticket  string `json:"ticket"`
}

// openComment opens the modal that takes a comment on a ticket.
func (d *Interact) openComment(ctx context.Context, i slackevent.Interaction) (func(), error) {
	if _, err := d.knownTicket(ctx, i); err != nil {
		return nil, err
	}
	place, err := json.Marshal(commented{i.Channel, i.TS, i.ThreadTS, i.Value})
	if err != nil {
		return nil, err
	}
	return d.openModal(i, blocks.TicketComment(string(place))), nil
}

// comment asks the agent to add a comment to a ticket.
func (d *Interact) comment(ctx context.Context, i slackevent.Interaction) (func(), error) {
	var place commented
	if err := json.Unmarshal([]byte(i.Value), &place); err != nil {
		return nil, refusedUnknown
	}
	i.Channel, i.TS, i.ThreadTS, i.Value = place.Channel, place.TS, place.Root, place.Ticket
	if !i.Valid() {
		return nil, refusedUnknown
	}
	t, err := d.knownTicket(ctx, i)
	if err != nil {
		return nil, err
	}
	text := slackevent.Truncate(strings.TrimSpace(i.Typed[blocks.CommentText]), maxComment)
	return d.ask(ctx, i, "comment/"+i.View, storage.Question{Thread: t.Thread, Text: prompt(commentPrompt, t) + escaper.Replace(text)})
}
