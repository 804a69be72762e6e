package pgtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// databases are databases that no test uses any more: it takes long to create one.
type databases struct {
	mu   sync.Mutex
	urls []string
}

// take returns the URL of one of the databases; empty if there is none.
func (d *databases) take() (url string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if last := len(d.urls) - 1; last >= 0 {
		url, d.urls = d.urls[last], d.urls[:last]
	}
	return url
}

func (d *databases) add(url string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.urls = append(d.urls, url)
}

// reset makes a database as it was when it was created, under another name: a process that
// ends later must not use it any more. It returns the new URL.
func (s *Server) reset(url string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	before, after := conn.Config().Database, nextName()
	err = execAll(
		ctx, conn,
		`ALTER DATABASE `+before+` RESET ALL`,
		`DROP SCHEMA IF EXISTS enjobridge CASCADE`,
		`DROP SCHEMA public CASCADE`,
		`CREATE SCHEMA public`,
	)
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		return "", err
	}
	if conn, err = pgx.Connect(ctx, s.URL("postgres")); err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	return s.URL(after), execAll(
		ctx, conn,
		`ALTER DATABASE `+before+` ALLOW_CONNECTIONS false`,
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '`+before+`'`,
		`ALTER DATABASE `+before+` RENAME TO `+after,
		`ALTER DATABASE `+after+` ALLOW_CONNECTIONS true`,
	)
}

// execAll executes statements, each for itself.
func execAll(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// nextName returns the name of a database that does not exist.
func nextName() string { return fmt.Sprintf("test%d", number.Add(1)) }
