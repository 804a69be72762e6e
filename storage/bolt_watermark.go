package storage

import (
	"context"
	"fmt"
	"time"
)

// Watermark implements [Store].
func (b *Bolt) Watermark(ctx context.Context, conversation string) (_ time.Time, err error) {
	defer b.report("swept")(&err)
	var until time.Time
	err = b.view(ctx, func(t *tx) (err error) {
		key := stringsKey(conversation)
		until = time.Time{}
		if value := t.get(bucketWatermarks, key); value != nil {
			if until, _, err = cutTime(value); err != nil {
				t.found(bucketWatermarks, key)
			}
		}
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read the watermark of conversation %q: %w", conversation, err)
	}
	return until, nil
}

// SetWatermark implements [Store].
func (b *Bolt) SetWatermark(ctx context.Context, conversation string, until time.Time) (err error) {
	defer b.report("set_swept")(&err)
	err = checkID("conversation", conversation)
	if err == nil {
		err = b.update(ctx, func(t *tx) error { return t.put(bucketWatermarks, stringsKey(conversation), timeKey(until, nil)) })
	}
	if err != nil {
		return fmt.Errorf("store the watermark of conversation %q: %w", conversation, err)
	}
	return nil
}
