package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// ActiveThreads implements [storage.Store].
func (s *Store) ActiveThreads(ctx context.Context, since time.Time, limit int) (active []storage.Thread, err error) {
	defer s.report("active_threads")(&err)
	err = s.view(ctx, func(t *tx) (err error) {
		active, err = scanRecords[storage.Thread](t, threads, `WHERE listed AND last_active >= $1 ORDER BY last_active DESC LIMIT $2`, since.UTC(), limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the active threads: %w", err)
	}
	return active, nil
}

// SetMuted implements [storage.Store].
func (s *Store) SetMuted(ctx context.Context, id storage.ThreadID, muted bool) (err error) {
	defer s.report("set_muted")(&err)
	err = s.update(ctx, needs{threads: []storage.ThreadID{id}}, func(t *tx) error {
		thread, err := t.thread(id)
		if err != nil {
			return err
		}
		thread.Muted = muted
		return t.saveThread(&thread)
	})
	if err != nil {
		return fmt.Errorf("mute thread %s: %w", id, err)
	}
	return nil
}

// MuteOnce implements [storage.Store].
func (s *Store) MuteOnce(ctx context.Context, id storage.ThreadID, key storage.Key, at time.Time) (first bool, err error) {
	defer s.report("mute_once")(&err)
	if err = check("key", string(key)); err == nil {
		err = s.update(ctx, needs{threads: []storage.ThreadID{id}, keys: []storage.Key{key}}, func(t *tx) error {
			thread, err := t.thread(id)
			if err != nil {
				return err
			}
			if first, err = t.firstTime(key, at); err != nil || !first {
				return err
			}
			thread.Muted = true
			return t.saveThread(&thread)
		})
	}
	if err != nil {
		return false, fmt.Errorf("mute thread %s once: %w", id, err)
	}
	return first, nil
}

// ResetConversation implements [storage.Store].
func (s *Store) ResetConversation(ctx context.Context, id storage.ThreadID) (err error) {
	defer s.report("renew")(&err)
	err = s.update(ctx, needs{threads: []storage.ThreadID{id}}, func(t *tx) error {
		thread, err := t.thread(id)
		if err != nil {
			_, err = ignoreNotFound(err)
			return err
		}
		thread.Reset()
		return t.saveThread(&thread)
	})
	if err != nil {
		return fmt.Errorf("reset the conversation of thread %s: %w", id, err)
	}
	return nil
}

// thread reads a thread. ErrNotFound.
func (t *tx) thread(id storage.ThreadID) (thread storage.Thread, err error) {
	return thread, t.load(threads, threadIdentity(id), &thread)
}

// saveThread writes a thread.
func (t *tx) saveThread(thread *storage.Thread) error {
	return t.save(threads, threadIdentity(thread.ID), thread,
		column{"last_active", thread.LastActive.UTC()},
		column{"continues_team", thread.Continues.Team}, column{"continues_channel", thread.Continues.Channel},
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
