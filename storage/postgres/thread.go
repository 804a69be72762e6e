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
	return t.save(threads, threadIdentity(thread.ID), thread,
		column{"last_active", thread.LastActive.UTC()},
		column{"listed", !thread.Posted && !thread.ID.IsPrivate()})
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
