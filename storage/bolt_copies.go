package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// A history is forgotten by the time of its first copy, which stays as it is. An older
// version of this program neither reads nor deletes histories.

func (h *History) key() []byte { return h.Message.key() }

// check returns an error unless the history can be stored.
func (h *History) check() error {
	if len(h.Copies) == 0 {
		return fmt.Errorf("the history of %s has no copies", h.Message)
	}
	return errors.Join(h.Message.check(), checkID("reference", h.Reference))
}

// eachIndex calls do for each index entry that leads to the history.
func (h *History) eachIndex(do func(index, key []byte) error) error {
	err := do(indexCopiesIdle, timeKey(h.Copies[0].At, h.key()))
	for _, reference := range h.References() {
		err = errors.Join(err, do(indexCopiesNamed, append(stringsKey(reference), h.key()...)))
	}
	return err
}

// RecordCopies implements [Store].
func (b *Bolt) RecordCopies(ctx context.Context, copies []Copy) (err error) {
	defer b.report("record_copies")(&err)
	err = b.update(ctx, func(t *tx) error {
		for _, c := range copies {
			if err := c.Message.check(); err != nil {
				return err
			}
		}
		for _, c := range copies {
			if err := t.recordCopy(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record copies of messages: %w", err)
	}
	return nil
}

// recordCopy adds a copy to the history of its message.
func (t *tx) recordCopy(c Copy) error {
	var h History
	switch err := t.load(bucketCopies, c.Message.key(), &h); {
	case errors.Is(err, ErrNotFound):
		h = History{Message: c.Message, Reference: Reference(c.Message)}
		h.Add(c)
		return errors.Join(h.eachIndex(t.putIndex), t.save(bucketCopies, &h))
	case err != nil:
		return err
	}
	h.Add(c)
	return t.save(bucketCopies, &h)
}

// History implements [Store].
func (b *Bolt) History(ctx context.Context, message MessageID) (h History, err error) {
	defer b.report("history")(&err)
	err = b.view(ctx, func(t *tx) error {
		h = History{}
		return t.load(bucketCopies, message.key(), &h)
	})
	if err != nil {
		return History{}, fmt.Errorf("read the history of %s: %w", message, err)
	}
	return h, nil
}

// Referenced implements [Store].
func (b *Bolt) Referenced(ctx context.Context, reference string) (found []MessageID, err error) {
	defer b.report("referenced")(&err)
	prefix := stringsKey(reference)
	err = b.view(ctx, func(t *tx) error {
		found = nil
		return t.scan(indexCopiesNamed, prefix, func(entry, _ []byte) (bool, error) {
			if !bytes.HasPrefix(entry, prefix) {
				return false, nil
			}
			var h History
			if t.loadIndexed(bucketCopies, indexCopiesNamed, entry, &h) {
				found = append(found, h.Message)
			}
			return len(found) < MaxReferenced, nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("look up the reference %q: %w", reference, err)
	}
	return found, nil
}

// deleteHistory deletes the history of a message, if there is one. One that cannot be read
// is set aside.
func (t *tx) deleteHistory(message MessageID) error {
	var h History
	if t.load(bucketCopies, message.key(), &h) != nil {
		return nil
	}
	return errors.Join(h.eachIndex(t.delete), t.delete(bucketCopies, h.key()))
}

// deleteIndexedHistory deletes the history that an index entry leads to.
func (t *tx) deleteIndexedHistory(index, entry []byte) error {
	var h History
	if !t.loadIndexed(bucketCopies, index, entry, &h) {
		return nil // it is set aside
	}
	return errors.Join(h.eachIndex(t.delete), t.delete(bucketCopies, h.key()))
}

// copies moves the history of a message.
func (m mover) copies(t *tx, key []byte) error {
	var h History
	if err := t.load(bucketCopies, key, &h); err != nil {
		return err
	}
	if err := errors.Join(h.eachIndex(t.delete), t.delete(bucketCopies, key)); err != nil {
		return err
	}
	if h.Message = m.Message(h.Message); t.has(bucketCopies, h.key()) {
		return nil
	}
	return errors.Join(h.eachIndex(t.putIndex), t.save(bucketCopies, &h))
}
