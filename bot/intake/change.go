package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// storeStop stops what waits or is asked in a thread.
func (l *Intake) storeStop(ctx context.Context, thread storage.ThreadID) (func(), error) {
	stopped, err := l.store.StopThread(ctx, thread)
	if err != nil {
		return nil, fmt.Errorf("stopping questions: %w", err)
	}
	return func() { l.queue.Stop(stopped) }, nil
}

// storeDeletion ends the question of a deleted message, or lets its answer be
// taken down.
func (l *Intake) storeDeletion(ctx context.Context, id storage.MessageID) (func(), error) {
	q, err := l.store.Question(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return func() {}, l.storeEarlyDeletion(ctx, id)
	} else if err != nil {
		return nil, fmt.Errorf("looking for a deleted message's question: %w", err)
	}
	if !q.State.Ended() && len(q.With) > 0 {
		return func() {}, nil // the others are answered all the same
	}
	if q.State == storage.Queued || q.State == storage.Asking {
		return l.storeRetraction(ctx, q)
	}
	// While it is posted nobody knows yet what is to be taken down: its end looks for this.
	if _, err := l.store.FirstTime(ctx, storage.DeletedKey(id), time.Now()); err != nil {
		return nil, fmt.Errorf("storing that a question was deleted: %w", err)
	}
	if q, err = l.store.Question(ctx, id); err != nil {
		return nil, fmt.Errorf("looking for a deleted message's question: %w", err)
	}
	return func() {
		if q.State.Ended() {
			l.queue.Retract(q)
		}
	}, nil
}

// storeRetraction ends the question of a deleted message as if it had not been asked.
func (l *Intake) storeRetraction(ctx context.Context, q storage.Question) (func(), error) {
	outcome := storage.Outcome{Failure: storage.FailureDropped, Retracted: true}
	err := l.store.SetOutcome(ctx, q.ID, outcome, time.Now())
	if errors.Is(err, storage.ErrState) || errors.Is(err, storage.ErrNotFound) {
		return l.storeDeletion(ctx, q.ID) // it went on meanwhile
	} else if err != nil {
		return nil, fmt.Errorf("cancelling a deleted question: %w", err)
	}
	q.State, q.Outcome = storage.Answered, &outcome
	return func() { l.queue.Stop([]storage.Question{q}) }, nil
}

// storeEarlyDeletion remembers the deletion of a message that may be told of later.
func (l *Intake) storeEarlyDeletion(ctx context.Context, id storage.MessageID) error {
	if now := time.Now(); now.Sub(slackevent.ParseTS(id.TS)) < earlyFor {
		if _, err := l.store.FirstTime(ctx, storage.DeletedKey(id), now); err != nil {
			return fmt.Errorf("storing that a message was deleted: %w", err)
		}
	}
	return nil
}

// storeEdit makes a question that waits ask what its message says now. Of an
// answered question it lets the asker be offered to ask again, once.
func (l *Intake) storeEdit(ctx context.Context, c slackevent.MessageChanged) (func(), error) {
	q, err := l.store.Question(ctx, c.ID)
	if errors.Is(err, storage.ErrNotFound) {
		if q, err = l.storeEarlyEdit(ctx, c); errors.Is(err, storage.ErrNotFound) {
			return func() {}, nil
		}
	}
	if err == nil && q.Asker != c.User {
		return func() {}, nil
	} else if err != nil {
		return nil, fmt.Errorf("looking for an edited message's question: %w", err)
	}
	edited, err := l.store.Edit(ctx, c.ID, c.After)
	if err == nil {
		l.queue.Edit(edited) // before the acknowledgement: its turn can come at any moment
		return func() {}, nil
	} else if !errors.Is(err, storage.ErrState) {
		return nil, fmt.Errorf("storing an edited question: %w", err)
	}
	first, err := l.store.FirstTime(ctx, storage.EditedKey(c.ID), time.Now())
	if err != nil {
		return nil, fmt.Errorf("storing that a question was edited: %w", err)
	}
	return func() {
		if first {
			l.notifier.offerAgain(l.background, q)
		}
	}, nil
}

// storeEarlyEdit remembers the edit of a message that may be told of later. If it
// has become a question meanwhile whose edit nobody sees to, that is returned.
func (l *Intake) storeEarlyEdit(ctx context.Context, c slackevent.MessageChanged) (storage.Question, error) {
	now := time.Now()
	if now.Sub(slackevent.ParseTS(c.ID.TS)) >= earlyFor {
		return storage.Question{}, storage.ErrNotFound
	}
	l.earlyEdits.remember(c.ID, c, len(c.Before)+len(c.After), now)
	q, err := l.store.Question(ctx, c.ID)
	if err == nil && len(l.earlyEdits.recall(c.ID)) == 0 {
		return storage.Question{}, storage.ErrNotFound
	}
	return q, err
}

// asEdited returns a new question with what its message says now, if that was
// edited before the bot was told of it.
func (l *Intake) asEdited(ctx context.Context, q storage.Question) storage.Question {
	for _, c := range l.earlyEdits.recall(q.ID) {
		if c.User != q.Asker {
			continue
		}
		edited, err := l.store.Edit(ctx, q.ID, c.After)
		if err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("question", q.ID.String()).Str("hint", storage.DiskHint).Msg("an early edit could not be stored")
			continue
		}
		q = edited
	}
	return q
}
