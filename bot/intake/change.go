package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// storeSessionStop stops the questions of a thread for a person who pressed Slack's
// Stop button, if the policy admits that person.
func (i *Intake) storeSessionStop(ctx context.Context, e slackevent.SessionStopped) (after func(), err error) {
	id := storage.MessageID{Team: e.Thread.Team, Channel: e.Thread.Channel, TS: e.Thread.Root}
	m := slackevent.Message{ID: id, ThreadTS: e.Thread.Root, User: e.User, Membership: e.Membership}
	what := decision{action: actionStop, reason: reasonStop}
	if refused := refusal(m, i.policy); refused != nil {
		what = *refused
		after = func() { i.notifier.notify(m, what, unclaimed) }
	} else {
		scope := storage.Scope{Team: id.Team, Channel: id.Channel, Threads: []storage.ThreadID{e.Thread}}
		after, err = i.transact(ctx, scope, func(d *decider) error { return d.storeStop(ctx, e.Thread) })
		if err != nil {
			return nil, err
		}
	}
	i.decisions.WithLabelValues(string(what.action), string(what.reason)).Inc()
	zerolog.Ctx(ctx).Info().Str("thread", e.Thread.String()).Str("user", e.User).
		Str("decision", string(what.action)).Str("reason", string(what.reason)).Msg("intake: press of the Stop button decided")
	return after, nil
}

// storeDeletion cancels the question of a deleted message, or has its answer deleted. The
// decision has no action if the message has no question.
func (i *Intake) storeDeletion(ctx context.Context, id storage.MessageID) (after func(), what decision, err error) {
	scope := storage.Scope{
		Team: id.Team, Channel: id.Channel, Questions: []storage.MessageID{id}, Keys: []storage.Key{storage.DeletedKey(id)},
	}
	after, err = i.transact(ctx, scope, func(d *decider) (err error) {
		what, err = d.deletion(ctx, id)
		return err
	})
	if err != nil {
		return nil, decision{}, err
	}
	return after, what, nil
}

// deletion decides on the deletion of a message.
func (d *decider) deletion(ctx context.Context, id storage.MessageID) (decision, error) {
	q, err := d.store.Question(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return decision{}, d.storeEarlyDeletion(ctx, id)
	} else if err != nil {
		return decision{}, fmt.Errorf("looking for a deleted message's question: %w", err)
	}
	if len(q.With) > 0 || q.State == storage.Merged {
		return d.storePartDeletion(ctx, id) // the answer is also that of the other messages
	}
	if q.State == storage.Queued || q.State == storage.Asking {
		return d.storeRetraction(ctx, q)
	}
	// While its answer is posted, its posts are not known yet: the end of the question reads this key.
	if _, err := d.store.FirstTime(ctx, storage.DeletedKey(id), d.slack.Now()); err != nil {
		return decision{}, fmt.Errorf("storing that a question was deleted: %w", err)
	}
	if q, err = d.store.Question(ctx, id); err != nil {
		return decision{}, fmt.Errorf("looking for a deleted message's question: %w", err)
	}
	if q.State.Ended() {
		d.after(func() { d.queue.Retract(q) })
	}
	return decision{action: actionRetract, reason: reasonDeleted}, nil
}

// storePartDeletion has a waiting question, of which a deleted message is a part, asked
// without it.
func (d *decider) storePartDeletion(ctx context.Context, id storage.MessageID) (decision, error) {
	changed, err := d.store.Edit(ctx, id, "")
	switch {
	case err == nil:
		d.before(func() { d.queue.Edit(changed) }) // because the question can be asked at any moment
		return decision{action: actionEdit, reason: reasonPartDeleted}, nil
	case !errors.Is(err, storage.ErrState) && !errors.Is(err, storage.ErrNotFound):
		return decision{}, fmt.Errorf("storing that a part of a question was deleted: %w", err)
	}
	return decision{action: actionIgnore, reason: reasonTooLate}, nil
}

// storeRetraction ends the question of a deleted message as if it had not been asked.
func (d *decider) storeRetraction(ctx context.Context, q storage.Question) (decision, error) {
	outcome := storage.Outcome{Failure: storage.FailureDropped, Retracted: true}
	err := d.store.SetOutcome(ctx, q.ID, outcome, d.slack.Now())
	if errors.Is(err, storage.ErrState) || errors.Is(err, storage.ErrNotFound) {
		return d.deletion(ctx, q.ID) // its state has changed meanwhile
	} else if err != nil {
		return decision{}, fmt.Errorf("cancelling a deleted question: %w", err)
	}
	q.State, q.Outcome = storage.Answered, &outcome
	d.after(func() { d.queue.Stop([]storage.Question{q}) })
	return decision{action: actionRetract, reason: reasonDeleted}, nil
}

// storeEarlyDeletion remembers the deletion of a message whose own event may still come.
func (d *decider) storeEarlyDeletion(ctx context.Context, id storage.MessageID) error {
	if now := d.slack.Now(); now.Sub(slackevent.ParseTS(id.TS)) < earlyFor {
		if _, err := d.store.FirstTime(ctx, storage.DeletedKey(id), now); err != nil {
			return fmt.Errorf("storing that a message was deleted: %w", err)
		}
	}
	return nil
}
