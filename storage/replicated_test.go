package storage_test

import (
	"path/filepath"
	"testing"

	"enjobridge/storage"
	"enjobridge/storage/replicatedtest"
	"enjobridge/storage/storagetest"
)

// Ensure that a replica in memory is a Store like any other.
func TestReplica_Conformance(t *testing.T) {
	databases := make(map[storage.Store]*replicatedtest.Database)
	connect := func(d *replicatedtest.Database) storage.Store {
		r := d.Replica()
		databases[r] = d
		return r
	}
	storagetest.Run(t,
		func(t *testing.T) storage.Store { return connect(newDatabase(t)) },
		func(t *testing.T, s storage.Store) storage.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return connect(databases[s])
		},
	)
}

func TestReplica_Replicated(t *testing.T) {
	storagetest.RunReplicated(t, func(t *testing.T) []storage.Replicated {
		d := newDatabase(t)
		return []storage.Replicated{d.Replica(), d.Replica(), d.Replica()}
	})
}

// newDatabase returns an empty database in memory, which is closed at the end of the test.
func newDatabase(t *testing.T) *replicatedtest.Database {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), "enjobridge.db"), storage.Unsynced)
	t.Cleanup(func() { closeStore(t, s) })
	return replicatedtest.New(s)
}
