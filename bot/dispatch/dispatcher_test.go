package dispatch

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/queue"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// aDay is a limit under which a call counts for long.
var aDay = []enjo.Limit{{Calls: 1, Per: 24 * time.Hour}}

// Ensure that a claim counts as a call for the processes that come after, as
// long as it matters.
func TestNewLimiter_CountsEarlierClaims(t *testing.T) {
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Now()
	for ts, ago := range map[string]time.Duration{"1.1": time.Minute, "1.2": 23 * time.Hour, "1.3": 25 * time.Hour, "1.4": 100 * time.Hour} {
		q := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C1", TS: ts}, AcceptedAt: now}
		_, accepted := store.Accept(t.Context(), q, storage.Thread{LastActive: now})
		_, claimed := store.Claim(t.Context(), q.ID, nil, now.Add(-ago))
		if err := errors.Join(accepted, claimed); err != nil {
			t.Fatal(err)
		}
	}
	l, err := NewLimiter(t.Context(), store, []enjo.Limit{{Calls: 2, Per: 24 * time.Hour}}, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []time.Duration{time.Hour, 23*time.Hour + 59*time.Minute} {
		if in := l.Ahead(now, 2)[i].Sub(now).Round(time.Minute); in != want {
			t.Errorf("call %d can be made in %v, want %v", i+1, in, want)
		}
	}
}

// fullDisk is a store that takes no writes.
type fullDisk struct{ storage.Store }

func (fullDisk) Claim(context.Context, storage.MessageID, []storage.MessageID, time.Time) (storage.Question, error) {
	return storage.Question{}, errors.New("no space left on device")
}

// Ensure that a claim that the store cannot make costs no call, and that neither
// the question nor the next one is tried again at once.
func TestDispatcher_ClaimFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, end := context.WithCancel(t.Context())
		end() // so that no status is shown
		d := &Dispatcher{
			background: ended,
			store:      fullDisk{}, limiter: queue.NewLimiter(aDay, 0, nil), log: zerolog.Nop(), queue: queue.New(), breaker: queue.NewBreaker(time.Minute),
			texts: make(map[storage.MessageID]prepared), cancels: make(map[storage.MessageID]context.CancelCauseFunc),
			wake: make(chan struct{}, 1), asking: make(chan struct{}, 1),
		}
		d.queue.Add(queue.Entry{ID: storage.MessageID{Channel: "C1", TS: "1.1"}, Thread: storage.ThreadID{Channel: "C1", Root: "1.1"}, Asker: "U1", Ready: true})
		d.asking <- struct{}{}
		began := time.Now()
		d.askNext(t.Context(), t.Context())
		if next := d.limiter.Ahead(began, 1)[0]; !next.After(began) {
			t.Error("the call does not count while the store is tried")
		}
		if _, err := d.limiter.Take(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != claimAgain {
			t.Errorf("the call is given back after %v, want %v", took, claimAgain)
		}
		d.running.Wait()
		if next, _ := d.queue.Next(began.Add(claimAgain)); next == nil {
			t.Error("the question is not in the queue")
		}
	})
}

// Ensure that a plain question can be taken as soon as it was added, and that adding
// it again does not undo an edit.
func TestDispatcher_Add(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, end := context.WithCancel(t.Context())
		end() // so that no status is shown
		d := New(ended, Config{Metrics: telemetry.NewRegistry(), Log: zerolog.Nop()})
		q := storage.Question{ID: storage.MessageID{Channel: "C1", TS: "1.1"}, Thread: storage.ThreadID{Channel: "C1", Root: "1.1"}, Asker: "U1", Text: "old"}
		d.Add(q)
		if next, _ := d.queue.Next(time.Now()); next == nil || d.texts[q.ID].question != "old" {
			t.Errorf("the question cannot be taken at once, or with the text %q", d.texts[q.ID].question)
		}
		d.queue.Edited(q.ID)
		d.Add(q)
		if next, _ := d.queue.Next(time.Now()); next != nil {
			t.Error("the question can be taken with its old text")
		}
		d.Wait()
	})
}

// Ensure that a panic of what needs the lock does not leave it locked.
func TestDispatcher_PanicReleasesTheLock(t *testing.T) {
	d := &Dispatcher{panics: supervise.New(telemetry.NewRegistry(), zerolog.Nop())}
	if !d.panics.Do("test", func() { d.locked(func() { panic("odd") }) }) {
		t.Fatal("nothing panicked")
	}
	if !d.mu.TryLock() {
		t.Error("the lock is still locked")
	}
}
