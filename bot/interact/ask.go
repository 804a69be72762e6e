package interact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/deliver"
	"enjobridge/bot/intake"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// decider makes one decision, with the Store that [storage.Store.Decide] gives: that can undo
// the decision, and have another decider make it again. So a decider waits for nothing, and
// does nothing outside the Store.
type decider struct {
	*Handler

	// Store hides the Store of the Handler, which would wait for the one of the decision.
	Store storage.Store
}

// decide has a decision made on a question of a person in a thread.
func (h *Handler) decide(ctx context.Context, i slackevent.Interaction, in storage.ThreadID, decide func(*decider) error) error {
	scope := storage.Scope{Team: h.Self.TeamID, Channel: i.Channel, Person: i.User, Threads: []storage.ThreadID{in}}
	return h.Store.Decide(ctx, scope, func(s storage.Store) error { return decide(&decider{h, s}) })
}

// ask accepts the question that a button asks in a thread.
func (h *Handler) ask(ctx context.Context, i slackevent.Interaction, button string, q storage.Question) (afterwards func(), err error) {
	return h.askAs(ctx, i, q, func(context.Context, *decider) (string, error) { return button, nil })
}

// askAs is ask of a button that may have a reason not to ask: named returns the button's
// name, or that.
func (h *Handler) askAs(
	ctx context.Context, i slackevent.Interaction, q storage.Question, named func(context.Context, *decider) (button string, err error),
) (afterwards func(), err error) {
	var accepted storage.Question
	var fresh bool
	err = h.decide(ctx, i, q.Thread, func(d *decider) error {
		button, err := named(ctx, d)
		if err != nil {
			return err
		}
		accepted, fresh, err = d.accept(ctx, i, button, q)
		return err
	})
	return h.accepted(accepted, fresh, err)
}

// accept accepts the question that a button asks in a thread. A thread that the store
// does not know any more is created again.
func (d *decider) accept(ctx context.Context, i slackevent.Interaction, button string, q storage.Question) (_ storage.Question, fresh bool, err error) {
	now := d.Slack.Now()
	thread, err := d.Store.Thread(ctx, q.Thread)
	if errors.Is(err, storage.ErrNotFound) {
		thread = storage.Thread{ID: q.Thread, Agent: d.Policy.AgentOf(i.Channel), Joined: joins(q)}
	} else if err != nil {
		return q, false, err
	}
	thread.LastActive = now
	q.ID = storage.ButtonID(i.Message(d.Self.TeamID), button)
	if q.Thread.IsPrivate() {
		q.ResponseURL = i.ResponseURL
	}
	q.Asker, q.Agent, q.Origin, q.AcceptedAt = i.User, thread.Agent, storage.Button, now
	if err := d.withinLimits(ctx, q); err != nil {
		return q, false, err
	}
	fresh, err = d.DailyLimit.Accept(ctx, d.Store, q, thread)
	return q, fresh, err
}

// accepted returns, after a question was stored or not, a function that adds it to the
// queue, or a [refusal].
func (h *Handler) accepted(q storage.Question, fresh bool, err error) (func(), error) {
	switch {
	case errors.Is(err, intake.ErrDailyLimit):
		return nil, refusal(blocks.SayChannelSpent.Text())
	case err != nil:
		return nil, err
	case !fresh:
		return nil, refusedUsed
	}
	h.record(q)
	h.Log.Info().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Str("origin", string(q.Origin)).Msg("interact: question accepted")
	return func() {
		if h.Questions != nil {
			h.Questions.Add(q)
		}
	}, nil
}

// record records that a question was accepted. It has no message whose copies are recorded.
func (h *Handler) record(q storage.Question) {
	if h.Record != nil {
		h.Record(storage.Copy{
			Message: q.ID, At: q.AcceptedAt, Event: string(q.Origin), Decision: intake.DecisionAsk, Reason: "a person asked",
		})
	}
}

// withinLimits returns a [refusal] if the button was used before, or if the policy
// would refuse a message now, because the queue is full.
func (d *decider) withinLimits(ctx context.Context, q storage.Question) error {
	if _, err := d.Store.Question(ctx, q.ID); err == nil {
		return refusedUsed
	} else if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	refused, err := d.room(ctx, q)
	if err == nil && refused != "" {
		err = refusal(refused)
	}
	return err
}

// room returns why a question cannot wait, in words for the asker; empty if it can.
func (d *decider) room(ctx context.Context, q storage.Question) (refused string, err error) {
	if d.Questions != nil {
		_, mine, all := d.Questions.Depth(q.Thread, q.Asker)
		return d.Policy.Room(mine, all), nil
	}
	waiting, err := d.Store.Waiting(ctx, q.Thread, q.Asker)
	return d.Policy.Room(waiting.OfAsker, waiting.All), err
}

// joins reports whether a question repeats what was said within a thread of people.
func joins(q storage.Question) bool {
	return q.Thread.Root != "" && len(q.Again) > 0 && storage.MessageTS(q.Again[0].TS) != q.Thread.Root
}

// pressPause is how long after a person's press the same button ignores that person.
const pressPause = 10 * time.Second

// askEachTime asks what a button asks each time it is pressed, unless the same person
// pressed it less than [pressPause] ago. The question's identity has the number of
// the period in which it was pressed; an earlier press that is close enough is in the
// same period or next to it, so the store knows it, also after a restart.
func (h *Handler) askEachTime(ctx context.Context, i slackevent.Interaction, button string, q storage.Question) (func(), error) {
	unlock, err := h.locks.Lock(ctx, "press/"+i.Message(h.Self.TeamID).String()+"/"+button+"/"+i.User)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return h.askAs(ctx, i, q, func(ctx context.Context, d *decider) (string, error) {
		now := d.Slack.Now()
		period := now.Unix() / int64(pressPause/time.Second)
		name := func(period int64) string { return fmt.Sprintf("%s/%s/%d", button, i.User, period) }
		for _, near := range []int64{period - 1, period, period + 1} { // the next one if the clock was set back
			earlier, err := d.Store.Question(ctx, storage.ButtonID(i.Message(d.Self.TeamID), name(near)))
			switch {
			case errors.Is(err, storage.ErrNotFound):
			case err != nil:
				return "", err
			case near == period || now.Sub(earlier.AcceptedAt).Abs() < pressPause:
				return "", refusal(blocks.SayAskedJustNow.Text())
			}
		}
		return name(period), nil
	})
}

// retry repeats what a button names: a question that failed, or a message that was
// refused or edited. The store erases what people wrote at the end of a question, so
// the dispatcher reads it from their messages again.
func (h *Handler) retry(ctx context.Context, i slackevent.Interaction) (func(), error) {
	if id, text, ok := deliver.CutText(i.Value); ok {
		return h.retryPrivately(ctx, i, id, text)
	}
	q, err := h.question(ctx, i)
	again := storage.Question{
		Thread: q.Thread, MakesTicket: q.MakesTicket, HasFiles: q.HasFiles, NewConversation: q.NewConversation, Again: q.Again,
	}
	switch {
	case errors.Is(err, refusedOld): // a message that was never a question, or was forgotten
		id, _ := storage.ParseMessageID(i.Value)
		id.Channel = i.Channel
		again.Again = []storage.MessageID{id}
		again.Thread = slackevent.Message{ID: id, ThreadTS: i.ThreadTS}.Thread(h.Policy.AgentView)
	case err != nil:
		return nil, err
	case len(q.Again) > 0:
	case q.Origin == storage.Button && q.MakesTicket:
		again.Text = h.TicketPrompt
	default:
		again.Again = slices.Concat([]storage.MessageID{q.ID}, q.With)
	}
	return h.ask(ctx, i, "retry", again)
}
