package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// Backlog implements [storage.Store].
func (s *Store) Backlog(ctx context.Context) (_ storage.Backlog, err error) {
	defer s.report("backlog")(&err)
	var backlog storage.Backlog
	err = s.view(ctx, func(t *tx) error {
		backlog = storage.Backlog{}
		const sql = `SELECT state, count(*), min(accepted_at) FROM enjobridge.questions WHERE ended_at IS NULL GROUP BY state`
		return t.query(sql, nil, func(rows pgx.Rows) error {
			return scanEach(rows, func() error { return scanBacklog(rows, &backlog) })
		})
	})
	if err != nil {
		return storage.Backlog{}, fmt.Errorf("count the unfinished questions: %w", err)
	}
	return backlog, nil
}

// scanBacklog adds the questions of a state.
func scanBacklog(rows pgx.Rows, backlog *storage.Backlog) error {
	var state storage.State
	var n int
	var oldest time.Time
	if err := rows.Scan((*string)(&state), &n, &oldest); err != nil {
		return err
	}
	backlog.Add(state, n, oldest.UTC())
	return nil
}
