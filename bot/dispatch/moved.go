package dispatch

import "enjobridge/storage"

// Moved says that a channel has got another ID, under which the store now has its
// records, and which unfinished questions these are. Those that wait go on waiting under
// the new ID, at the end of the queue. The outcome of one that is being asked is stored
// under the new ID. One whose outcome is being posted is posted again as an orphan, if it
// could not be posted under the old ID.
func (d *Dispatcher) Moved(from, to string, unfinished []storage.Question) {
	d.locked(func() { d.moved[from] = to })
	for _, q := range unfinished {
		old := storage.Question{ID: q.ID, Thread: q.Thread}
		old.ID.Channel, old.Thread.Channel = from, from
		waited := false
		d.locked(func() {
			waited = d.queue.Remove(old.ID)
			delete(d.texts, old.ID)
		})
		if waited {
			d.start("clear the status of a moved question", func() { d.clearStatus(old) })
			d.Add(q)
		}
	}
	d.signal()
}

// idNow returns the ID under which the store has a question.
func (d *Dispatcher) idNow(id storage.MessageID) storage.MessageID {
	d.mu.Lock()
	defer d.mu.Unlock()
	if to, ok := d.moved[id.Channel]; ok {
		id.Channel = to
	}
	return id
}

// idBefore returns the ID that a question had before its channel got another one. mu must
// be held.
func (d *Dispatcher) idBefore(id storage.MessageID) storage.MessageID {
	for from, to := range d.moved {
		if to == id.Channel {
			id.Channel = from
		}
	}
	return id
}
