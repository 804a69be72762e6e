package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pingEvery is how long Listen waits before it asks whether the connection is still there: one
// that a firewall has dropped is silent.
const pingEvery = 10 * time.Second

// listening is how a store listens.
type listening struct {
	config *pgx.ConnConfig
	// direct says that the address was given for listening.
	direct    bool
	pingEvery time.Duration
}

// errPooled says that the connection leads to a pooler.
var errPooled = errors.New("the connection leads to a pooler")

// Listen implements [storage.Replicated]. It opens its own connection. If that leads to a
// pooler, which may not pass on what the database sends, it only waits until ctx ends.
func (s *Store) Listen(ctx context.Context, wake func()) error {
	err := s.listenFor(ctx, wake)
	if errors.Is(err, errPooled) {
		wake()
		<-ctx.Done()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("listen to the database: %w", translated(err))
}

func (s *Store) listenFor(ctx context.Context, wake func()) error {
	conn, err := pgx.ConnectConfig(ctx, s.listen.config.Copy())
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // nothing is lost with it
	}()
	if err := within(ctx, pingTimeout, func(ctx context.Context) error { return s.subscribe(ctx, conn) }); err != nil {
		return err
	}
	for wake(); ; {
		err := within(ctx, s.listen.pingEvery, func(ctx context.Context) error {
			_, err := conn.WaitForNotification(ctx)
			return err
		})
		switch {
		case err == nil:
			wake()
		case ctx.Err() != nil || !pgconn.Timeout(err):
			return err
		default:
			if err := within(ctx, pingTimeout, conn.Ping); err != nil {
				return err
			}
		}
	}
}

// subscribe makes the database send notifications to a connection.
func (s *Store) subscribe(ctx context.Context, conn *pgx.Conn) error {
	if !s.listen.direct {
		var process uint32
		if err := conn.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&process); err != nil {
			return err
		}
		if process != conn.PgConn().PID() { // a pooler tells each client its own number
			return errPooled
		}
	}
	_, err := conn.Exec(ctx, `LISTEN `+notifications)
	return err
}

// within calls do with a context that ends after a time.
func within(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}
