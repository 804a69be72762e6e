package dispatch

import (
	"context"
	"errors"

	"enjobridge/storage"
)

// Merged takes questions out of the queue that the store has merged into a new one. If one
// is being claimed, the store refuses that.
func (d *Dispatcher) Merged(questions []storage.Question) {
	d.deliver.CountMerged(len(questions))
	for _, q := range questions {
		d.locked(func() {
			d.queue.Remove(q.ID)
			delete(d.texts, q.ID)
			d.forget(q.ID)
		})
		d.logFor(q.ID).Info().Msg("dispatch: question merged into the next one")
		d.start("clear the status of a merged question", func() { d.clearStatus(q) })
	}
}

// clearMerged clears what an earlier process may have left in the threads of the direct
// messages that were merged into a question.
func (d *Dispatcher) clearMerged(ctx context.Context, q storage.Question) error {
	for _, id := range q.With {
		merged, err := d.store.Question(ctx, id)
		switch {
		case errors.Is(err, storage.ErrNotFound) || err == nil && merged.Thread == q.Thread:
		case err != nil:
			return err
		default:
			d.status.Inherit(merged)
			d.start("clear the status of a merged question", func() { d.clearStatus(merged) })
		}
	}
	return nil
}
