package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// BoltExport is a store in a file that is read as a whole, and not changed. No other process
// can use it meanwhile.
type BoltExport struct{ db *bbolt.DB }

// ExportBolt opens the store in a file to read all of it.
//
// Its errors are those of [OpenBolt], fs.ErrNotExist if there is no file, and an error for a
// store of an older schema, because reading it would have to change it.
func ExportBolt(path string, options BoltOptions) (*BoltExport, error) {
	schema, err := InspectBolt(path, options)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no store at %s: %w", path, fs.ErrNotExist)
	} else if err != nil {
		return nil, err
	}
	if schema < Schema {
		return nil, fmt.Errorf("the store %s is of an older version, with schema %d: start this version of enjobridge with it once, which migrates it to schema %d", path, schema, Schema)
	}
	db, _, err := openFile(path, bbolt.Options{Timeout: options.lockTimeout(), ReadOnly: true})
	if err != nil {
		return nil, explain(path, err)
	}
	return &BoltExport{db}, nil
}

// Close closes the file, so that other processes can use it.
func (e *BoltExport) Close() error { return e.db.Close() }

// Export calls visit for each record, kind by kind. A record that cannot be read is exported
// as damaged, with what a store would put in its place. An error of visit ends the export, and
// is returned.
func (e *BoltExport) Export(ctx context.Context, visit func(Record) error) error {
	err := readTx(e.db, func(bolt *bbolt.Tx) error {
		x := exporter{tx: &tx{bolt: bolt}, ctx: ctx, visit: visit, at: time.Now()}
		return x.run()
	})
	if err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	return nil
}

// exporter reads all records of a store.
type exporter struct {
	*tx
	ctx   context.Context
	visit func(Record) error
	at    time.Time // when damaged records are set aside
	// replaced are the unfinished questions that take the place of damaged ones.
	replaced []Question
}

// exports says how each bucket is read. It has all but the one about the file, and the indexes.
var exports = []struct {
	bucket []byte
	read   func(x *exporter, key, value []byte) error
}{
	{bucketQuestions, exportOf(RecordQuestion, func() *Question { return new(Question) })},
	{bucketThreads, exportOf(RecordThread, func() *Thread { return new(Thread) })},
	{bucketTickets, nil}, // in the order of their numbers
	{bucketFeedback, exportOf(RecordFeedback, func() *Feedback { return new(Feedback) })},
	{bucketPeople, exportOf(RecordPreferences, func() *Preferences { return new(Preferences) })},
	{bucketSeen, (*exporter).seen},
	{bucketCalls, (*exporter).call},
	{bucketWatermarks, (*exporter).watermark},
	{bucketTokens, exportOf(RecordToken, func() *Token { return new(Token) })},
	{bucketCopies, exportOf(RecordHistory, func() *History { return new(History) })},
	{bucketDamaged, (*exporter).setAside},
}

// exportOf returns the export of a bucket whose values are JSON.
func exportOf[R any, P interface {
	*R
	record
}](kind RecordKind, empty func() P) func(x *exporter, key, value []byte) error {
	return func(x *exporter, key, value []byte) error {
		r := empty()
		if err := decode(key, value, r); err != nil {
			return err
		}
		return x.send(Record{kind, *(*R)(r)})
	}
}

// visitError is an error of the function that gets the records. It ends the export.
type visitError struct{ error }

func (e visitError) Unwrap() error { return e.error }

// send passes a record on.
func (x *exporter) send(r Record) error {
	err := x.ctx.Err()
	if err == nil {
		err = x.visit(r)
	}
	if err != nil {
		return visitError{err}
	}
	return nil
}

func (x *exporter) run() error {
	for _, e := range exports {
		read := func(key, value []byte) error { return x.readable(e.bucket, key, e.read(x, key, value)) }
		var err error
		switch {
		case x.bolt.Bucket(e.bucket) == nil: // see laterBuckets
		case e.read == nil:
			err = x.tickets()
		default:
			err = x.scan(e.bucket, nil, func(key, value []byte) (bool, error) { return true, read(key, value) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readable exports a record that cannot be read as a damaged one.
func (x *exporter) readable(bucket, key []byte, err error) error {
	if err == nil || errors.As(err, new(visitError)) {
		return err
	}
	d := damage{bucket, bytes.Clone(key)}
	value := x.get(bucket, key)
	if d.hasTexts() {
		value = nil
	}
	return errors.Join(
		x.send(Record{RecordDamaged, Damaged{exchanged(x.at), string(bucket), PlainText([]byte(d.name())), PlainText(value), true}}),
		x.replacement(d),
	)
}

// replacement exports the record that takes the place of a damaged one, if others need it.
func (x *exporter) replacement(d damage) error {
	parts, rest, err := cutParts(d.key, 3)
	if err != nil || len(rest) > 0 {
		return nil // the key identifies neither a question nor a thread
	}
	switch {
	case bytes.Equal(d.bucket, bucketQuestions):
		entries, err := x.entriesOf([]damage{d})
		if err != nil {
			return err
		}
		q := inPlaceOf(MessageID{parts[0], parts[1], parts[2]}, entries[d.id()], x.at)
		if q.check() != nil {
			return nil // the key is damaged, too
		}
		if !q.State.Ended() {
			x.replaced = append(x.replaced, q)
		}
		return x.send(Record{RecordQuestion, q})
	case bytes.Equal(d.bucket, bucketThreads):
		id := ThreadID{parts[0], parts[1], parts[2]}
		unfinished, err := x.unfinishedIn(id)
		if err != nil {
			return err
		}
		for _, q := range x.replaced {
			if q.Thread == id {
				unfinished = append(unfinished, q)
			}
		}
		if len(unfinished) == 0 {
			return nil
		}
		return x.send(Record{RecordThread, ThreadInPlace(id, unfinished, x.at)})
	}
	return nil
}

// tickets exports the tickets in the order of their numbers.
func (x *exporter) tickets() error {
	type numbered struct {
		number uint64
		key    []byte
	}
	var all []numbered
	err := x.scan(bucketTickets, nil, func(key, value []byte) (bool, error) {
		var r ticketRecord
		if err := decode(key, value, &r); err != nil {
			return true, x.readable(bucketTickets, key, err)
		}
		all = append(all, numbered{r.Number, key})
		return true, nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b numbered) int {
		if a.number < b.number {
			return -1
		}
		return min(1, int(a.number-b.number))
	})
	for _, n := range all {
		var r ticketRecord
		if err := decode(n.key, x.get(bucketTickets, n.key), &r); err != nil {
			return err
		}
		if err := x.send(Record{RecordTicket, r.Ticket}); err != nil {
			return err
		}
	}
	return nil
}

// seen exports a key, a counter, or a press of a button.
func (x *exporter) seen(key, value []byte) error {
	at, rest, err := cutTime(value)
	if err != nil {
		return err
	}
	first, after, err := cutString(key)
	switch {
	case err != nil:
		return err
	case len(after) == 0 && len(rest) == 0:
		return x.send(Record{RecordKey, StoredKey{Key: Key(first), At: exchanged(at)}})
	case first == pressKind:
		p, err := decodePress(key, value)
		if err != nil {
			return err
		}
		p.At = exchanged(p.At)
		return x.send(Record{RecordPress, p})
	case first == counterKind && len(rest) == 8:
		second, after, err := cutString(after)
		if err != nil || len(after) > 0 {
			return errors.Join(ErrCorrupt, err)
		}
		return x.send(Record{RecordCounter, StoredKey{Key(second), exchanged(at), int(binary.BigEndian.Uint64(rest))}})
	}
	return fmt.Errorf("%w: key %x is of no kind", ErrCorrupt, key)
}

// call exports a call to the agent.
func (x *exporter) call(key, _ []byte) error {
	at, _, err := cutTime(key)
	if err != nil {
		return err
	}
	return x.send(Record{RecordCall, Call{exchanged(at)}})
}

// watermark exports the watermark of a conversation.
func (x *exporter) watermark(key, value []byte) error {
	until, _, err := cutTime(value)
	if err != nil {
		return err
	}
	conversation, _, err := cutString(key)
	if err != nil {
		return err
	}
	return x.send(Record{RecordWatermark, Watermark{conversation, exchanged(until)}})
}

// setAside exports a damaged record.
func (x *exporter) setAside(key, value []byte) error {
	at, d, err := cutDamage(key)
	if err != nil {
		return err
	}
	return x.send(Record{RecordDamaged, Damaged{At: exchanged(at), Source: PlainText(d.bucket), Key: PlainText([]byte(d.name())), Value: PlainText(value)}})
}
