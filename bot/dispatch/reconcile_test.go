package dispatch

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/deliver"
	"enjobridge/bot/queue"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// staleStore is a store whose unfinished questions were read a while ago.
type staleStore struct {
	storage.Store
	read []storage.Question
}

func (s staleStore) Unfinished(context.Context) ([]storage.Question, error) { return s.read, nil }

// Ensure that a question that ends after it was read as unfinished is not resumed.
func TestDispatcher_ResumeSkipsEndedQuestions(t *testing.T) {
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Now()
	id := storage.MessageID{Team: "T1", Channel: "C1", TS: "1.1"}
	q := storage.Question{ID: id, Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.1"}, AcceptedAt: now}
	_, accepted := store.Accept(t.Context(), q, storage.Thread{ID: q.Thread, LastActive: now})
	read, reading := store.Unfinished(t.Context())
	_, claimed := store.Claim(t.Context(), id, nil, now)
	if err := errors.Join(accepted, reading, claimed, store.End(t.Context(), id, storage.Cancelled, nil, now)); err != nil || len(read) != 1 {
		t.Fatal(len(read), err)
	}
	d := &Dispatcher{
		store: staleStore{store, read}, deliver: deliver.New(deliver.Config{Metrics: telemetry.NewRegistry()}), log: zerolog.Nop(),
		queue: queue.New(),
	}
	if err := d.Resume(t.Context()); err != nil {
		t.Error(err)
	}
	d.Wait()
	if unfinished, _, _ := d.Depth(q.Thread, ""); unfinished != 0 {
		t.Error("a question is resumed that has ended")
	}
}
