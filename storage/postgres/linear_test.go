package postgres

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
	"enjobridge/storage/storagetest"
)

var linearFor = flag.Duration("linear.for", 2*time.Second, "how long each test of linearizability runs")

// Ensure that replicas that use a database at the same time see one order of changes.
func TestStore_Linearizability(t *testing.T) {
	storagetest.Linearizability(t, *linearFor, storagetest.Replicas{Stores: openThree(t, pgtest.Database(t))})
}

// Ensure that they do although the database ends their connections again and again.
func TestStore_LinearizabilityWithoutConnections(t *testing.T) {
	url := pgtest.Database(t)
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	storagetest.Linearizability(t, *linearFor, storagetest.Replicas{Stores: openThree(t, url), Disturb: func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, _ = pool.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1`) // it may be busy
	}})
}

// Ensure that they do although the database crashes: what it has confirmed stays.
func TestStore_LinearizabilityOverCrashes(t *testing.T) {
	pgtest.Require(t)
	server, err := pgtest.Start(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	url, err := server.CreateDatabase("crashing")
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Linearizability(t, *linearFor, storagetest.Replicas{Stores: openThree(t, url), Disturb: func() {
		<-time.After(time.Duration(rand.Int64N(int64(200 * time.Millisecond))))
		server.Kill()
		if err := server.Restart(); err != nil {
			t.Error(err)
		}
		<-time.After(time.Second) // for answers
	}})
}

// openThree opens three stores over one database, and closes them at the end of the test.
func openThree(t *testing.T, url string) (stores []storage.Store) {
	t.Helper()
	for range 3 {
		s := open(t, url)
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		stores = append(stores, s)
	}
	return stores
}
