package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Watermark implements [storage.Store].
func (s *Store) Watermark(ctx context.Context, conversation string) (until time.Time, err error) {
	defer s.report("swept")(&err)
	err = s.view(ctx, func(t *tx) error {
		const sql = `SELECT until FROM enjobridge.watermarks WHERE conversation = $1`
		return t.query(sql, []any{conversation}, func(rows pgx.Rows) error {
			until = time.Time{}
			return scanEach(rows, func() error { return rows.Scan(&until) })
		})
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read the watermark of conversation %q: %w", conversation, err)
	}
	return until.UTC(), nil
}

// SetWatermark implements [storage.Store].
func (s *Store) SetWatermark(ctx context.Context, conversation string, until time.Time) (err error) {
	defer s.report("set_swept")(&err)
	if err = check("conversation", conversation); err == nil {
		err = s.update(ctx, needs{}, func(t *tx) error {
			t.exec(`INSERT INTO enjobridge.watermarks (conversation, until) VALUES ($1, $2)
				ON CONFLICT (conversation) DO UPDATE SET until = EXCLUDED.until`, conversation, until.UTC())
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("store the watermark of conversation %q: %w", conversation, err)
	}
	return nil
}
