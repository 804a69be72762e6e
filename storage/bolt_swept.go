package storage

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// Watermark implements [Store].
func (b *Bolt) Watermark(ctx context.Context, conversation string) (_ time.Time, err error) {
	defer b.report("swept")(&err)
	var until time.Time
	err = b.view(ctx, func(t *tx) (err error) {
		if value := t.get(bucketSwept, stringsKey(conversation)); value != nil {
			until, _, err = cutTime(value)
		}
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read how far conversation %q is known: %w", conversation, err)
	}
	return until, nil
}

// SetWatermark implements [Store].
func (b *Bolt) SetWatermark(ctx context.Context, conversation string, until time.Time) (err error) {
	defer b.report("set_swept")(&err)
	err = checkID("conversation", conversation)
	if err == nil {
		err = b.update(ctx, func(t *tx) error { return t.put(bucketSwept, stringsKey(conversation), timeKey(until, nil)) })
	}
	if err != nil {
		return fmt.Errorf("remember how far conversation %q is known: %w", conversation, err)
	}
	return nil
}

// ActiveThreads implements [Store].
func (b *Bolt) ActiveThreads(ctx context.Context, since time.Time, limit int) (_ []Thread, err error) {
	defer b.report("active_threads")(&err)
	var threads []Thread
	err = b.view(ctx, func(t *tx) error {
		keys, err := t.keys(indexThreadsIdle, timeKey(since, nil), nil, math.MaxInt)
		if err != nil {
			return err
		}
		for _, key := range slices.Backward(keys[max(0, len(keys)-limit):]) {
			_, id, err := cutTime(key)
			if err != nil {
				return err
			}
			var thread Thread
			if err := t.load(bucketThreads, id, &thread); err != nil {
				return err
			}
			threads = append(threads, thread)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the active threads: %w", err)
	}
	return threads, nil
}
