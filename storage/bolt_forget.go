package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// forgetBatch is how many records one transaction of Forget examines. Other
// transactions wait for it for a few milliseconds.
const forgetBatch = 500

// Forget implements [Store].
func (b *Bolt) Forget(ctx context.Context, seenBefore, idleBefore time.Time) (err error) {
	defer b.report("forget")(&err)
	seen := func(t *tx, keys [][]byte) error { return t.deleteSeen(keys, idleBefore) }
	if err := b.forget(ctx, indexSeen, timeKey(seenBefore, nil), seen); err != nil {
		return fmt.Errorf("forget old keys: %w", err)
	}
	for _, kind := range []struct {
		index, bucket []byte
		before        time.Time
	}{
		{indexQuestionsIdle, bucketQuestions, idleBefore},
		{indexTicketsIdle, bucketTickets, idleBefore},
		{indexFeedbackIdle, bucketFeedback, idleBefore},
		{indexThreadsIdle, bucketThreads, idleBefore},
		{indexCopiesIdle, bucketCopies, idleBefore},
	} {
		deleteIdle := func(t *tx, keys [][]byte) error { return t.deleteIdle(kind.index, kind.bucket, keys) }
		if err := b.forget(ctx, kind.index, timeKey(kind.before, nil), deleteIdle); err != nil {
			return fmt.Errorf("forget old %s: %w", kind.bucket, err)
		}
	}
	for _, kind := range []struct {
		bucket []byte
		before time.Time
	}{{bucketCalls, seenBefore}, {bucketDamaged, idleBefore}} {
		deleteAll := func(t *tx, keys [][]byte) error { return t.deleteAll(kind.bucket, keys) }
		if err := b.forget(ctx, kind.bucket, timeKey(kind.before, nil), deleteAll); err != nil {
			return fmt.Errorf("forget old %s: %w", kind.bucket, err)
		}
	}
	if err := b.forget(ctx, bucketDamaged, nil, (*tx).eraseTexts); err != nil {
		return fmt.Errorf("erase the texts of damaged records: %w", err)
	}
	return nil
}

// deleteAll deletes keys of a bucket.
func (t *tx) deleteAll(bucket []byte, keys [][]byte) error {
	for _, key := range keys {
		if err := t.delete(bucket, key); err != nil {
			return err
		}
	}
	return nil
}

// forget removes the entries of an index before a key, batch by batch.
func (b *Bolt) forget(ctx context.Context, index, before []byte, remove func(t *tx, keys [][]byte) error) error {
	return b.eachBatch(ctx, index, before, remove, func() {})
}

// eachBatch calls do with the keys of a bucket before a key, batch by batch, each in a
// transaction, which can be repeated, and calls committed after it.
func (b *Bolt) eachBatch(ctx context.Context, bucket, before []byte, do func(t *tx, keys [][]byte) error, committed func()) error {
	var from []byte
	for more := true; more; {
		var batch [][]byte
		err := b.update(ctx, func(t *tx) (err error) {
			if batch, err = t.keys(bucket, from, before, forgetBatch); err != nil {
				return err
			}
			return do(t, batch)
		})
		if err != nil {
			return err
		}
		committed()
		more = len(batch) == forgetBatch
		if more {
			// Skip the entries that were not deleted.
			from = append(batch[len(batch)-1], 0)
		}
	}
	return nil
}

// deleteSeen deletes some keys of FirstTime by their entries in the index, except those that
// are never forgotten, and events at or after idleBefore.
func (t *tx) deleteSeen(entries [][]byte, idleBefore time.Time) error {
	for _, entry := range entries {
		at, id, err := cutTime(entry)
		if err != nil {
			t.found(indexSeen, entry)
			continue
		}
		name, _, _ := cutString(id) // of a damaged key it is empty
		if _, isEvent := Key(name).Event(at); Key(name).Lasting() || isEvent && !at.Before(idleBefore) {
			continue
		}
		if err := errors.Join(t.delete(bucketSeen, id), t.delete(indexSeen, entry)); err != nil {
			return err
		}
	}
	return nil
}

// deleteIdle deletes the records of some keys of an index, except threads with
// unfinished questions.
func (t *tx) deleteIdle(index, bucket []byte, keys [][]byte) error {
	for _, key := range keys {
		_, id, err := cutTime(key)
		if err != nil {
			t.found(index, key)
			continue
		}
		if bytes.Equal(bucket, bucketThreads) && t.hasPrefix(indexThreadsBusy, id) {
			continue
		}
		if bytes.Equal(bucket, bucketCopies) {
			if err := t.deleteIndexedHistory(index, key); err != nil {
				return err
			}
			continue
		}
		if bytes.Equal(bucket, bucketTickets) {
			var r ticketRecord
			if !t.loadIndexed(bucket, index, key, &r) {
				continue
			}
			if err := t.unindexTicket(&r); err != nil {
				return err
			}
		}
		if err := t.delete(bucket, id); err != nil {
			return err
		}
		if err := t.delete(index, key); err != nil {
			return err
		}
	}
	return nil
}
