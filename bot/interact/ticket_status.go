package interact

import (
	"context"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// checkStatus asks the agent how far a ticket is, in the conversation of its thread.
func (d *Interact) checkStatus(ctx context.Context, i slackevent.Interaction) (func(), error) {
	t, err := d.knownTicket(ctx, i)
	if err != nil {
		return nil, err
	}
	return d.askSoon(ctx, i, "check", storage.Question{
		Thread: t.Thread, Ticket: t.Latest.ID, Text: prompt(d.ticketStatusPrompt, t),
	})
}
