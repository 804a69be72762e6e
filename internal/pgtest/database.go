package pgtest

import (
	"context"
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

// reset makes a database as it was when it was created, and ends the connections to it.
func reset(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	name := pgx.Identifier{conn.Config().Database}.Sanitize()
	for _, statement := range []string{
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
		`ALTER DATABASE ` + name + ` RESET ALL`,
		`DROP SCHEMA IF EXISTS enjobridge CASCADE`,
		`DROP SCHEMA public CASCADE`,
		`CREATE SCHEMA public`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
