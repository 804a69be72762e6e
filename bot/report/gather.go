package report

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Gather returns a report of what the store has. The store keeps what ended for the
// retention before now.
func Gather(ctx context.Context, store storage.Store, self slackevent.Identity, query Query, now time.Time, retention time.Duration) (Report, error) {
	a := NewAggregator(query, self)
	if err := gather(ctx, store, a); err != nil {
		return Report{}, fmt.Errorf("making a report: %w", err)
	}
	return a.Report(now.Add(-retention)), nil
}

// gather gives an aggregator what the store has of its period. A question of the period ended
// in it, or later.
func gather(ctx context.Context, store storage.Store, a *Aggregator) error {
	from, until := a.query.From, a.query.Until
	seen := make(map[storage.MessageID]bool)
	unfinished, err := store.Unfinished(ctx)
	if err != nil {
		return err
	}
	for _, q := range unfinished {
		seen[q.ID] = true
		a.Question(q)
	}
	err = store.EachEnded(ctx, from, endOfTime, func(q storage.Question) error {
		if !seen[q.ID] { // it has ended since
			a.Question(q)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = store.EachFeedback(ctx, from, until, func(f storage.Feedback) error {
		q, err := question(ctx, store, f.Question)
		if err == nil {
			a.Feedback(f, q)
		}
		return err
	})
	if err != nil {
		return err
	}
	return store.EachEvent(ctx, from, until, func(e storage.Event) error {
		q, err := question(ctx, store, e.Question)
		if err == nil {
			a.Event(e, q)
		}
		return err
	})
}

// endOfTime is after everything that is stored, also if a clock was set back.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// question returns a question; one with only its ID if it is not stored any more.
func question(ctx context.Context, store storage.Store, id storage.MessageID) (storage.Question, error) {
	q, err := store.Question(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return storage.Question{ID: id}, nil
	}
	return q, err
}
