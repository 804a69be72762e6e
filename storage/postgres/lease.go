package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// The lease is one row. Its times are the database's alone. A fenced transaction holds
// leaseLock for sharing from before it checks the lease until its end. Who takes the lease
// holds leaseLock alone, so that no transaction of the holder before is left, and none that
// begins later finds its token. A frozen holder delays that by at most idleTimeout.

// AcquireLease implements [storage.Replicated].
func (s *Store) AcquireLease(ctx context.Context, owner string, length time.Duration) (storage.Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	lease, err := s.acquireLease(ctx, owner, length)
	if err != nil {
		return storage.Lease{}, fmt.Errorf("acquire the lease: %w", translated(err))
	}
	return lease, nil
}

func (s *Store) acquireLease(ctx context.Context, owner string, length time.Duration) (storage.Lease, error) {
	// Waiting for leaseLock would delay the writes of a holder, so look first.
	var held bool
	const look = `SELECT owner <> $1 AND ends_at > clock_timestamp() FROM enjobridge.leases`
	if err := s.reserved.QueryRow(ctx, look, owner).Scan(&held); err != nil {
		return storage.Lease{}, err
	}
	if held {
		return storage.Lease{}, storage.ErrLeaseHeld
	}
	lease := storage.Lease{Owner: owner}
	err := s.changeLease(ctx, storage.ErrLeaseHeld, func(b *pgx.Batch) *pgx.QueuedQuery {
		b.Queue(`SELECT pg_advisory_xact_lock($1)`, leaseLock)
		return b.Queue(`UPDATE enjobridge.leases SET owner = $1, token = token + 1, ends_at = clock_timestamp() + make_interval(secs => $2)
			WHERE owner = $1 OR ends_at <= clock_timestamp() RETURNING token`, owner, length.Seconds())
	}, &lease.Token)
	return lease, err
}

// changeLease changes the lease in one round trip, by a query that returns a row. It returns
// otherwise if there is no row.
func (s *Store) changeLease(ctx context.Context, otherwise error, change func(*pgx.Batch) *pgx.QueuedQuery, result any) error {
	changed := false
	err := s.atOnce(ctx, func(b *pgx.Batch) {
		change(b).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func() error {
				changed = true
				return rows.Scan(result)
			})
		})
	})
	if err != nil {
		return err
	}
	if !changed {
		return otherwise
	}
	return nil
}

// RenewLease implements [storage.Replicated].
func (s *Store) RenewLease(ctx context.Context, lease storage.Lease, length time.Duration) error {
	err := s.changeLease(ctx, storage.ErrLeaseLost, func(b *pgx.Batch) *pgx.QueuedQuery {
		return b.Queue(`UPDATE enjobridge.leases SET ends_at = clock_timestamp() + make_interval(secs => $3)
			WHERE owner = $1 AND token = $2 AND ends_at > clock_timestamp() RETURNING token`, lease.Owner, lease.Token, length.Seconds())
	}, new(int64))
	if err != nil {
		return fmt.Errorf("renew the lease: %w", translated(err))
	}
	return nil
}

// ReleaseLease implements [storage.Replicated].
func (s *Store) ReleaseLease(ctx context.Context, lease storage.Lease) error {
	err := s.changeLease(ctx, nil, func(b *pgx.Batch) *pgx.QueuedQuery {
		b.Queue(`SELECT pg_notify($1, '')`, notifications)
		return b.Queue(`UPDATE enjobridge.leases SET ends_at = clock_timestamp()
			WHERE owner = $1 AND token = $2 AND ends_at > clock_timestamp() RETURNING token`, lease.Owner, lease.Token)
	}, new(int64))
	if err != nil {
		return fmt.Errorf("release the lease: %w", translated(err))
	}
	return nil
}

// Holder implements [storage.Replicated].
func (s *Store) Holder(ctx context.Context) (owner string, until time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	var seconds float64
	err = s.reserved.QueryRow(ctx, `SELECT owner, extract(epoch FROM ends_at - clock_timestamp())::float8 FROM enjobridge.leases
		WHERE ends_at > clock_timestamp()`).Scan(&owner, &seconds)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", time.Time{}, nil
	}
	if err != nil {
		return "", time.Time{}, fmt.Errorf("read the lease: %w", translated(err))
	}
	return owner, time.Now().Add(time.Duration(seconds * float64(time.Second))), nil
}
