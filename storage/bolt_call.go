package storage

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"
)

// Calls implements [Store].
func (b *Bolt) Calls(ctx context.Context, since time.Time) (calls []time.Time, err error) {
	defer b.report("calls")(&err)
	err = b.view(ctx, func(t *tx) error {
		calls = nil
		return t.scan(bucketCalls, timeKey(since, nil), func(key, _ []byte) (bool, error) {
			if at, _, err := cutTime(key); err == nil {
				calls = append(calls, at)
			} else {
				t.found(bucketCalls, key)
			}
			return true, nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the recent calls: %w", err)
	}
	return calls, nil
}

// recordCall records a call. A number makes the keys of simultaneous calls unique.
func (t *tx) recordCall(at time.Time) error {
	number, err := t.next(bucketCalls)
	if err != nil {
		return err
	}
	return t.put(bucketCalls, timeKey(at, binary.BigEndian.AppendUint64(nil, number)), nil)
}
