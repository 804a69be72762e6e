package storage_test

import (
	"path/filepath"
	"testing"

	"enjobridge/storage"
	"enjobridge/storage/storagetest"
)

// Ensure that a bbolt store passes the conformance tests.
func TestBolt_Conformance(t *testing.T) {
	paths := make(map[storage.Store]string)
	openAt := func(t *testing.T, path string) storage.Store {
		t.Helper()
		s := open(t, path, storage.Unsynced)
		paths[s] = path
		return s
	}
	storagetest.Run(t,
		func(t *testing.T) storage.Store { return openAt(t, filepath.Join(t.TempDir(), "enjobridge.db")) },
		func(t *testing.T, s storage.Store) storage.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return openAt(t, paths[s])
		},
	)
}
