package interact

import (
	"context"
	"errors"
	"slices"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// retry asks again what a button names: a question that has failed, or a message
// that was refused or edited. What people wrote is not stored beyond the end of a
// question: it is read from their messages when the turn is prepared.
func (d *Interact) retry(ctx context.Context, i slackevent.Interaction) (func(), error) {
	again := storage.Question{}
	q, err := d.question(ctx, i, i.Value)
	switch {
	case errors.Is(err, refusedOld):
		again.Thread, again.Again = d.retryTarget(i)
	case err != nil:
		return nil, err
	default:
		again.Thread, again.MakesTicket, again.HasFiles = q.Thread, q.MakesTicket, q.HasFiles
		again.WithHistory, again.NewConversation, again.Again = q.WithHistory, q.NewConversation, q.Again
	}
	switch {
	case len(again.Again) > 0:
	case q.Origin == storage.Button && q.MakesTicket:
		again.Text = d.ticketPrompt
	default:
		again.Again = slices.Concat([]storage.MessageID{q.ID}, q.With)
	}
	return d.ask(ctx, i, "retry", again)
}

// retryTarget returns the thread of a message that is not known as a question, and
// the message.
func (d *Interact) retryTarget(i slackevent.Interaction) (storage.ThreadID, []storage.MessageID) {
	id, _ := storage.ParseMessageID(i.Value)
	m := slackevent.Message{ID: id, ThreadTS: i.ThreadTS}
	return m.Thread(d.policy.AgentView), []storage.MessageID{id}
}
