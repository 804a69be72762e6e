package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// A record that cannot be read must not stop the reading of the others. The operation that
// meets it fails with a damagedError. The record is set aside, unless it can contain texts of
// people only its identity, and the operation runs again.

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

// unfinishedOfThread returns the unfinished questions of a thread that can be read, oldest first.
func (t *tx) unfinishedOfThread(id storage.ThreadID) ([]storage.Question, error) {
	unfinished, err := scanRecords[storage.Question](t, questions, `WHERE ended_at IS NULL
		AND thread_team = $1 AND thread_channel = $2 AND thread_root = $3 ORDER BY accepted_at, number`, id.Team, id.Channel, id.Root)
	if errors.As(err, new(*damagedError)) {
		err = nil // whatever reads these sets them aside
	}
	return unfinished, err
}
