package ops

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"enjobridge/storage"
)

// newStore creates a store with one question.
func newStore(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "bot.db")
	s, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	id := storage.MessageID{Team: "T1", Channel: "C1", TS: "1.1"}
	thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.1"}
	q := storage.Question{ID: id, Thread: thread, State: storage.Queued, AcceptedAt: now, Text: "Why?"}
	if _, err := s.Accept(t.Context(), q, storage.Thread{ID: thread, LastActive: now}); err != nil {
		t.Fatal(err)
	}
	return path
}

// Ensure that a store without problems is reported as such and can be compacted.
func TestCheckStore(t *testing.T) {
	path := newStore(t)
	var out bytes.Buffer
	if err := CheckStore(path, true, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{path, "questions 1 (unfinished 1), threads 1", "no problems", "compacted: "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
	if err := CheckStore(path, false, &out); err != nil {
		t.Errorf("after compacting: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// Ensure that problems are reported as an error, and that such a store is not compacted.
func TestCheckStore_Problems(t *testing.T) {
	path := newStore(t)
	changed(t, path, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("unfinished by thread"))
		key, _ := b.Cursor().First()
		return b.Delete(key)
	})
	var out bytes.Buffer
	err := CheckStore(path, true, &out)
	if err == nil || !strings.Contains(err.Error(), "restore a backup") || !strings.Contains(out.String(), "problem: questions:") {
		t.Errorf("error %v:\n%s", err, out.String())
	}
	if strings.Contains(out.String(), "compacted") {
		t.Error("the store was compacted")
	}
}

// Ensure that a store in use is left alone.
func TestCheckStore_InUse(t *testing.T) {
	path := newStore(t)
	s, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := CheckStore(path, true, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), "another enjobridge is using") {
		t.Errorf("error %v", err)
	}
}

// changed changes a store's file without the store.
func changed(t *testing.T, path string, change func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// Ensure that a damaged record is a problem until it is set aside, and then information.
func TestCheckStore_SetAside(t *testing.T) {
	path := newStore(t)
	changed(t, path, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("questions"))
		key, _ := b.Cursor().First()
		return b.Put(bytes.Clone(key), []byte("{"))
	})
	var out bytes.Buffer
	if err := CheckStore(path, false, &out); err == nil || !strings.Contains(err.Error(), "sets them aside") {
		t.Errorf("error %v:\n%s", err, out.String())
	}
	s, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Unfinished(t.Context())
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := CheckStore(path, true, &out); err != nil || !strings.Contains(out.String(), "set aside 1: ") || !strings.Contains(out.String(), "set aside: questions T1/C1/1.1, 0 bytes, ") {
		t.Errorf("error %v:\n%s", err, out.String())
	}
}

// Ensure that the report of an older store says that it will be migrated.
func TestCheckStore_OlderSchema(t *testing.T) {
	path := newStore(t)
	changed(t, path, func(tx *bbolt.Tx) error {
		return errors.Join(tx.DeleteBucket([]byte("damaged")), tx.Bucket([]byte("about")).Put([]byte("schema"), []byte("1")))
	})
	for range 2 {
		var out bytes.Buffer
		if err := CheckStore(path, true, &out); err != nil || !strings.Contains(out.String(), "schema 1: the next start of enjobridge copies the file") {
			t.Errorf("error %v:\n%s", err, out.String())
		}
	}
}
