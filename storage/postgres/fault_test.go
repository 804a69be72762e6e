package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// faulty is a store whose operations count in a table of the test.
type faulty struct {
	*Store
	t     *testing.T
	admin string // the address of the database without faults
}

// openFaulty opens a store at a URL that leads to the database admin.
func openFaulty(t *testing.T, url, admin string) *faulty {
	t.Helper()
	f := &faulty{Store: open(t, url), t: t, admin: admin}
	t.Cleanup(func() { _ = f.Close() })
	f.sql(`CREATE TABLE IF NOT EXISTS public.counters (name text PRIMARY KEY, n integer NOT NULL)`)
	return f
}

// connect opens a connection without faults, which is closed at the end of the test.
func (f *faulty) connect() *pgx.Conn {
	f.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, f.admin)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.Close(ctx) })
	return conn
}

// sql executes a statement on a connection without faults.
func (f *faulty) sql(sql string, args ...any) {
	f.t.Helper()
	conn := f.connect()
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
		f.t.Fatal(err)
	}
}

// scan reads a value with a connection without faults.
func (f *faulty) scan(value any, sql string, args ...any) {
	f.t.Helper()
	conn := f.connect()
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), sql, args...).Scan(value); err != nil {
		f.t.Fatal(err)
	}
}

// count returns how often a name was counted.
func (f *faulty) count(name string) (n int) {
	f.t.Helper()
	f.scan(&n, `SELECT coalesce(sum(n), 0) FROM public.counters WHERE name = $1`, name)
	return n
}

// add returns an operation that counts a name, and then returns err.
func add(name string, err error) func(*tx) error {
	return func(t *tx) error {
		t.exec(`INSERT INTO public.counters VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET n = counters.n + 1`, name)
		return err
	}
}

// addSlowly counts a name in three round trips, because it reads first.
func addSlowly(name string) func(*tx) error {
	return func(t *tx) error {
		if err := t.query(`SELECT n FROM public.counters WHERE name = $1`, []any{name}, ignoreRows); err != nil {
			return err
		}
		return add(name, nil)(t)
	}
}

// wait returns an operation that waits for an advisory lock.
func wait(lock int64) func(*tx) error {
	return func(t *tx) error { return t.query(`SELECT pg_advisory_xact_lock($1)`, []any{lock}, ignoreRows) }
}

func ignoreRows(rows pgx.Rows) error { return scanEach(rows, func() error { return nil }) }
