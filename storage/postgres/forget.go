package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// forgetBatch is how many records one transaction of Forget deletes.
const forgetBatch = 100

// forgettable are records that Forget deletes: those of a table with a time before another
// one, and with a condition. An index leads to them by the time.
type forgettable struct {
	kind            kind
	time, condition string
	before          time.Time
}

// Forget implements [storage.Store].
func (s *Store) Forget(ctx context.Context, seenBefore, idleBefore time.Time) (err error) {
	defer s.report("forget")(&err)
	eventsBefore := seenBefore
	if idleBefore.Before(eventsBefore) {
		eventsBefore = idleBefore
	}
	for _, f := range []forgettable{
		{kind{table: "keys"}, "at", "NOT event AND NOT lasting", seenBefore},
		{kind{table: "keys"}, "at", "event", eventsBefore},
		{kind{table: "calls"}, "at", "true", seenBefore},
		{buttons, "at", "true", seenBefore},
		{questions, "ended_at", "ended_at IS NOT NULL", idleBefore},
		{tickets, "updated_at", "true", idleBefore},
		{feedback, "at", "true", idleBefore},
		{threads, "last_active", idleThread, idleBefore},
		{histories, "began_at", "true", idleBefore},
		{kind{table: "damaged"}, "at", "true", idleBefore},
		{kind{table: "commits"}, "at", "true", idleBefore}, // of processes that have ended
	} {
		if err := s.forget(ctx, f); err != nil {
			return fmt.Errorf("forget old %s: %w", f.kind.table, err)
		}
	}
	return nil
}

// idleThread is the condition that a thread has no unfinished question.
const idleThread = `NOT EXISTS (SELECT FROM enjobridge.questions AS q WHERE q.ended_at IS NULL
	AND (q.thread_team, q.thread_channel, q.thread_root) = (r.team, r.channel, r.root))`

// forget deletes records, batch by batch.
func (s *Store) forget(ctx context.Context, f forgettable) error {
	where := fmt.Sprintf(`WHERE %s < $1 AND %s`, f.time, f.condition)
	oldest := fmt.Sprintf(` ORDER BY %s LIMIT %d`, f.time, forgetBatch)
	for {
		found, err := s.identities(ctx, f.kind, where+oldest, f.before.UTC())
		if err != nil || len(found) == 0 {
			return err
		}
		err = s.update(ctx, needs{locks: f.kind.locks(found)}, func(t *tx) error {
			if f.kind.key != nil {
				t.deleteAll(f.kind, found, where, f.before.UTC())
			} else { // nothing is decided on these before they are written
				t.exec(fmt.Sprintf(`DELETE FROM enjobridge.%[1]s WHERE ctid = ANY (ARRAY (SELECT ctid FROM enjobridge.%[1]s %[2]s))`,
					f.kind.table, where+oldest), f.before.UTC())
			}
			return nil
		})
		if err != nil || len(found) < forgetBatch {
			return err
		}
	}
}

// identities returns the identities of records of a kind, with what follows the name r of the
// table in the query.
func (s *Store) identities(ctx context.Context, k kind, rest string, args ...any) (found []identity, err error) {
	err = s.view(ctx, func(t *tx) error {
		return t.query(fmt.Sprintf(`SELECT %s FROM enjobridge.%s AS r %s`, strings.Join(k.key, ", "), k.table, rest), args, func(rows pgx.Rows) error {
			found = nil
			return scanEach(rows, func() error {
				id := make(identity, len(k.key))
				found = append(found, id)
				return rows.Scan(id.pointers()...)
			})
		})
	})
	return found, err
}

// deleteAll deletes those of the records, which are locked, to which a condition with one
// parameter still applies: another transaction may just have changed one of them.
func (t *tx) deleteAll(k kind, ids []identity, where string, arg any) {
	columns := make([][]string, len(k.key))
	for _, id := range ids {
		for n, part := range id {
			columns[n] = append(columns[n], part)
		}
		delete(t.records, k.cacheKey(id))
	}
	values, arrays := []any{arg}, []string(nil)
	for n, column := range columns {
		values, arrays = append(values, column), append(arrays, fmt.Sprintf("$%d::text[]", n+2))
	}
	t.exec(fmt.Sprintf(`DELETE FROM enjobridge.%[1]s WHERE ctid IN (SELECT ctid FROM enjobridge.%[1]s AS r %s AND (%s) IN (SELECT * FROM unnest(%s)))`,
		k.table, where, strings.Join(k.key, ", "), strings.Join(arrays, ", ")), values...)
}
