package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// FirstTime implements [storage.Store].
func (s *Store) FirstTime(ctx context.Context, key storage.Key, at time.Time) (_ bool, err error) {
	defer s.report("once")(&err)
	if err := check("key", string(key)); err != nil {
		return false, fmt.Errorf("store a key: %w", err)
	}
	var first bool
	err = s.update(ctx, needs{keys: []storage.Key{key}}, func(t *tx) (err error) {
		first, err = t.firstTime(key, at)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("store key %q: %w", key, err)
	}
	return first, nil
}

// Seen implements [storage.Store].
func (s *Store) Seen(ctx context.Context, key storage.Key) (seen bool, err error) {
	defer s.report("seen")(&err)
	err = s.view(ctx, func(t *tx) (err error) {
		seen, err = t.seen(key)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look up key %q: %w", key, err)
	}
	return seen, nil
}

// keyLock is the lock of a key.
func keyLock(key storage.Key) int64 { return lockName("key", string(key)) }

// cachedKey is the key of a key in the cache.
func cachedKey(key storage.Key) string { return "keys\x00" + string(key) }

// firstTime stores a key, and reports whether it was not stored before.
func (t *tx) firstTime(key storage.Key, at time.Time) (bool, error) {
	seen, err := t.seen(key)
	if err != nil || seen {
		return false, err
	}
	t.records[cachedKey(key)] = []byte{}
	t.exec(`INSERT INTO enjobridge.keys (key, at) VALUES ($1, $2)`, string(key), at.UTC())
	return true, nil
}

// seen reports whether a key is stored.
func (t *tx) seen(key storage.Key) (bool, error) {
	if check("key", string(key)) != nil {
		return false, nil
	}
	if t.records == nil {
		defer func() { t.records = nil }()
		t.records = make(map[string][]byte)
	}
	if _, known := t.records[cachedKey(key)]; !known {
		t.lock(keyLock(key))
		b := t.takePending()
		t.readKeys(b, []storage.Key{key})
		if err := t.send(b); err != nil {
			return false, err
		}
	}
	return t.records[cachedKey(key)] != nil, nil
}

// readKeys adds a query that reads keys into the cache.
func (t *tx) readKeys(b *pgx.Batch, keys []storage.Key) {
	var wanted []string
	for _, key := range keys {
		t.records[cachedKey(key)] = nil
		if check("key", string(key)) == nil {
			wanted = append(wanted, string(key))
		}
	}
	if len(wanted) == 0 {
		return
	}
	b.Queue(`SELECT key FROM enjobridge.keys WHERE key = ANY($1::text[])`, wanted).Query(func(rows pgx.Rows) error {
		return scanEach(rows, func() error {
			var key storage.Key
			if err := rows.Scan((*string)(&key)); err != nil {
				return err
			}
			t.records[cachedKey(key)] = []byte{}
			return nil
		})
	})
}
