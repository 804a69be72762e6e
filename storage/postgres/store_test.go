package postgres

import (
	"context"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
	"enjobridge/storage/storagetest"
)

func TestStore(t *testing.T) {
	pgtest.Require(t)
	urls := make(map[storage.Store]string)
	storagetest.Run(t,
		func(t *testing.T) storage.Store {
			url := pgtest.Database(t)
			s := open(t, url)
			urls[s] = url
			return s
		},
		func(t *testing.T, s storage.Store) storage.Store {
			url := urls[s]
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			again := open(t, url)
			urls[again] = url
			return again
		},
	)
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
