package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// recordCall records a call to the agent.
func (t *tx) recordCall(at time.Time) {
	t.exec(`INSERT INTO enjobridge.calls (at) VALUES ($1)`, at.UTC())
}

// Calls implements [storage.Store].
func (s *Store) Calls(ctx context.Context, since time.Time) (calls []time.Time, err error) {
	defer s.report("calls")(&err)
	err = s.view(ctx, func(t *tx) error {
		const sql = `SELECT at FROM enjobridge.calls WHERE at >= $1 ORDER BY at`
		return t.query(sql, []any{since.UTC()}, func(rows pgx.Rows) error {
			calls = nil
			return scanEach(rows, func() error {
				var at time.Time
				err := rows.Scan(&at)
				calls = append(calls, at.UTC())
				return err
			})
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the recent calls: %w", err)
	}
	return calls, nil
}
