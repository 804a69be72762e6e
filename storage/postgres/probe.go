package postgres

import (
	"context"
	"fmt"
)

// Probe implements [storage.Store].
func (s *Store) Probe(ctx context.Context) (err error) {
	defer s.report("probe")(&err)
	err = s.update(ctx, needs{}, func(t *tx) error {
		t.exec(`INSERT INTO enjobridge.probes (at) VALUES (clock_timestamp()) ON CONFLICT (one) DO UPDATE SET at = EXCLUDED.at`)
		return nil
	})
	if err != nil {
		return fmt.Errorf("write a test value to the store: %w", err)
	}
	return nil
}
