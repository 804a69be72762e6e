package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// storedKey is what is stored under a key.
type storedKey struct {
	at    *time.Time // of FirstTime; nil without one
	count int        // of Increment
}

// keyLock covers a key: that of the channel that it is about, or one for itself.
func keyLock(key storage.Key) int64 {
	if team, channel, ok := key.Channel(); ok {
		return channelLock(team, channel)
	}
	return lockName("key", string(key))
}

// FirstTime implements [storage.Store].
func (s *Store) FirstTime(ctx context.Context, key storage.Key, at time.Time) (_ bool, err error) {
	defer s.report("once")(&err)
	return s.firstTime(ctx, key, at, time.Time{})
}

// FirstTimeSince implements [storage.Store].
func (s *Store) FirstTimeSince(ctx context.Context, key storage.Key, at, since time.Time) (_ bool, err error) {
	defer s.report("first_time_since")(&err)
	return s.firstTime(ctx, key, at, since)
}

func (s *Store) firstTime(ctx context.Context, key storage.Key, at, since time.Time) (first bool, err error) {
	if err := check("key", string(key)); err != nil {
		return false, fmt.Errorf("store a key: %w", err)
	}
	err = s.update(ctx, needs{keys: []storage.Key{key}}, func(t *tx) (err error) {
		first, err = t.firstTimeSince(key, at, since)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("store key %q: %w", key, err)
	}
	return first, nil
}

// firstTime stores a key, and reports whether it was not stored before.
func (t *tx) firstTime(key storage.Key, at time.Time) (bool, error) {
	return t.firstTimeSince(key, at, time.Time{})
}

// firstTimeSince stores a key, and reports whether it was not stored at or after since.
func (t *tx) firstTimeSince(key storage.Key, at, since time.Time) (bool, error) {
	stored, err := t.key(key)
	if err != nil || stored.at != nil && !stored.at.Before(since) {
		return false, err
	}
	stored.at = &at
	t.keys[key] = stored
	_, isEvent := key.Event(at)
	t.exec(`INSERT INTO enjobridge.keys (key, counter, at, event, lasting) VALUES ($1, false, $2, $3, $4)
		ON CONFLICT (key, counter) DO UPDATE SET at = EXCLUDED.at`, string(key), at.UTC(), isEvent, key.Lasting())
	if message, ok := key.Deleted(); ok {
		t.announce(storage.Announcement{Kind: storage.QuestionDeleted, Message: message})
	}
	return true, nil
}

// deleteKeys deletes what FirstTime has stored under keys.
func (t *tx) deleteKeys(keys ...storage.Key) {
	var names []string
	for _, key := range keys {
		t.lock(keyLock(key))
		delete(t.keys, key)
		names = append(names, string(key))
	}
	t.exec(`DELETE FROM enjobridge.keys WHERE key = ANY ($1::text[]) AND NOT counter`, names)
}

// Seen implements [storage.Store].
func (s *Store) Seen(ctx context.Context, key storage.Key) (seen bool, err error) {
	defer s.report("seen")(&err)
	err = s.view(ctx, func(t *tx) error {
		stored, err := t.key(key)
		seen = stored.at != nil
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look up key %q: %w", key, err)
	}
	return seen, nil
}

// Increment implements [storage.Store].
func (s *Store) Increment(ctx context.Context, key storage.Key, at time.Time) (n int, err error) {
	defer s.report("tally")(&err)
	if err := check("key", string(key)); err != nil {
		return 0, fmt.Errorf("increment a counter: %w", err)
	}
	err = s.update(ctx, needs{keys: []storage.Key{key}}, func(t *tx) error {
		stored, err := t.key(key)
		if err != nil {
			return err
		}
		stored.count++
		n, t.keys[key] = stored.count, stored
		t.exec(`INSERT INTO enjobridge.keys (key, counter, at, count) VALUES ($1, true, $2, $3)
			ON CONFLICT (key, counter) DO UPDATE SET count = EXCLUDED.count`, string(key), at.UTC(), n)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("increment counter %q: %w", key, err)
	}
	return n, nil
}

// Count implements [storage.Store].
func (s *Store) Count(ctx context.Context, key storage.Key) (n int, err error) {
	defer s.report("count")(&err)
	err = s.view(ctx, func(t *tx) error {
		stored, err := t.key(key)
		n = stored.count
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count key %q: %w", key, err)
	}
	return n, nil
}

// key reads what is stored under a key. In a transaction of the writer, it stays locked.
func (t *tx) key(key storage.Key) (storedKey, error) {
	if stored, known := t.keys[key]; known {
		return stored, nil
	}
	t.lock(keyLock(key))
	b := t.takePending()
	readKeys(b, []storage.Key{key}, t.keys)
	err := t.send(b)
	return t.keys[key], err
}

// readKeys adds a query that reads what is stored under keys.
func readKeys(b *pgx.Batch, keys []storage.Key, found map[storage.Key]storedKey) {
	var wanted []string
	for _, key := range keys {
		if found[key] = (storedKey{}); check("key", string(key)) == nil {
			wanted = append(wanted, string(key))
		}
	}
	if len(wanted) == 0 {
		return
	}
	b.Queue(`SELECT key, counter, at, count FROM enjobridge.keys WHERE key = ANY ($1::text[])`, wanted).Query(func(rows pgx.Rows) error {
		return scanEach(rows, func() error {
			var key storage.Key
			var counter bool
			var at time.Time
			var count int
			if err := rows.Scan((*string)(&key), &counter, &at, &count); err != nil {
				return err
			}
			stored := found[key]
			if counter {
				stored.count = count
			} else {
				stored.at = &at
			}
			found[key] = stored
			return nil
		})
	})
}
