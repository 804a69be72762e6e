package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// replicaLock is held by who registers, so that of two that do so together one sees the other.
var replicaLock = lockName("replicas")

// forgetReplicasAfter is how long after its last registration a replica is forgotten.
const forgetReplicasAfter = 24 * time.Hour

// Register implements [storage.Replicated].
func (s *Store) Register(ctx context.Context, r storage.Replica, within time.Duration) (registered []storage.Replica, err error) {
	err = s.update(ctx, needs{locks: []int64{replicaLock}}, func(t *tx) error {
		registered = nil
		if err := check("replica", r.ID); err != nil {
			return err
		}
		t.exec(`DELETE FROM enjobridge.replicas WHERE seen_at < clock_timestamp() - make_interval(secs => $1)`, forgetReplicasAfter.Seconds())
		t.exec(`INSERT INTO enjobridge.replicas (id, sockets, seen_at) VALUES ($1, $2, clock_timestamp())
			ON CONFLICT (id) DO UPDATE SET sockets = EXCLUDED.sockets, seen_at = EXCLUDED.seen_at`, r.ID, r.Sockets)
		const sql = `SELECT id, sockets FROM enjobridge.replicas WHERE seen_at > clock_timestamp() - make_interval(secs => $1) ORDER BY number`
		return t.query(sql, []any{within.Seconds()}, func(rows pgx.Rows) error {
			return scanEach(rows, func() error {
				var known storage.Replica
				err := rows.Scan(&known.ID, &known.Sockets)
				registered = append(registered, known)
				return err
			})
		})
	})
	if err != nil {
		return nil, fmt.Errorf("register replica %s: %w", r.ID, err)
	}
	return registered, nil
}

// Deregister implements [storage.Replicated].
func (s *Store) Deregister(ctx context.Context, id string) error {
	err := s.update(ctx, needs{}, func(t *tx) error {
		t.exec(`DELETE FROM enjobridge.replicas WHERE id = $1`, id)
		return nil
	})
	if err != nil {
		return fmt.Errorf("deregister replica %s: %w", id, err)
	}
	return nil
}
