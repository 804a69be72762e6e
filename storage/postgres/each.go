package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// eachPage is how many records one query of EachEnded and of its siblings reads.
const eachPage = 500

// EachEnded implements [storage.Store].
func (s *Store) EachEnded(ctx context.Context, from, until time.Time, visit func(storage.Question) error) (err error) {
	defer s.report("each_ended")(&err)
	if err = eachRecord(ctx, s, questions, "ended_at", from, until, visit); err != nil {
		return fmt.Errorf("read the ended questions: %w", err)
	}
	return nil
}

// EachFeedback implements [storage.Store].
func (s *Store) EachFeedback(ctx context.Context, from, until time.Time, visit func(storage.Feedback) error) (err error) {
	defer s.report("each_feedback")(&err)
	if err = eachRecord(ctx, s, feedback, "at", from, until, visit); err != nil {
		return fmt.Errorf("read the feedback: %w", err)
	}
	return nil
}

// EachEvent implements [storage.Store].
func (s *Store) EachEvent(ctx context.Context, from, until time.Time, visit func(storage.Event) error) (err error) {
	defer s.report("each_event")(&err)
	const sql = `SELECT at, key FROM enjobridge.keys WHERE event AND (at, key) > ($1, $2) AND at < $3 ORDER BY at, key LIMIT $4`
	err = eachRow(ctx, s, sql, from, until, "", func(rows pgx.Rows) (e storage.Event, at time.Time, key string, err error) {
		err = rows.Scan(&at, &key)
		e, _ = storage.Key(key).Event(at.UTC())
		return e, at, key, err
	}, visit)
	if err != nil {
		return fmt.Errorf("read the events: %w", err)
	}
	return nil
}

// eachRecord calls visit for the records whose time in a column is in a range, in order. The
// table has an index by the column and the number.
func eachRecord[R any](ctx context.Context, s *Store, k kind, column string, from, until time.Time, visit func(R) error) error {
	sql := fmt.Sprintf(`SELECT %[2]s, number, %[3]s FROM enjobridge.%[1]s AS r
		WHERE (%[2]s, number) > ($1, $2) AND %[2]s < $3 ORDER BY %[2]s, number LIMIT $4`, k.table, column, k.columns("r"))
	return eachRow(ctx, s, sql, from, until, int64(0), func(rows pgx.Rows) (r R, at time.Time, number int64, err error) {
		id, record := make(identity, len(k.key)), []byte(nil)
		if err = rows.Scan(append(append([]any{&at, &number}, id.pointers()...), &record)...); err == nil {
			err = decode(k, id, record, &r)
		}
		return r, at, number, err
	}, visit)
}

// eachRow calls visit for what scan reads of the rows of a query, page by page. The query has
// a time and a number, or a key, after which a page begins, the time before which the last
// one ends, and the length of a page as parameters.
func eachRow[R, N any](
	ctx context.Context, s *Store, sql string, from, until time.Time, after N,
	scan func(pgx.Rows) (R, time.Time, N, error), visit func(R) error,
) error {
	for {
		var page []R
		at, last, rows := from, after, 0
		err := s.view(ctx, func(t *tx) error {
			damaged := new(damagedError)
			err := t.query(sql, []any{from.UTC(), after, until.UTC(), eachPage}, func(r pgx.Rows) error {
				page, rows = nil, 0
				return scanEach(r, func() (err error) {
					var record R
					rows++
					record, at, last, err = scan(r)
					if damaged.add(err) {
						return nil
					}
					page = append(page, record)
					return err
				})
			})
			return damaged.or(err)
		})
		if err != nil {
			return err
		}
		for _, record := range page {
			if err := visit(record); err != nil {
				return err
			}
		}
		if rows < eachPage {
			return nil
		}
		from, after = at, last
	}
}
