package storage

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// TakeCall implements [Store].
func (b *Bolt) TakeCall(
	ctx context.Context, now time.Time, keep time.Duration, next func(calls []time.Time) time.Time,
) (_ time.Time, err error) {
	defer b.report("take_call")(&err)
	now = now.UTC()
	var when time.Time
	err = b.update(ctx, func(t *tx) error {
		if err := t.turnBackCalls(now); err != nil {
			return err
		}
		calls, err := t.recentCalls(now.Add(-keep))
		if err != nil {
			return err
		}
		if err := call(func() { when = next(calls) }); err != nil {
			return err
		}
		if when.After(now) {
			return nil
		}
		when = now
		return t.recordCall(now)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("take a call: %w", err)
	}
	return when, nil
}

// recentCalls returns the times of the calls since a time, and deletes those before it.
func (t *tx) recentCalls(since time.Time) ([]time.Time, error) {
	old, err := t.keys(bucketCalls, nil, timeKey(since, nil), math.MaxInt)
	if err != nil {
		return nil, err
	}
	for _, key := range old {
		if err := t.delete(bucketCalls, key); err != nil {
			return nil, err
		}
	}
	var calls []time.Time
	return calls, t.scan(bucketCalls, nil, func(key, _ []byte) (bool, error) {
		at, _, err := cutTime(key)
		calls = append(calls, at)
		return true, err
	})
}

// turnBackCalls makes the calls after now, which were recorded before the
// clock was set back, calls at now.
func (t *tx) turnBackCalls(now time.Time) error {
	later, err := t.keys(bucketCalls, timeKey(now.Add(1), nil), nil, math.MaxInt)
	if err != nil {
		return err
	}
	for _, key := range later {
		if err := t.delete(bucketCalls, key); err != nil {
			return err
		}
		if err := t.recordCall(now); err != nil {
			return err
		}
	}
	return nil
}

// recordCall records a call. Calls at the same time are told apart by a number.
func (t *tx) recordCall(at time.Time) error {
	number, err := t.next(bucketCalls)
	if err != nil {
		return err
	}
	return t.put(bucketCalls, timeKey(at, binary.BigEndian.AppendUint64(nil, number)), nil)
}
