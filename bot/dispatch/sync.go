package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/storage"
)

// Sync brings the dispatcher in line with a question of the store that another replica may
// have accepted, edited, merged or stopped. What this dispatcher works on already goes on.
// Sync can be called at any time, and again.
func (d *Dispatcher) Sync(ctx context.Context, id storage.MessageID) error {
	delivering := d.delivers(d.idNow(id)) // asked before, because the delivery can end while the store is read
	q, err := d.current(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil // it was forgotten
	} else if err != nil {
		return err
	}
	switch q.State {
	case storage.Queued:
		d.syncQueued(q)
	case storage.Answered:
		// Other outcomes come from this dispatcher, or are delivered as orphans.
		if wasStopped(q) && !delivering && !d.delivers(q.ID) {
			d.Stop([]storage.Question{q})
		}
	case storage.Merged:
		if d.queued(q.ID) {
			d.Merged([]storage.Question{q})
		}
	}
	return nil
}

// current returns a question as the store has it, also if its channel has got another ID.
func (d *Dispatcher) current(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	q, err := d.store.Question(ctx, d.idNow(id))
	if err != nil {
		return q, fmt.Errorf("reading the question %s: %w", id, err)
	}
	return q, nil
}

// syncQueued adds a question that waits in the store to the queue, or takes over its text.
func (d *Dispatcher) syncQueued(q storage.Question) {
	if !d.holds(q.ID) {
		// If another machine's clock is ahead, it could be hours away.
		if latest := time.Now().Add(maxBackOff); q.NotBefore.After(latest) {
			q.NotBefore = latest
		}
		d.Add(q)
		return
	}
	changed := false
	d.locked(func() {
		if d.queue.Has(q.ID) {
			text, ready := d.texts[q.ID]
			changed = !ready || text.source != q.Text || text.again != (len(q.Again) > 0)
		}
	})
	if changed {
		d.Edit(q)
	}
}

// wasStopped reports whether people have ended a question, and not the agent.
func wasStopped(q storage.Question) bool {
	return q.Outcome != nil && (q.Outcome.Failure == storage.FailureStopped || q.Outcome.Failure == storage.FailureDropped)
}

// SyncDeleted deletes the answer to a question whose message was deleted, if the question has
// ended. The end of others finds that out.
func (d *Dispatcher) SyncDeleted(ctx context.Context, id storage.MessageID) error {
	q, err := d.current(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil // the message was no question
	} else if err != nil {
		return err
	}
	if q.State.Ended() {
		d.Retract(q)
	}
	return nil
}

// SyncMoved moves the questions of a channel that has got another ID.
func (d *Dispatcher) SyncMoved(ctx context.Context, from, to string) error {
	all, err := d.store.Unfinished(ctx)
	if err != nil {
		return fmt.Errorf("reading unfinished questions: %w", err)
	}
	var moved []storage.Question
	for _, q := range all {
		if q.ID.Channel == to {
			moved = append(moved, q)
		}
	}
	d.Moved(from, to, moved)
	for _, q := range moved {
		if q.State == storage.Queued {
			d.syncQueued(q) // it can have been announced under the old ID only
		}
	}
	return nil
}
