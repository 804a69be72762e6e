package dispatch

import (
	"enjobridge/storage"
)

// Retract takes down the answer to a question whose message was deleted.
func (d *Dispatcher) Retract(q storage.Question) {
	log := d.log.With().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Logger()
	d.running.Go(func() { d.deliver.Retract(log.WithContext(d.background), q) })
}

// Edit makes a waiting question's text what its message says now.
func (d *Dispatcher) Edit(q storage.Question) {
	d.mu.Lock()
	edits := d.queue.Edited(q.ID)
	d.mu.Unlock()
	if edits > 0 {
		d.running.Go(func() { d.prepare(d.background, q, edits) })
	}
}
