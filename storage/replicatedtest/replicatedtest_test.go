package replicatedtest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"enjobridge/storage"
)

// reads are the methods of a Store that write nothing; see TestReads.
var reads = []string{
	"ActiveThreads", "Backlog", "Calls", "Count", "EachEnded", "EachEvent", "EachFeedback", "Feedback", "History", "OutdatedCards",
	"Preferences", "Presses", "Question", "Referenced", "Seen", "Thread", "Tickets", "TicketsOf", "Token", "Unfinished", "UnfinishedIn",
	"Waiting", "Watermark",
}

// Ensure that each method that is not known to read is fenced.
func TestFenced_EachWrite(t *testing.T) {
	replica := newDatabase(t).Replica()
	lease, err := replica.AcquireLease(t.Context(), "a", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := replica.ReleaseLease(t.Context(), lease); err != nil {
		t.Fatal(err)
	}
	for name, err := range call(t.Context(), replica.Fenced(lease, nil)) {
		if fenced := errors.Is(err, storage.ErrLeaseLost); fenced == slices.Contains(reads, name) {
			t.Errorf("%s after the end of the lease: error %v", name, err)
		}
	}
}

// Ensure that the methods that are not fenced change nothing in the file of the store.
func TestReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	bolt := open(t, path)
	content := func() []byte {
		t.Helper()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	before := content()
	for _, name := range reads {
		callMethod(t.Context(), bolt, name)
	}
	if !bytes.Equal(content(), before) {
		t.Error("a method that should read only has changed the file")
	}
	callMethod(t.Context(), bolt, "Probe")
	if bytes.Equal(content(), before) {
		t.Error("Probe has not changed the file, so this test would not notice a write")
	}
}

// Ensure that a replica that is cut off cannot do anything until it is connected again, and
// that this does not concern the others.
func TestReplica_Cut(t *testing.T) {
	database := newDatabase(t)
	replica, other := database.Replica(), database.Replica()
	replica.Cut()
	for name, err := range call(t.Context(), replica) {
		if !errors.Is(err, ErrCut) {
			t.Errorf("%s: error %v, want ErrCut", name, err)
		}
	}
	_, acquire := replica.AcquireLease(t.Context(), "a", time.Hour)
	for name, err := range map[string]error{"AcquireLease": acquire, "Listen": replica.Listen(t.Context(), nil)} {
		if !errors.Is(err, ErrCut) {
			t.Errorf("%s: error %v, want ErrCut", name, err)
		}
	}
	if err := other.Probe(t.Context()); err != nil {
		t.Errorf("another replica: %v", err)
	}
	replica.Restore()
	if err := replica.Probe(t.Context()); err != nil {
		t.Errorf("after Restore: %v", err)
	}
}

// call calls each method with zero arguments, except Observe and Close, and returns the errors
// by method.
func call(ctx context.Context, s storage.Store) map[string]error {
	errs := make(map[string]error)
	for name := range storage.Operations() {
		errs[name] = callMethod(ctx, s, name)
	}
	return errs
}

func callMethod(ctx context.Context, s storage.Store, name string) error {
	method := reflect.ValueOf(s).MethodByName(name)
	args := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < method.Type().NumIn(); i++ {
		args = append(args, reflect.Zero(method.Type().In(i)))
	}
	results := method.Call(args)
	err, _ := results[len(results)-1].Interface().(error)
	return err
}

// newDatabase returns an empty database, which is closed at the end of the test.
func newDatabase(t *testing.T) *Database {
	t.Helper()
	return New(open(t, filepath.Join(t.TempDir(), "enjobridge.db")))
}

func open(t *testing.T, path string) *storage.Bolt {
	t.Helper()
	s, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}
