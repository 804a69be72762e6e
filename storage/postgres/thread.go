package postgres

import (
	"context"
	"errors"
	"fmt"

	"enjobridge/storage"
)

// Thread implements [storage.Store].
func (s *Store) Thread(ctx context.Context, id storage.ThreadID) (_ storage.Thread, err error) {
	defer s.report("thread")(&err)
	var thread storage.Thread
	err = s.view(ctx, func(t *tx) (err error) {
		thread, err = t.thread(id)
		return err
	})
	if err != nil {
		return storage.Thread{}, fmt.Errorf("read thread %s: %w", id, err)
	}
	return thread, nil
}

// thread reads a thread. ErrNotFound.
func (t *tx) thread(id storage.ThreadID) (thread storage.Thread, err error) {
	return thread, t.load(threads, threadIdentity(id), &thread)
}

// saveThread writes a thread.
func (t *tx) saveThread(thread *storage.Thread) error {
	id := threadIdentity(thread.ID)
	if err := id.check("thread"); err != nil {
		return err
	}
	record, err := encode(thread)
	if err != nil {
		return err
	}
	t.records[threads.cacheKey(id)] = []byte(record)
	t.exec(`INSERT INTO enjobridge.threads (team, channel, root, last_active, listed, record) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (team, channel, root) DO UPDATE SET last_active = EXCLUDED.last_active, listed = EXCLUDED.listed, record = EXCLUDED.record`,
		id[0], id[1], id[2], thread.LastActive.UTC(), !thread.Posted && !thread.ID.IsPrivate(), record)
	return nil
}

// asked creates the thread of a new question, or updates a known thread.
func (t *tx) asked(q storage.Question, fresh storage.Thread) error {
	known, err := t.thread(fresh.ID)
	if errors.Is(err, storage.ErrNotFound) {
		created := fresh.Created(q)
		return t.saveThread(&created)
	}
	if err != nil {
		return err
	}
	known.Asked(q, fresh.LastActive)
	return t.saveThread(&known)
}

// ignoreNotFound returns whether an error is ErrNotFound, and any other error.
func ignoreNotFound(err error) (notFound bool, _ error) {
	if errors.Is(err, storage.ErrNotFound) {
		return true, nil
	}
	return false, err
}
