package postgres

import (
	"enjobridge/storage"
)

// mover moves the records of a channel whose ID has changed. It holds the locks of both IDs.
type mover struct{ storage.Move }

func (m mover) needs() needs {
	return needs{locks: []int64{channelLock(m.Team, m.From), channelLock(m.Team, m.To)}}
}

// moved returns the identity of a record of the channel after the move.
func (m mover) moved(id identity) identity {
	return append(identity{m.Team, m.To}, id[2:]...)
}

// record moves a record that was read into r, which change adapts, and save writes. One that
// is stored under the new ID already stays as it is, and the old one is deleted.
func (m mover) record(t *tx, k kind, id identity, r any, save func() error) error {
	if missing, err := ignoreNotFound(t.load(k, id, r)); err != nil || missing {
		return err // another transaction has moved it
	}
	to := m.moved(id)
	if known, err := t.has(k, to); err != nil {
		return err
	} else if known {
		t.delete(k, id)
		return nil
	}
	t.rename(k, id, to)
	return save()
}

// loadBoth reads records as they are stored under both IDs, in one round trip.
func (m mover) loadBoth(t *tx, k kind, ids []identity) error {
	var both []identity
	for _, id := range ids {
		both = append(both, id, m.moved(id))
	}
	return t.loadAll(k, both...)
}

// each moves records of a kind.
func (m mover) each(t *tx, k kind, ids []identity, move func(id identity) error) error {
	if err := m.loadBoth(t, k, ids); err != nil {
		return err
	}
	for _, id := range ids {
		if err := move(id); err != nil {
			return err
		}
	}
	return nil
}

// questions moves questions and their threads.
func (m mover) questions(t *tx, ids []identity) error {
	var roots []identity
	err := m.each(t, questions, ids, func(id identity) error {
		var q storage.Question
		return m.record(t, questions, id, &q, func() error {
			if m.Thread(q.Thread) != q.Thread {
				roots = append(roots, threadIdentity(q.Thread))
			}
			q.Move(m.Move)
			return t.saveQuestion(&q)
		})
	})
	if err != nil {
		return err
	}
	return m.threads(t, roots)
}

// threads moves threads. One that is stored under the new ID already takes over the
// conversation.
func (m mover) threads(t *tx, ids []identity) error {
	return m.each(t, threads, ids, func(id identity) error {
		var old, known storage.Thread
		if missing, err := ignoreNotFound(t.load(threads, id, &old)); err != nil || missing {
			return err
		}
		old.Move(m.Move)
		missing, err := ignoreNotFound(t.load(threads, m.moved(id), &known))
		if err != nil {
			return err
		}
		if missing {
			t.rename(threads, id, m.moved(id))
			return t.saveThread(&old)
		}
		t.delete(threads, id)
		known.TakeOver(old)
		return t.saveThread(&known)
	})
}

// links makes threads of any channel continue the moved ones.
func (m mover) links(t *tx, ids []identity) error {
	if err := t.loadAll(threads, ids...); err != nil {
		return err
	}
	for _, id := range ids {
		var thread storage.Thread
		if missing, err := ignoreNotFound(t.load(threads, id, &thread)); err != nil {
			return err
		} else if missing {
			continue
		}
		thread.Move(m.Move)
		if err := t.saveThread(&thread); err != nil {
			return err
		}
	}
	return nil
}

// tickets moves tickets.
func (m mover) tickets(t *tx, ids []identity) error {
	return m.each(t, tickets, ids, func(id identity) error {
		return t.moveTicket(id[3], threadOf(id), m.Thread(threadOf(id)))
	})
}

// feedback moves feedback.
func (m mover) feedback(t *tx, ids []identity) error {
	return m.each(t, feedback, ids, func(id identity) error {
		var f storage.Feedback
		return m.record(t, feedback, id, &f, func() error {
			f.Question = m.Message(f.Question)
			return t.saveFeedback(&f)
		})
	})
}

// histories moves the histories of messages.
func (m mover) histories(t *tx, ids []identity) error {
	return m.each(t, histories, ids, func(id identity) error {
		var h storage.History
		return m.record(t, histories, id, &h, func() error {
			h.Message = m.Message(h.Message)
			return t.saveHistory(&h)
		})
	})
}

// rest moves the presses, the watermark, and the record that the bot has introduced itself.
func (m mover) rest(t *tx) error {
	t.renameKeys(map[storage.Key]storage.Key{storage.WelcomeKey(m.Team, m.From): storage.WelcomeKey(m.Team, m.To)})
	t.exec(`INSERT INTO enjobridge.presses SELECT team, $3, ts, action, at, record FROM enjobridge.presses
		WHERE team = $1 AND channel = $2 ON CONFLICT DO NOTHING`, m.Team, m.From, m.To)
	t.exec(`DELETE FROM enjobridge.presses WHERE team = $1 AND channel = $2`, m.Team, m.From)
	t.exec(`INSERT INTO enjobridge.watermarks SELECT $2, until FROM enjobridge.watermarks WHERE conversation = $1 ON CONFLICT DO NOTHING`, m.From, m.To)
	t.exec(`DELETE FROM enjobridge.watermarks WHERE conversation = $1`, m.From)
	return nil
}
