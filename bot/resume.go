package bot

import (
	"context"
	"fmt"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// resume takes up what an earlier process left: it returns when all of it is in
// line or being delivered.
func (w *worker) resume(ctx, hard context.Context) error {
	left, err := w.store.Unfinished(ctx)
	if err != nil {
		return fmt.Errorf("reading unfinished questions: %w", err)
	}
	for _, q := range left {
		if err := w.resumeOne(ctx, hard, q); err != nil {
			return fmt.Errorf("taking up question %s: %w", q.ID, err)
		}
	}
	if len(left) > 0 {
		w.log.Info().Int("questions", len(left)).Msg("going on with what was left")
	}
	return nil
}

// resumeOne takes up one unfinished question, as its state says.
func (w *worker) resumeOne(ctx, hard context.Context, q storage.Question) error {
	if q.State == storage.Asking {
		// The process died while asking: the outcome is unknown.
		// The text of what a button asks again is read from Slack only later: it may be anything.
		risky := len(q.Again) > 0 || ticketing(ctx, w.store, q, q.Text)
		if again, _ := afterFailure(&enjo.Error{Code: enjo.OutcomeUnknown}, q, risky, false, w.backOff); again {
			if err := w.store.Requeue(ctx, q.ID, time.Time{}, true); err != nil {
				return err
			}
		} else if err := w.store.Settle(ctx, q.ID, w.failed(q.ID, unanswered(storage.FailureOutcomeUnknown, risky)), time.Now()); err != nil {
			return err
		}
	}
	q, err := w.store.Question(ctx, q.ID)
	if err != nil {
		return err
	}
	w.indicators.Inherit(q)
	if q.State == storage.Queued {
		// By a clock that was set back since, it could be hours away.
		if latest := time.Now().Add(mostBackOff); q.NotBefore.After(latest) {
			q.NotBefore = latest
		}
		w.enter(hard, q)
		return nil
	}
	log := w.log.With().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Logger()
	// What was asked next in the thread is not to be answered before.
	w.mu.Lock()
	w.line.Hold(q.Thread)
	w.mu.Unlock()
	w.running.Go(func() {
		defer w.leaveThread(q.Thread)
		if err := w.deliver.Deliver(log.WithContext(hard), q, true); err != nil {
			log.Warn().Err(err).Msg("outcome was not posted")
		}
	})
	return nil
}

// leaveThread lets a thread's next question be asked.
func (w *worker) leaveThread(thread storage.ThreadID) {
	w.mu.Lock()
	w.line.Release(thread)
	w.mu.Unlock()
	w.stir()
}
