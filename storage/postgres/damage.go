package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// A record that cannot be read must not stop the reading of the others. The operation that
// meets it fails with a damagedError. The record is set aside, unless it can contain texts of
// people only its identity, and the operation runs again.

// damagedError is the error of an operation that has met records that cannot be read.
type damagedError struct{ records []damage }

// damage is a record that cannot be read.
type damage struct {
	kind kind
	id   identity
	why  error
}

func (e *damagedError) Error() string {
	d := e.records[0]
	return fmt.Sprintf("%v: %s %s: %v", storage.ErrCorrupt, d.kind.table, d.name(), d.why)
}

// Is reports whether target is ErrCorrupt.
func (e *damagedError) Is(target error) bool { return target == storage.ErrCorrupt }

// add adds the damage of another error, and reports whether it is one.
func (e *damagedError) add(err error) bool {
	more := new(damagedError)
	if !errors.As(err, &more) {
		return false
	}
	e.records = append(e.records, more.records...)
	return true
}

// or returns an error, or the damage if there is any.
func (e *damagedError) or(err error) error {
	if err == nil && len(e.records) > 0 {
		return e
	}
	return err
}

// name returns the identity for an operator.
func (d damage) name() string { return strings.Join(d.id, "/") }

// decode reads the stored form of a record into r. It returns a damagedError.
func decode(k kind, id identity, record []byte, r any) error {
	reflect.ValueOf(r).Elem().SetZero() // the operation may run again
	err := json.Unmarshal(record, r)
	if is := identityOf(r); err == nil && is != nil && !slices.Equal(is, id) {
		err = fmt.Errorf("it belongs to %s", strings.Join(is, "/"))
	}
	switch r := r.(type) {
	case *storage.Question:
		if err == nil && !r.State.Known() {
			err = fmt.Errorf("it has an unknown state: %q", r.State)
		}
	case *pressRecord:
		r.Message, r.Action = storage.MessageID{Team: id[0], Channel: id[1], TS: id[2]}, id[3]
	case *storage.History:
		if err == nil && len(r.Copies) == 0 {
			err = errors.New("it has no copies")
		}
	}
	if err != nil {
		return &damagedError{[]damage{{k, id, err}}}
	}
	return nil
}

// identityOf returns the identity in a record; nil if it has none.
func identityOf(r any) identity {
	switch r := r.(type) {
	case *storage.Question:
		return messageIdentity(r.ID)
	case *storage.Thread:
		return threadIdentity(r.ID)
	case *storage.Ticket:
		return ticketIdentity(r.Thread, r.Latest.ID)
	case *storage.Feedback:
		return feedbackIdentity(r.Question, r.User)
	case *storage.Preferences:
		return identity{r.User}
	case *storage.History:
		return messageIdentity(r.Message)
	case *storage.Token:
		return identity{string(r.Kind)}
	}
	return nil
}

// scanRecords reads the records of a table, with what follows its name r in the query, and
// returns them in order.
func scanRecords[R any](t *tx, k kind, rest string, args ...any) (records []R, err error) {
	damaged := new(damagedError)
	err = t.query(`SELECT `+k.columns("r")+` FROM enjobridge.`+k.table+` AS r `+rest, args, func(rows pgx.Rows) error {
		records = nil
		return scanEach(rows, func() error {
			id, record := make(identity, len(k.key)), []byte(nil)
			if err := rows.Scan(append(id.pointers(), &record)...); err != nil {
				return err
			}
			var r R
			if !damaged.add(decode(k, id, record, &r)) {
				records = append(records, r)
			}
			return nil
		})
	})
	return records, damaged.or(err)
}

// pointers returns where to scan the identity.
func (id identity) pointers() (all []any) {
	for n := range id {
		all = append(all, &id[n])
	}
	return all
}

// repairing runs an operation. Damaged records that are in its way are set aside, and it runs
// again.
func (s *Store) repairing(ctx context.Context, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		found := new(damagedError)
		if !errors.As(err, &found) || attempt == maxAttempts || !s.setAside(ctx, found.records) {
			return err
		}
	}
}

// setAside sets damaged records aside, and reports each of them once. It returns false if none
// is in the way any more because of this.
func (s *Store) setAside(ctx context.Context, found []damage) (done bool) {
	for _, d := range found {
		began := time.Now()
		var moved bool
		err := s.writer.do(ctx, &operation{lease: s.lease, answer: make(chan error, 1), change: func(t *tx) (err error) {
			moved, err = t.setAside(d, began)
			return err
		}})
		switch {
		case err != nil:
			err = fmt.Errorf("set damaged records aside: %w", err)
		case moved:
			err = &storage.SetAsideError{Bucket: d.kind.table, Record: d.name()}
			done = true
		default: // another replica has done it
			done = true
			continue
		}
		if s.hook != nil {
			s.hook(storage.OperationSetAside, time.Since(began), err)
		}
	}
	return done
}

// withTexts are the tables whose records can contain texts that are erased when a question
// ends, and secrets. Nobody knows where they are in a damaged record, so none of it is
// preserved.
var withTexts = []string{questions.table, buttons.table, tokens.table}

// setAside moves a record to the damaged ones, unless it is readable or gone.
func (t *tx) setAside(d damage, at time.Time) (moved bool, err error) {
	if err := t.loadAll(d.kind, d.id); err != nil {
		return false, err
	}
	record := t.records[d.kind.cacheKey(d.id)]
	if record == nil || decode(d.kind, d.id, record, d.kind.empty()) == nil {
		return false, nil
	}
	if slices.Contains(withTexts, d.kind.table) {
		record = nil
	}
	t.exec(`INSERT INTO enjobridge.damaged (source, key, at, record) VALUES ($1, $2, $3, $4)
		ON CONFLICT DO NOTHING`, d.kind.table, d.name(), at.UTC(), string(record))
	switch d.kind.table {
	case questions.table:
		return true, t.replaceQuestion(d.id)
	case threads.table:
		t.delete(d.kind, d.id)
		return true, t.replaceThread(threadOf(d.id), at)
	}
	t.delete(d.kind, d.id)
	return true, nil
}

// empty returns a record to decode into.
func (k kind) empty() any {
	switch k.table {
	case questions.table:
		return new(storage.Question)
	case threads.table:
		return new(storage.Thread)
	case tickets.table:
		return new(storage.Ticket)
	case feedback.table:
		return new(storage.Feedback)
	case preferences.table:
		return new(storage.Preferences)
	case buttons.table:
		return new(pressRecord)
	case histories.table:
		return new(storage.History)
	}
	return new(storage.Token)
}

// replaceQuestion stores a question in place of a damaged one.
func (t *tx) replaceQuestion(id identity) error {
	q, err := t.inPlaceOf(id)
	if err != nil {
		return err
	}
	return t.saveQuestion(&q)
}

// inPlaceOf returns the question to store in place of a damaged one, whose columns are sound.
func (t *tx) inPlaceOf(id identity) (storage.Question, error) {
	q := storage.Question{ID: messageOf(id)}
	var endedAt *time.Time
	const sql = `SELECT thread_team, thread_channel, thread_root, asker, accepted_at, ended_at
		FROM enjobridge.questions WHERE team = $1 AND channel = $2 AND ts = $3`
	err := t.query(sql, []any{id[0], id[1], id[2]}, func(rows pgx.Rows) error {
		return scanEach(rows, func() error {
			return rows.Scan(&q.Thread.Team, &q.Thread.Channel, &q.Thread.Root, &q.Asker, &q.AcceptedAt, &endedAt)
		})
	})
	if endedAt != nil {
		q.EndedAt = *endedAt
	}
	return q.InPlaceOf(endedAt != nil), err
}

// replaceThread stores a thread in place of a damaged one if it has unfinished questions.
func (t *tx) replaceThread(id storage.ThreadID, at time.Time) error {
	unfinished, err := t.unfinishedOfThread(id)
	if err != nil || len(unfinished) == 0 {
		return err
	}
	thread := storage.ThreadInPlace(id, unfinished, at)
	return t.saveThread(&thread)
}

// unfinishedOfThread returns the unfinished questions of a thread, oldest first.
func (t *tx) unfinishedOfThread(id storage.ThreadID) ([]storage.Question, error) {
	return scanRecords[storage.Question](t, questions, `WHERE ended_at IS NULL
		AND thread_team = $1 AND thread_channel = $2 AND thread_root = $3 ORDER BY accepted_at, number`, id.Team, id.Channel, id.Root)
}
