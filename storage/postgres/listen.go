package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pingEvery is how long Listen waits before it asks whether the connection is still there.
const pingEvery = 10 * time.Second

// Listen implements [storage.Replicated]. It opens a connection of its own.
func (s *Store) Listen(ctx context.Context, wake func()) error {
	err := s.listenFor(ctx, wake)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("listen to the database: %w", translated(err))
}

func (s *Store) listenFor(ctx context.Context, wake func()) error {
	conn, err := pgx.ConnectConfig(ctx, s.listen.Copy())
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // nothing is lost with it
	}()
	if err := within(ctx, pingTimeout, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, `LISTEN `+notifications)
		return err
	}); err != nil {
		return err
	}
	for wake(); ; {
		err := within(ctx, pingEvery, func(ctx context.Context) error {
			_, err := conn.WaitForNotification(ctx)
			return err
		})
		switch {
		case err == nil:
			wake()
		case ctx.Err() != nil || !pgconn.Timeout(err) && !errors.Is(err, context.DeadlineExceeded):
			return err
		default: // a connection that a firewall has dropped is silent, too
			if err := within(ctx, pingTimeout, conn.Ping); err != nil {
				return err
			}
		}
	}
}

// within calls do with a context that ends after a time.
func within(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}
