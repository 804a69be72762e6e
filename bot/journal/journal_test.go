package journal

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"enjobridge/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// batches is a store that remembers its batches, and fails if err is not nil or the context
// has ended.
type batches struct {
	err error

	mu  sync.Mutex
	all [][]storage.Copy
}

func (b *batches) RecordCopies(ctx context.Context, copies []storage.Copy) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, copies)
	return errors.Join(b.err, ctx.Err())
}

// copyOf returns the copy of a message with a number.
func copyOf(n int) storage.Copy {
	return storage.Copy{Message: storage.MessageID{Channel: "C1", TS: strconv.Itoa(n)}}
}

// Ensure that copies share a transaction, in their order, and that a journal without copies
// does not wake up.
func TestJournal_Batches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &batches{}
		j := New(store, zerolog.Nop())
		var running sync.WaitGroup
		ctx, cancel := context.WithCancel(t.Context())
		running.Go(func() { j.Run(ctx) })
		for n := range maxBatch + 2 {
			j.Add(copyOf(n))
		}
		time.Sleep(storeEvery)
		synctest.Wait()
		if len(store.all) != 2 || len(store.all[0]) != maxBatch || len(store.all[1]) != 2 {
			t.Errorf("there are %d batches", len(store.all))
		}
		for n, c := range append(store.all[0], store.all[1]...) {
			if c != copyOf(n) {
				t.Fatalf("copy %d is %+v", n, c)
			}
		}
		time.Sleep(time.Hour)
		if len(store.all) != 2 {
			t.Errorf("an idle journal stored %d batches", len(store.all)-2)
		}
		j.Add(copyOf(0))
		cancel()
		running.Wait()
		j.Store(t.Context())
		j.Store(t.Context())
		if len(store.all) != 3 {
			t.Errorf("at the end there are %d batches, want 3", len(store.all))
		}
	})
}

// Ensure that copies that cannot be stored, and those for which there is no room, are
// dropped and reported.
func TestJournal_Drops(t *testing.T) {
	var log bytes.Buffer
	store := &batches{err: errors.New("the disk is full")}
	j := New(store, zerolog.New(&log))
	for n := range maxWaiting + 7 {
		j.Add(copyOf(n))
	}
	j.Store(t.Context())
	for _, want := range []string{"the disk is full", `"dropped":10007`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, &log)
		}
	}
	if stored := len(store.all) * maxBatch; stored != maxWaiting {
		t.Errorf("%d copies waited, want %d", stored, maxWaiting)
	}
	log.Reset()
	j.Store(t.Context())
	if log.Len() > 0 {
		t.Errorf("afterwards the log has %s", &log)
	}
}

// Ensure that copies are stored even if the operator who asked for them no longer waits.
func TestJournal_StoreWithoutWaiting(t *testing.T) {
	var log bytes.Buffer
	store := &batches{}
	j := New(store, zerolog.New(&log))
	j.Add(copyOf(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	j.Store(ctx)
	if len(store.all) != 1 || log.Len() > 0 {
		t.Errorf("%d batches are stored, and the log has %s", len(store.all), &log)
	}
}
