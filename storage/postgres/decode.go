package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

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
