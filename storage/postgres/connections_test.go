package postgres

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/internal/pgtest"
)

// Ensure that a replica opens as many connections as docs/replicas.md says, however much it reads
// and writes while the database hangs.
func TestConnections(t *testing.T) {
	const (
		most  = maxConnections + reserved + 1 // for Listen
		count = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'enjobridge'`
	)
	url := pgtest.Database(t)
	s := open(t, url)
	defer s.Close()
	connect := func() *pgx.Conn {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		return conn
	}
	locking, counting := connect(), connect()
	locks, err := locking.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := locks.Exec(t.Context(), `LOCK TABLE enjobridge.questions, enjobridge.leases`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var using sync.WaitGroup
	repeat := func(do func() error) {
		using.Go(func() {
			for ctx.Err() == nil {
				_ = do() // it fails when the statement has waited too long
			}
		})
	}
	q, thread := numbered(1)
	using.Go(func() { _ = s.Listen(ctx, func() {}) })
	for range 2 * most {
		repeat(func() error { _, err := s.Question(ctx, q.ID); return err })
		repeat(func() error { _, err := s.Accept(ctx, q, thread); return err })
		repeat(func() error { _, err := s.AcquireLease(ctx, "this", time.Second); return err })
	}
	var n int
	for n < most && err == nil {
		err = counting.QueryRow(t.Context(), count).Scan(&n)
	}
	cancel()
	_ = locks.Rollback(context.Background())
	using.Wait()
	if err != nil || n != most {
		t.Errorf("the store has %d connections, %v; want %d", n, err, most)
	}

	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "replicas.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("A replica opens up to %d connections", most); !strings.Contains(string(doc), want) {
		t.Errorf("docs/replicas.md does not say %q", want)
	}
}
