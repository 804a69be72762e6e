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
	d := decision{action: actionStop, reason: reasonStop}
	if refused := refusal(m, i.policy); refused != nil {
		d = *refused
		after = func() { i.notifier.notify(m, d, func(bool) {}) }
	} else if after, err = i.storeStop(ctx, e.Thread); err != nil {
		return nil, err
	}
	i.decisions.WithLabelValues(string(d.action), string(d.reason)).Inc()
	zerolog.Ctx(ctx).Info().Str("thread", e.Thread.String()).Str("user", e.User).
		Str("decision", string(d.action)).Str("reason", string(d.reason)).Msg("intake: press of the Stop button decided")
	return after, nil
}

// storeDeletion cancels the question of a deleted message, or has its answer deleted. The
// decision has no action if the message has no question.
func (i *Intake) storeDeletion(ctx context.Context, id storage.MessageID) (after func(), d decision, err error) {
	q, err := i.store.Question(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return func() {}, decision{}, i.storeEarlyDeletion(ctx, id)
	} else if err != nil {
		return nil, decision{}, fmt.Errorf("looking for a deleted message's question: %w", err)
	}
	if len(q.With) > 0 || q.State == storage.Merged {
		d, err = i.storePartDeletion(ctx, id) // the answer is also that of the other messages
		return func() {}, d, err
	}
	if q.State == storage.Queued || q.State == storage.Asking {
		return i.storeRetraction(ctx, q)
	}
	// While its answer is posted, its posts are not known yet: the end of the question reads this key.
	if _, err := i.store.FirstTime(ctx, storage.DeletedKey(id), i.slack.Now()); err != nil {
		return nil, decision{}, fmt.Errorf("storing that a question was deleted: %w", err)
	}
	if q, err = i.store.Question(ctx, id); err != nil {
		return nil, decision{}, fmt.Errorf("looking for a deleted message's question: %w", err)
	}
	return func() {
		if q.State.Ended() {
			i.queue.Retract(q)
		}
	}, decision{action: actionRetract, reason: reasonDeleted}, nil
}

// storePartDeletion has a waiting question, of which a deleted message is a part, asked
// without it.
func (i *Intake) storePartDeletion(ctx context.Context, id storage.MessageID) (decision, error) {
	changed, err := i.store.Edit(ctx, id, "")
	switch {
	case err == nil:
		i.queue.Edit(changed) // before the ack, because the question can be asked at any moment
		return decision{action: actionEdit, reason: reasonPartDeleted}, nil
	case !errors.Is(err, storage.ErrState) && !errors.Is(err, storage.ErrNotFound):
		return decision{}, fmt.Errorf("storing that a part of a question was deleted: %w", err)
	}
	return decision{action: actionIgnore, reason: reasonTooLate}, nil
}

// storeRetraction ends the question of a deleted message as if it had not been asked.
func (i *Intake) storeRetraction(ctx context.Context, q storage.Question) (after func(), d decision, err error) {
	outcome := storage.Outcome{Failure: storage.FailureDropped, Retracted: true}
	err = i.store.SetOutcome(ctx, q.ID, outcome, i.slack.Now())
	if errors.Is(err, storage.ErrState) || errors.Is(err, storage.ErrNotFound) {
		return i.storeDeletion(ctx, q.ID) // its state has changed meanwhile
	} else if err != nil {
		return nil, decision{}, fmt.Errorf("cancelling a deleted question: %w", err)
	}
	q.State, q.Outcome = storage.Answered, &outcome
	return func() { i.queue.Stop([]storage.Question{q}) }, decision{action: actionRetract, reason: reasonDeleted}, nil
}

// storeEarlyDeletion remembers the deletion of a message whose own event may still come.
func (i *Intake) storeEarlyDeletion(ctx context.Context, id storage.MessageID) error {
	if now := i.slack.Now(); now.Sub(slackevent.ParseTS(id.TS)) < earlyFor {
		if _, err := i.store.FirstTime(ctx, storage.DeletedKey(id), now); err != nil {
			return fmt.Errorf("storing that a message was deleted: %w", err)
		}
	}
	return nil
}

// addsMention reports whether an edit added the bot's mention to a message: from then on
// it is a question.
func (i *Intake) addsMention(c slackevent.MessageChanged) bool {
	self := i.policy.Self.UserID
	return !slackevent.Mentions(c.Before, self) && slackevent.Mentions(c.After.Text, self)
}

// storeEdit gives a waiting question the new text of its message. If the question was
// already asked, its asker is offered once to ask again. An edit that adds the bot's
// mention to another message makes that a question. Only an author can edit a
// message, so the policy is asked about the asker, who may have lost access. The decision
// has no action if the message had no question.
func (i *Intake) storeEdit(ctx context.Context, c slackevent.MessageChanged) (after func(), d decision, err error) {
	id := c.After.ID
	q, err := i.store.Question(ctx, id)
	switch {
	case errors.Is(err, storage.ErrNotFound) && i.addsMention(c):
		after, _, err = i.storeMessage(ctx, c.After)
		return after, decision{}, err
	case errors.Is(err, storage.ErrNotFound):
		if now := i.slack.Now(); now.Sub(slackevent.ParseTS(id.TS)) < earlyFor {
			i.earlyEdits.add(id, c, len(c.Before)+len(c.After.Text)+len(c.After.Content), now)
		}
		return func() {}, decision{}, nil
	case err != nil:
		return nil, decision{}, fmt.Errorf("looking for an edited message's question: %w", err)
	case q.Asker != c.After.User || i.policy.Admit(c.After) != "":
		return func() {}, decision{action: actionIgnore, reason: reasonEditNotAdmitted}, nil
	}
	// The question can have been asked with this text: the edit made it one, or history had it.
	if asked, err := i.store.Seen(ctx, storage.AskedEditKey(id, c.After.EditedTS)); err != nil {
		return nil, decision{}, fmt.Errorf("looking for an edit: %w", err)
	} else if asked {
		return func() {}, decision{action: actionIgnore, reason: reasonEditKnown}, nil
	}
	edited, err := i.store.Edit(ctx, id, c.After.Content)
	if err == nil {
		i.queue.Edit(edited) // before the ack, because the question can be asked at any moment
		return func() {}, decision{action: actionEdit, reason: reasonEdited}, nil
	} else if !errors.Is(err, storage.ErrState) {
		return nil, decision{}, fmt.Errorf("storing an edited question: %w", err)
	}
	return i.storeOffer(ctx, q)
}

// storeOffer has the asker of a question that was edited after it was asked offered once to
// ask again.
func (i *Intake) storeOffer(ctx context.Context, q storage.Question) (after func(), d decision, err error) {
	first, err := i.store.FirstTime(ctx, storage.EditedKey(q.ID), i.slack.Now())
	switch {
	case err != nil:
		return nil, decision{}, fmt.Errorf("storing that a question was edited: %w", err)
	case !first:
		return func() {}, decision{action: actionIgnore, reason: reasonEditedBefore}, nil
	}
	return func() { i.notifier.offerAgain(q) }, decision{action: actionOffer, reason: reasonTooLate}, nil
}

// applyEarlyEdits returns a new question with the current text of its message, if that
// was edited before the question was accepted.
func (i *Intake) applyEarlyEdits(ctx context.Context, q storage.Question) storage.Question {
	for _, c := range i.earlyEdits.take(q.ID) {
		if c.After.User != q.Asker {
			continue
		}
		edited, err := i.store.Edit(ctx, q.ID, c.After.Content)
		if err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("question", q.ID.String()).Str("hint", storage.Hint(err)).Msg("intake: storing an early edit failed")
			continue
		}
		q = edited
	}
	return q
}
