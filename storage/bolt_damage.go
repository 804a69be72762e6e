package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A record that cannot be read must not stop the reading of the others. It is set aside:
// its value moves to the bucket of damaged records, unless it can contain texts of people,
// its index entries are deleted, and the store goes on as if there were no such record, except for questions and threads
// that others need: see replaceQuestion and replaceThread. Damage of a page of the file
// is another matter: see guard.

// damage is a record that cannot be read, or an index entry that leads to no record.
type damage struct{ bucket, key []byte }

// SetAsideError reports that a damaged record was set aside. It is an ErrCorrupt. Its
// text does not contain the record's value, which can contain texts of people.
type SetAsideError struct {
	Bucket string
	Record string // the record's identity, as in [MessageID.String]
}

func (e *SetAsideError) Error() string {
	return fmt.Sprintf("a damaged record was set aside: %s %s", e.Bucket, e.Record)
}

// Is reports whether target is ErrCorrupt.
func (e *SetAsideError) Is(target error) bool { return target == ErrCorrupt }

// found notes a damaged record, so that it is set aside after the operation.
func (t *tx) found(bucket, key []byte) {
	t.damaged = append(t.damaged, damage{bucket, bytes.Clone(key)})
}

// setAside sets damaged records aside, and reports each of them once.
func (b *Bolt) setAside(ctx context.Context, found []damage) error {
	began := time.Now()
	var moved []damage
	err := b.writer.do(ctx, func(t *tx) (err error) {
		moved, err = t.setAside(found, began)
		return err
	})
	if b.hook == nil {
		return err
	}
	if err != nil {
		err = fmt.Errorf("set damaged records aside: %w", err)
		b.hook(OperationSetAside, time.Since(began), err)
		return err
	}
	for _, d := range moved {
		b.hook(OperationSetAside, time.Since(began), &SetAsideError{string(d.bucket), d.name()})
	}
	return nil
}

// cutDamage splits the key of a record that was set aside: when that was, and what it is.
func cutDamage(key []byte) (at time.Time, d damage, err error) {
	at, rest, err := cutTime(key)
	if err != nil {
		return at, d, err
	}
	bucket, rest, err := cutString(rest)
	return at, damage{[]byte(bucket), rest}, err
}

// name returns the identity in a key for an operator.
func (d damage) name() string {
	var parts []string
	for rest := d.key; len(rest) > 0; {
		part, after, err := cutString(rest)
		if err != nil {
			return fmt.Sprintf("%q", d.key)
		}
		parts, rest = append(parts, part), after
	}
	return strings.Join(parts, "/")
}

// setAside moves damaged records to their bucket, and returns those that it has moved. A
// record that is readable, or is gone, stays as it is.
func (t *tx) setAside(found []damage, at time.Time) (moved []damage, err error) {
	entries, err := t.entriesOf(found)
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		value, indexed := bytes.Clone(t.get(d.bucket, d.key)), entries[d.id()]
		delete(entries, d.id()) // it can be listed twice
		if value == nil && len(indexed) == 0 || t.readable(d) {
			continue
		}
		for _, entry := range append(indexed, d) {
			if err := t.delete(entry.bucket, entry.key); err != nil {
				return nil, err
			}
		}
		if d.hasTexts() {
			value = nil
		}
		if err := t.put(bucketDamaged, timeKey(at, append(stringsKey(string(d.bucket)), d.key...)), value); err != nil {
			return nil, err
		}
		if err := t.replace(d, indexed, at); err != nil {
			return nil, err
		}
		moved = append(moved, d)
	}
	return moved, nil
}

// hasTexts reports whether the record's value can contain texts that are erased when a
// question ends, and secrets: its response URL, or tokens. Nobody knows where they are in a
// damaged value, so none of it is preserved.
func (d damage) hasTexts() bool {
	return bytes.Equal(d.bucket, bucketQuestions) || bytes.Equal(d.bucket, bucketSeen) || bytes.Equal(d.bucket, bucketTokens)
}

// eraseTexts erases the values of damaged records that an earlier version has preserved.
func (t *tx) eraseTexts(keys [][]byte) error {
	for _, key := range keys {
		_, rest, err := cutTime(key)
		if err != nil {
			continue
		}
		bucket, _, _ := cutString(rest)
		if d := (damage{bucket: []byte(bucket)}); !d.hasTexts() || len(t.get(bucketDamaged, key)) == 0 {
			continue
		}
		if err := t.put(bucketDamaged, key, nil); err != nil {
			return err
		}
	}
	return nil
}

// id identifies the record among those of all buckets.
func (d damage) id() string { return string(stringsKey(string(d.bucket))) + string(d.key) }

// readable reports whether a record can be read.
func (t *tx) readable(d damage) bool {
	var r record
	switch string(d.bucket) {
	case string(bucketQuestions):
		r = new(Question)
	case string(bucketThreads):
		r = new(Thread)
	case string(bucketTickets):
		r = new(ticketRecord)
	case string(bucketFeedback):
		r = new(Feedback)
	case string(bucketPeople):
		r = new(Preferences)
	case string(bucketCopies):
		r = new(History)
	case string(bucketTokens):
		r = new(Token)
	default:
		return false
	}
	value := t.get(d.bucket, d.key)
	return value != nil && decode(d.key, value, r) == nil
}

// indexesOf lists the indexes of each bucket with records.
var indexesOf = map[string][][]byte{
	string(bucketQuestions): {indexUnfinished, indexThreadsBusy, indexQuestionsIdle},
	string(bucketThreads):   {indexThreadsIdle},
	string(bucketTickets):   {indexTicketsIdle, indexTicketsNamed, indexTicketsOf, indexTicketsOutdated},
	string(bucketFeedback):  {indexFeedbackIdle},
	string(bucketCopies):    {indexCopiesIdle, indexCopiesNamed},
}

// entriesOf returns the index entries of records by damage.id. It reads each index once,
// because the records cannot say where they are in it.
func (t *tx) entriesOf(found []damage) (map[string][]damage, error) {
	wanted := make(map[string]map[string]bool) // ids by bucket
	for _, d := range found {
		if wanted[string(d.bucket)] == nil {
			wanted[string(d.bucket)] = make(map[string]bool)
		}
		wanted[string(d.bucket)][d.id()] = true
	}
	entries := make(map[string][]damage)
	for bucket, ids := range wanted {
		for _, index := range indexesOf[bucket] {
			err := t.scan(index, nil, func(entry, _ []byte) (bool, error) {
				key, err := recordKey(index, entry)
				if err != nil {
					return true, nil // it leads to no record
				}
				if id := (damage{[]byte(bucket), key}).id(); ids[id] {
					entries[id] = append(entries[id], damage{index, bytes.Clone(entry)})
				}
				return true, nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return entries, nil
}

// recordKey returns the key of the record that an index entry leads to.
func recordKey(index, entry []byte) (key []byte, err error) {
	before := 0 // the strings before the key
	switch string(index) {
	case string(indexTicketsOutdated):
	case string(indexTicketsNamed), string(indexTicketsOf), string(indexCopiesNamed):
		before = 1
	case string(indexThreadsBusy):
		before = 3
	default:
		_, key, err = cutTime(entry)
		return key, err
	}
	_, key, err = cutParts(entry, before)
	return key, err
}

// replace stores a record in place of a damaged one if others need it.
func (t *tx) replace(d damage, entries []damage, at time.Time) error {
	parts, rest, err := cutParts(d.key, 3)
	if err != nil || len(rest) > 0 {
		return nil // the key identifies neither a question nor a thread
	}
	switch {
	case bytes.Equal(d.bucket, bucketQuestions):
		return t.replaceQuestion(MessageID{parts[0], parts[1], parts[2]}, entries, at)
	case bytes.Equal(d.bucket, bucketThreads):
		return t.replaceThread(ThreadID{parts[0], parts[1], parts[2]}, at)
	}
	return nil
}

// replaceQuestion stores a question in place of a damaged one.
func (t *tx) replaceQuestion(id MessageID, entries []damage, at time.Time) error {
	q := inPlaceOf(id, entries, at)
	if q.check() != nil {
		return nil // the key is damaged, too
	}
	return errors.Join(t.indexQuestion(&q), t.save(bucketQuestions, &q))
}

// inPlaceOf returns the question to store in place of a damaged one, of which only the index
// entries are known.
func inPlaceOf(id MessageID, entries []damage, at time.Time) Question {
	known, ended := Question{ID: id, Thread: ThreadID{id.Team, id.Channel, MessageTS(id.TS)}, AcceptedAt: at, EndedAt: at}, true
	for _, entry := range entries {
		moment, _, timeErr := cutTime(entry.key)
		switch {
		case bytes.Equal(entry.bucket, indexThreadsBusy):
			if thread, _, err := cutParts(entry.key, 3); err == nil {
				known.Thread = ThreadID{thread[0], thread[1], thread[2]}
			}
			ended = false
		case timeErr != nil:
		case bytes.Equal(entry.bucket, indexUnfinished):
			known.AcceptedAt, ended = moment, false
		default:
			known.EndedAt = moment
		}
	}
	return known.InPlaceOf(ended)
}

// replaceThread stores a thread in place of a damaged one if it has unfinished questions.
func (t *tx) replaceThread(id ThreadID, at time.Time) error {
	unfinished, err := t.unfinishedIn(id)
	if err != nil || len(unfinished) == 0 {
		return err
	}
	return t.createThread(ThreadInPlace(id, unfinished, at))
}
