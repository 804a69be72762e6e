package dispatch

import (
	"context"
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

// Resume continues with what an earlier process left. When it returns, all of that
// is in the queue or being delivered.
func (d *Dispatcher) Resume(ctx context.Context) error {
	left, err := d.store.Unfinished(ctx)
	if err != nil {
		return fmt.Errorf("reading unfinished questions: %w", err)
	}
	for _, q := range left {
		if err := d.resume(ctx, q); err != nil {
			return fmt.Errorf("resuming question %s: %w", q.ID, err)
		}
	}
	if len(left) > 0 {
		d.log.Info().Int("questions", len(left)).Msg("going on with what was left")
	}
	return nil
}

// reconcile looks for orphans until ctx ends, and resumes them: unfinished questions
// that this process does not hold. A write that was reported as failed can have been
// made: then a question is accepted, claimed or answered, and only the store knows.
func (d *Dispatcher) reconcile(ctx context.Context) {
	// An orphan at two looks in a row is one; at the first, the question may be
	// between the store and the queue.
	before := make(map[storage.MessageID]storage.State)
	for d.waitToReconcile(ctx, len(before) > 0) {
		orphans, err := d.orphans(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.Error().Err(err).Msg("stray questions could not be looked for")
		}
		for _, q := range orphans {
			if before[q.ID] == q.State && !d.threadHeld(q.Thread) {
				d.resumeOrphan(ctx, q)
			}
		}
		clear(before)
		for _, q := range orphans {
			before[q.ID] = q.State
		}
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

// orphans returns the unfinished questions that this process does not hold.
func (d *Dispatcher) orphans(ctx context.Context) ([]storage.Question, error) {
	unfinished, err := d.store.Unfinished(ctx)
	if err != nil {
		return nil, err
	}
	var orphans []storage.Question
	for _, q := range unfinished {
		if !d.holds(q) {
			orphans = append(orphans, q)
		}
	}
	return orphans, nil
}

func (d *Dispatcher) resumeOrphan(ctx context.Context, q storage.Question) {
	log := d.log.With().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Str("state", string(q.State)).Logger()
	log.Info().Msg("stray question is taken up")
	if err := d.resume(ctx, q); err != nil && ctx.Err() == nil {
		log.Error().Err(err).Str("hint", storage.DiskHint).Msg("stray question could not be taken up, trying again")
	}
}

// resume continues with an unfinished question, as its state says.
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
	d.status.Inherit(q)
	if q.State == storage.Queued {
		// If the clock was set back since, it could be hours away.
		if latest := time.Now().Add(maxBackOff); q.NotBefore.After(latest) {
			q.NotBefore = latest
		}
		d.Add(q)
		return nil
	}
	// The next question of the thread must not be answered before this one.
	d.mu.Lock()
	d.queue.Hold(q.Thread)
	d.mu.Unlock()
	d.running.Go(func() {
		defer d.releaseThread(q.Thread)
		log := d.log.With().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Logger()
		if err := d.deliver.Deliver(log.WithContext(d.background), q, true); err != nil {
			log.Warn().Err(err).Msg("outcome was not posted")
		}
	})
	return nil
}

// resolveUnknown has a question whose outcome is unknown asked again, or gives it up.
func (d *Dispatcher) resolveUnknown(ctx context.Context, q storage.Question) error {
	// The text of what a button asks again is read from Slack only later: it may be anything.
	risky := len(q.Again) > 0 || ticketing(ctx, d.store, q, q.Text)
	if again, _ := afterFailure(&enjo.Error{Code: enjo.OutcomeUnknown}, q, risky, false, d.backOff); again {
		return d.store.Requeue(ctx, q.ID, time.Time{}, true)
	}
	return d.store.SetOutcome(ctx, q.ID, failed(q.ID, unanswered(storage.FailureOutcomeUnknown, risky)), time.Now())
}

// releaseThread allows the thread's next question to be asked.
func (d *Dispatcher) releaseThread(thread storage.ThreadID) {
	d.mu.Lock()
	d.queue.Release(thread)
	d.mu.Unlock()
	d.signal()
}

// holds reports whether a question is queued, asked or delivered by this process.
func (d *Dispatcher) holds(q storage.Question) bool {
	if d.deliver.Holds(q.ID) {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Has(q.ID) || d.cancels[q.ID] != nil
}

// threadHeld reports whether a question of a thread is asked or delivered.
func (d *Dispatcher) threadHeld(thread storage.ThreadID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Holds(thread)
}

// queued reports whether a question is in the queue.
func (d *Dispatcher) queued(id storage.MessageID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Has(id)
}
