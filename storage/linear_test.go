package storage_test

import (
	"flag"
	"path/filepath"
	"testing"
	"time"

	"enjobridge/storage"
	"enjobridge/storage/storagetest"
)

var linearFor = flag.Duration("linear.for", 2*time.Second, "how long TestBolt_Linearizability runs")

// Ensure that goroutines that use a bbolt store at the same time see one order of changes.
func TestBolt_Linearizability(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "enjobridge.db"), storage.Unsynced)
	storagetest.Linearizability(t, *linearFor, storagetest.Replicas{Stores: []storage.Store{s}})
	closeStore(t, s)
}
