package dispatch

import (
	"slices"

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

// otherThreads returns the threads of the direct messages that were merged into a question.
// Replies there continue its conversation.
func otherThreads(q storage.Question) (threads []storage.ThreadID) {
	for _, id := range q.With {
		if thread := q.ThreadOf(id); thread != q.Thread && !slices.Contains(threads, thread) {
			threads = append(threads, thread)
		}
	}
	return threads
}

// clearMerged clears what an earlier process may have left in the threads of the direct
// messages that were merged into a question.
func (d *Dispatcher) clearMerged(q storage.Question) {
	for _, id := range q.With {
		if merged := (storage.Question{ID: id, Thread: q.ThreadOf(id)}); merged.Thread != q.Thread {
			d.status.Inherit(merged)
			d.start("clear the status of a merged question", func() { d.clearStatus(merged) })
		}
	}
}
