package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

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
func (i *Intake) storeEdit(ctx context.Context, c slackevent.MessageChanged) (after func(), what decision, err error) {
	scope := i.scopeOf(c.After)
	scope.Keys = append(scope.Keys, storage.AskedEditKey(c.After.ID, c.After.EditedTS), storage.EditedKey(c.After.ID))
	var asked *stored
	after, err = i.transact(ctx, scope, func(d *decider) (err error) {
		what, asked, err = d.edit(ctx, c)
		return err
	})
	if err == nil && asked != nil {
		err = i.stored(ctx, c.After, asked)
	}
	if err != nil {
		return nil, decision{}, err
	}
	return after, what, nil
}

// edit decides on the edit of a message. It returns the decision on the message instead if
// that becomes a question.
func (d *decider) edit(ctx context.Context, c slackevent.MessageChanged) (what decision, asked *stored, err error) {
	id := c.After.ID
	q, err := d.store.Question(ctx, id)
	switch {
	case errors.Is(err, storage.ErrNotFound) && d.addsMention(c):
		s, err := d.message(ctx, c.After)
		return decision{}, &s, err
	case errors.Is(err, storage.ErrNotFound):
		return decision{}, nil, d.storeEarlyEdit(ctx, c)
	case err != nil:
		return decision{}, nil, fmt.Errorf("looking for an edited message's question: %w", err)
	case q.Asker != c.After.User || d.policy.Admit(c.After) != "":
		return decision{action: actionIgnore, reason: reasonEditNotAdmitted}, nil, nil
	}
	// The question can have been asked with this text: the edit made it one, or history had it.
	if asked, err := d.store.Seen(ctx, storage.AskedEditKey(id, c.After.EditedTS)); err != nil {
		return decision{}, nil, fmt.Errorf("looking for an edit: %w", err)
	} else if asked {
		return decision{action: actionIgnore, reason: reasonEditKnown}, nil, nil
	}
	edited, err := d.store.Edit(ctx, id, c.After.Content)
	if err == nil {
		d.before(func() { d.queue.Edit(edited) }) // because the question can be asked at any moment
		return decision{action: actionEdit, reason: reasonEdited}, nil, nil
	} else if !errors.Is(err, storage.ErrState) {
		return decision{}, nil, fmt.Errorf("storing an edited question: %w", err)
	}
	what, err = d.storeOffer(ctx, q)
	return what, nil, err
}

// storeOffer has the asker of a question that was edited after it was asked offered once to
// ask again.
func (d *decider) storeOffer(ctx context.Context, q storage.Question) (decision, error) {
	first, err := d.store.FirstTime(ctx, storage.EditedKey(q.ID), d.slack.Now())
	switch {
	case err != nil:
		return decision{}, fmt.Errorf("storing that a question was edited: %w", err)
	case !first:
		return decision{action: actionIgnore, reason: reasonEditedBefore}, nil
	}
	d.after(func() { d.notifier.offerAgain(q) })
	return decision{action: actionOffer, reason: reasonTooLate}, nil
}

// storeEarlyEdit remembers the edit of a message whose own event may still come. That can
// come to another replica: then the message is read again.
func (d *decider) storeEarlyEdit(ctx context.Context, c slackevent.MessageChanged) error {
	id, now := c.After.ID, d.slack.Now()
	if now.Sub(slackevent.ParseTS(id.TS)) >= earlyFor {
		return nil
	}
	if !d.shared {
		d.before(func() { d.earlyEdits.add(id, c, len(c.Before)+len(c.After.Text)+len(c.After.Content), now) })
		return nil
	}
	if _, err := d.store.FirstTime(ctx, storage.EarlyEditKey(id), now); err != nil {
		return fmt.Errorf("storing that a message was edited: %w", err)
	}
	return nil
}

// readEarlyEdits has the message of a new question read again before it is asked, if it was
// edited before.
func (d *decider) readEarlyEdits(ctx context.Context, q *storage.Question) error {
	edited, err := d.store.Seen(ctx, storage.EarlyEditKey(q.ID))
	if edited {
		q.Again = []storage.MessageID{q.ID}
	}
	return err
}

// applyEarlyEdits returns a new question with the current text of its message, if that
// was edited before the question was accepted.
func (d *decider) applyEarlyEdits(ctx context.Context, q storage.Question) storage.Question {
	for _, c := range d.earlyEdits.take(q.ID) {
		if c.After.User != q.Asker {
			continue
		}
		edited, err := d.store.Edit(ctx, q.ID, c.After.Content)
		if err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("question", q.ID.String()).Str("hint", storage.Hint(err)).Msg("intake: storing an early edit failed")
			continue
		}
		q = edited
	}
	return q
}
