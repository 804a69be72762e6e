package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// Ensure that the head of a store tells its schema, or why it cannot be opened, and that
// the file stays as it is.
func TestInspectBolt(t *testing.T) {
	create := func(t *testing.T, path string) {
		t.Helper()
		b, err := OpenBolt(path, BoltOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	schema := func(value string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			create(t, path)
			db, err := bbolt.Open(path, boltMode, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketAbout).Put(keySchema, []byte(value)) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, test := range map[string]struct {
		prepare func(*testing.T, string)
		schema  int
		err     error
	}{
		"a store":           {create, Schema, nil},
		"an older one":      {schema("1"), 1, nil},
		"a newer one":       {schema("99"), 0, ErrVersion},
		"no number":         {schema("new"), 0, ErrCorrupt},
		"no file":           {func(*testing.T, string) {}, 0, fs.ErrNotExist},
		"another kind":      {func(t *testing.T, path string) { write(t, path, []byte("Buy milk.")) }, 0, ErrForeign},
		"an empty file":     {func(t *testing.T, path string) { write(t, path, nil) }, 0, fs.ErrNotExist},
		"without its end":   {func(t *testing.T, path string) { create(t, path); cut(t, path, 5_000) }, 0, ErrCorrupt},
		"in another's hand": {func(t *testing.T, path string) { create(t, path); hold(t, path) }, 0, ErrInUse},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bot.db")
			test.prepare(t, path)
			before, _ := os.ReadFile(path)
			got, err := InspectBolt(path, BoltOptions{LockTimeout: time.Millisecond})
			if got != test.schema || !errors.Is(err, test.err) {
				t.Errorf("the schema is %d, error %v", got, err)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file has changed")
			}
		})
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, boltMode); err != nil {
		t.Fatal(err)
	}
}

func cut(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// hold opens a store until the test ends.
func hold(t *testing.T, path string) {
	t.Helper()
	b, err := OpenBolt(path, BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
}
