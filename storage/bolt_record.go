package storage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// record is a value that a bucket stores under the key of its identity.
type record interface {
	key() []byte
	check() error
}

// ticketRecord is a ticket with a sequence number, by which tickets are sorted.
type ticketRecord struct {
	Ticket
	Number uint64 `json:"number"`
}

func (q *Question) key() []byte     { return q.ID.key() }
func (t *Thread) key() []byte       { return t.ID.key() }
func (t *ticketRecord) key() []byte { return ticketKey(t.Thread, t.Latest.ID) }

// ticketKey returns the key of a ticket, prefixed with the thread's key.
func ticketKey(thread ThreadID, id string) []byte { return appendString(thread.key(), id) }

// check returns an error unless the question can be stored.
func (q *Question) check() error {
	if !q.State.Known() {
		return fmt.Errorf("question %s has an unknown state: %q", q.ID, q.State)
	}
	if err := q.ID.check(); err != nil {
		return err
	}
	return q.Thread.check()
}

// check returns an error unless the thread can be stored.
func (t *Thread) check() error { return t.ID.check() }

// check returns an error unless the ticket can be stored.
func (t *ticketRecord) check() error {
	if err := t.Thread.check(); err != nil {
		return err
	}
	return checkID("ticket", t.Latest.ID)
}

// encode returns the stored form of a record.
func encode(r record) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	value, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", r, err)
	}
	return value, nil
}

// decode reads the stored form of the record at key into r.
func decode(key, value []byte, r record) error {
	if err := json.Unmarshal(value, r); err != nil {
		return fmt.Errorf("%w: the record at %q: %v", ErrCorrupt, key, err)
	}
	if err := r.check(); err != nil {
		return fmt.Errorf("%w: the record at %q: %v", ErrCorrupt, key, err)
	}
	if !bytes.Equal(r.key(), key) {
		return fmt.Errorf("%w: the record at %q belongs to the key %q", ErrCorrupt, key, r.key())
	}
	return nil
}

// load reads the record at key into r. ErrNotFound, ErrCorrupt.
func (t *tx) load(bucket, key []byte, r record) error {
	value := t.get(bucket, key)
	if value == nil {
		return ErrNotFound
	}
	err := decode(key, value, r)
	if err != nil {
		t.found(bucket, key)
	}
	return err
}

// loadIndexed reads the record that an index entry leads to, and reports whether it could
// be read.
func (t *tx) loadIndexed(bucket, index, entry []byte, r record) bool {
	key, err := recordKey(index, entry)
	if err != nil {
		t.found(index, entry)
		return false
	}
	err = t.load(bucket, key, r)
	if errors.Is(err, ErrNotFound) {
		t.found(bucket, key)
	}
	return err == nil
}

// save writes a record.
func (t *tx) save(bucket []byte, r record) error {
	value, err := encode(r)
	if err != nil {
		return err
	}
	return t.put(bucket, r.key(), value)
}
