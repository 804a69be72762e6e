package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/enjo"
	"enjobridge/storage"
)

const (
	// reconcileEvery is the time between two looks for orphans, and reconcileSoon the
	// one after a look that found some, or after the store has recovered.
	reconcileEvery = time.Minute
	reconcileSoon  = 5 * time.Second
)

// Resume continues with the questions that an earlier process left. When it returns,
// all of them are in the queue or being delivered.
func (d *Dispatcher) Resume(ctx context.Context) error {
	left, err := d.reconcile(ctx, func(storage.Question) bool { return true })
	if err == nil && len(left) > 0 {
		d.log.Info().Int("questions", len(left)).Msg("dispatch: resuming unfinished questions")
	}
	return err
}

// reconcileRegularly looks for orphans until ctx ends, and resumes them.
func (d *Dispatcher) reconcileRegularly(ctx context.Context) {
	var before map[storage.MessageID]storage.State
	for d.waitToReconcile(ctx, len(before) > 0) {
		orphans, err := d.reconcile(ctx, func(q storage.Question) bool {
			// At the first look it may be between the store and the queue.
			due := before[q.ID] == q.State && !d.threadHeld(q.Thread)
			if due {
				d.logFor(q.ID).Info().Str("state", string(q.State)).Msg("dispatch: resuming an orphaned question")
			}
			return due
		})
		if err != nil && ctx.Err() == nil {
			d.log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("dispatch: resuming unfinished questions failed, retrying")
		}
		before = orphans
	}
}

// waitToReconcile waits until it is time for another look; false if ctx ends before.
func (d *Dispatcher) waitToReconcile(ctx context.Context, soon bool) bool {
	wait := reconcileEvery
	if soon {
		wait = reconcileSoon
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.recovered:
		return backoff.Sleep(ctx, reconcileSoon) == nil
	case <-ctx.Done():
		return false
	}
}

// reconcile returns the orphans with their states, and resumes those that are due.
// Orphans are unfinished questions that this process does not hold: those of an
// earlier process, and those whose write was reported as failed although it was made.
func (d *Dispatcher) reconcile(ctx context.Context, due func(storage.Question) bool) (orphans map[storage.MessageID]storage.State, err error) {
	unfinished, err := d.store.Unfinished(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading unfinished questions: %w", err)
	}
	orphans = make(map[storage.MessageID]storage.State)
	for _, q := range unfinished {
		if d.holds(q.ID) {
			continue
		}
		orphans[q.ID] = q.State
		if !due(q) {
			continue
		}
		if failed := d.resume(ctx, q); failed != nil {
			err = errors.Join(err, fmt.Errorf("resuming question %s: %w", q.ID, failed))
		}
	}
	return orphans, err
}

// resume continues with an unfinished question, as its state now says: it can have
// ended since it was read.
func (d *Dispatcher) resume(ctx context.Context, q storage.Question) error {
	if q.State == storage.Asking {
		if err := d.resolveUnknown(ctx, q); err != nil {
			return err
		}
	}
	q, err := d.store.Question(ctx, q.ID)
	if err != nil {
		return err
	}
	d.clearMerged(q)
	switch q.State {
	case storage.Queued:
		d.status.Inherit(q)
		// If the clock was set back since, it could be hours away.
		if latest := time.Now().Add(maxBackOff); q.NotBefore.After(latest) {
			q.NotBefore = latest
		}
		d.Add(q)
	case storage.Answered:
		d.status.Inherit(q)
		// The next question of the thread must not be answered before this one.
		d.locked(func() { d.queue.Hold(q.Thread) })
		done := d.deliver.Begin(q.ID)
		d.start("deliver an outcome", func() {
			defer done()
			defer d.releaseThread(q.Thread)
			d.post(d.logFor(q.ID).WithContext(d.background), q, true)
		})
	}
	return nil
}

// resolveUnknown requeues a question whose outcome is unknown, or ends it as failed.
func (d *Dispatcher) resolveUnknown(ctx context.Context, q storage.Question) error {
	// The messages that a button asks again are read from Slack later, and can say anything.
	risky := len(q.Again) > 0 || mayChangeTicket(ctx, d.store, q, q.Text)
	if again, _ := afterFailure(&enjo.Error{Code: enjo.OutcomeUnknown}, q, risky, false, d.backOff); again {
		return d.store.Requeue(ctx, q.ID, time.Time{}, true)
	}
	return d.store.SetOutcome(ctx, q.ID, failed(q.ID, finalCode(storage.FailureOutcomeUnknown, risky)), d.slack.Now())
}

// releaseThread allows the thread's next question to be asked.
func (d *Dispatcher) releaseThread(thread storage.ThreadID) {
	d.locked(func() { d.queue.Release(thread) })
	d.signal()
}

// holds reports whether a question is queued, asked or delivered by this process.
func (d *Dispatcher) holds(id storage.MessageID) bool {
	if d.delivers(id) {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Has(id) || d.cancels[id] != nil || d.cancels[d.idBefore(id)] != nil
}

// delivers reports whether the outcome of a question is being delivered.
func (d *Dispatcher) delivers(id storage.MessageID) bool {
	var before storage.MessageID
	d.locked(func() { before = d.idBefore(id) })
	return d.deliver.Holds(id) || d.deliver.Holds(before)
}

// threadHeld reports whether a question of a thread is asked or delivered.
func (d *Dispatcher) threadHeld(thread storage.ThreadID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Holds(thread)
}
