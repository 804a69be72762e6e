package storage

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"
)

// FirstTime implements [Store].
func (b *Bolt) FirstTime(ctx context.Context, key Key, at time.Time) (_ bool, err error) {
	defer b.report("once")(&err)
	return b.firstTime(ctx, key, at, time.Time{})
}

// FirstTimeSince implements [Store].
func (b *Bolt) FirstTimeSince(ctx context.Context, key Key, at, since time.Time) (_ bool, err error) {
	defer b.report("first_time_since")(&err)
	return b.firstTime(ctx, key, at, since)
}

func (b *Bolt) firstTime(ctx context.Context, key Key, at, since time.Time) (first bool, err error) {
	if err := checkID("key", string(key)); err != nil {
		return false, fmt.Errorf("store a key: %w", err)
	}
	err = b.update(ctx, func(t *tx) (err error) {
		first, err = t.firstTimeSince(stringsKey(string(key)), at, since)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("store key %q: %w", key, err)
	}
	return first, nil
}

// firstTime stores a key, and reports whether it was not stored before.
func (t *tx) firstTime(id []byte, at time.Time) (bool, error) {
	return t.firstTimeSince(id, at, time.Time{})
}

// firstTimeSince stores a key, and reports whether it was not stored at or after since.
func (t *tx) firstTimeSince(id []byte, at, since time.Time) (bool, error) {
	if stored := t.get(bucketSeen, id); stored != nil {
		before, _, err := cutTime(stored)
		if err != nil || !before.Before(since) {
			return false, nil
		}
		if err := t.delete(indexSeen, timeKey(before, id)); err != nil {
			return false, err
		}
	}
	if err := t.put(bucketSeen, id, timeKey(at, nil)); err != nil {
		return false, err
	}
	return true, t.put(indexSeen, timeKey(at, id), nil)
}

// Seen implements [Store].
func (b *Bolt) Seen(ctx context.Context, key Key) (_ bool, err error) {
	defer b.report("seen")(&err)
	var seen bool
	err = b.view(ctx, func(t *tx) error {
		seen = t.has(bucketSeen, stringsKey(string(key)))
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("look up key %q: %w", key, err)
	}
	return seen, nil
}

// Increment implements [Store]. A counter is stored like a key of FirstTime, with the
// count after the time.
func (b *Bolt) Increment(ctx context.Context, key Key, at time.Time) (_ int, err error) {
	defer b.report("tally")(&err)
	if err := checkID("key", string(key)); err != nil {
		return 0, fmt.Errorf("increment a counter: %w", err)
	}
	var n int
	id := countKey(key)
	err = b.update(ctx, func(t *tx) error {
		first, count := timeKey(at, nil), 0
		if stored := t.get(bucketSeen, id); len(stored) == len(first)+8 {
			first, count = stored[:len(first)], countOf(stored)
		} else if err := t.put(indexSeen, timeKey(at, id), nil); err != nil {
			return err
		}
		n = count + 1
		return t.put(bucketSeen, id, binary.BigEndian.AppendUint64(append([]byte(nil), first...), uint64(n)))
	})
	if err != nil {
		return 0, fmt.Errorf("increment counter %q: %w", key, err)
	}
	return n, nil
}

// Count implements [Store].
func (b *Bolt) Count(ctx context.Context, key Key) (n int, err error) {
	defer b.report("count")(&err)
	err = b.view(ctx, func(t *tx) error {
		n = countOf(t.get(bucketSeen, countKey(key)))
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count key %q: %w", key, err)
	}
	return n, nil
}

// counterKind begins the keys of counters.
const counterKind = "tally"

func countKey(key Key) []byte { return stringsKey(counterKind, string(key)) }

// countOf returns the count behind the time in a stored tally; 0 if there is none.
func countOf(stored []byte) int {
	timeLen := len(timeKey(time.Time{}, nil))
	if len(stored) != timeLen+8 {
		return 0
	}
	return int(binary.BigEndian.Uint64(stored[timeLen:]))
}
