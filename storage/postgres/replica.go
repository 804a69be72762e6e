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

// Register implements [storage.Replicated]. It does not wait for the writer, nor is the writer
// of another replica kept waiting by what it waits for.
func (s *Store) Register(ctx context.Context, r storage.Replica, within time.Duration) (registered []storage.Replica, err error) {
	if err = check("replica", r.ID); err == nil {
		err = s.atOnce(ctx, func(b *pgx.Batch) {
			b.Queue(`SELECT pg_advisory_xact_lock($1)`, replicaLock)
			b.Queue(`DELETE FROM enjobridge.replicas WHERE seen_at < clock_timestamp() - make_interval(secs => $1)`, forgetReplicasAfter.Seconds())
			b.Queue(`INSERT INTO enjobridge.replicas (id, sockets, seen_at) VALUES ($1, $2, clock_timestamp())
				ON CONFLICT (id) DO UPDATE SET sockets = EXCLUDED.sockets, seen_at = EXCLUDED.seen_at`, r.ID, r.Sockets)
			const sql = `SELECT id, sockets FROM enjobridge.replicas WHERE seen_at > clock_timestamp() - make_interval(secs => $1) ORDER BY number`
			b.Queue(sql, within.Seconds()).Query(func(rows pgx.Rows) error {
				return scanEach(rows, func() error {
					var known storage.Replica
					err := rows.Scan(&known.ID, &known.Sockets)
					registered = append(registered, known)
					return err
				})
			})
		})
	}
	if err != nil {
		return nil, fmt.Errorf("register replica %s: %w", r.ID, translated(err))
	}
	return registered, nil
}

// Deregister implements [storage.Replicated].
func (s *Store) Deregister(ctx context.Context, id string) error {
	err := s.atOnce(ctx, func(b *pgx.Batch) { b.Queue(`DELETE FROM enjobridge.replicas WHERE id = $1`, id) })
	if err != nil {
		return fmt.Errorf("deregister replica %s: %w", id, translated(err))
	}
	return nil
}

// atOnce runs statements in one transaction and in one round trip, without the writer.
func (s *Store) atOnce(ctx context.Context, add func(*pgx.Batch)) error {
	ctx, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	var b pgx.Batch
	begin(&b)
	add(&b)
	b.Queue(`COMMIT`)
	return s.reserved.SendBatch(ctx, &b).Close()
}
