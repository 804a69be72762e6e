package postgres

import (
	"context"
	"flag"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
	"enjobridge/storage/storagetest"
)

func TestStore(t *testing.T) {
	pgtest.Require(t)
	runStore(t, func(url string) string { return url }, "10")
}

// runStore runs the tests of a Store, or those with names, in databases whose address is
// changed. Tests with random operations have so many checks.
func runStore(t *testing.T, through func(url string) string, checks string, names ...string) {
	t.Helper()
	fewerChecks(t, checks)
	var free []string // databases that no store uses any more
	all := t
	openEmpty := func(t *testing.T) storage.Store {
		s := &testStore{free: &free}
		if n := len(free) - 1; n >= 0 {
			s.url, free = free[n], free[:n]
		} else {
			s.url = through(pgtest.Database(all))
		}
		s.Store = open(t, s.url)
		s.empty(t)
		return s
	}
	if len(names) == 0 {
		t.Run("Undone", func(t *testing.T) { storagetest.RunUndone(t, openEmpty) })
	}
	storagetest.Run(t, openEmpty,
		func(t *testing.T, s storage.Store) storage.Store {
			before := s.(*testStore)
			if err := before.Store.Close(); err != nil {
				t.Fatal(err)
			}
			return &testStore{open(t, before.url), before.url, before.free}
		},
		names...,
	)
}

// fewerChecks makes tests with random operations shorter, unless a flag says how long they are:
// the file's store runs the same ones, and here each operation takes a round trip.
func fewerChecks(t *testing.T, number string) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() != checks.DefValue {
		return
	}
	set := func(value string) {
		if err := checks.Value.Set(value); err != nil {
			t.Fatal(err)
		}
	}
	set(number)
	t.Cleanup(func() { set(checks.DefValue) })
}

// testStore is a Store whose database is used for another test once it is closed: it takes
// long to create one.
type testStore struct {
	*Store
	url  string
	free *[]string
}

func (s *testStore) Close() error {
	*s.free = append(*s.free, s.url)
	return s.Store.Close()
}

// empty deletes all records.
func (s *testStore) empty(t *testing.T) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `DO $$ DECLARE name text; BEGIN
		FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'enjobridge' AND tablename NOT IN ('about', 'leases') LOOP
			EXECUTE format('DELETE FROM enjobridge.%I', name);
		END LOOP;
		UPDATE enjobridge.leases SET owner = '', token = 0, ends_at = '-infinity';
	END $$`)
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, url string) *Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := Open(ctx, url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
