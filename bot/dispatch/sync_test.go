package dispatch

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/deliver"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// syncing is a dispatcher with a store in which others accept.
type syncing struct {
	*Dispatcher
	t     *testing.T
	store storage.Store
}

// offline is a network on which nothing arrives.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("offline") }

// newSyncing returns a dispatcher that posts nothing, because its background has ended.
func newSyncing(t *testing.T) *syncing {
	t.Helper()
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	metrics, log := telemetry.NewRegistry(), zerolog.Nop()
	panics := supervise.New(metrics, log)
	slack := slackapi.New(slackapi.Config{URL: "https://slack.example/", Transport: offline{}, Metrics: metrics, Log: log})
	status := deliver.NewStatus(slack, 1, false, panics, log)
	d := &syncing{t: t, store: store}
	d.Dispatcher = New(ended, Config{
		Store: store, Slack: slack, Status: status, Panics: panics, Metrics: metrics, Health: telemetry.NewHealth(1, time.Now), Log: log,
		Deliver: deliver.New(deliver.Config{Slack: slack, Store: store, Status: status, Panics: panics, Metrics: metrics}),
		BackOff: func(int) time.Duration { return time.Second },
	})
	t.Cleanup(func() {
		d.Wait()
		status.Close()
		slack.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// accept accepts a question, as another replica does.
func (d *syncing) accept(ts string, change ...func(*storage.Question)) storage.Question {
	d.t.Helper()
	q := storage.Question{
		ID: storage.MessageID{Team: "T1", Channel: "C1", TS: ts}, Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: ts},
		Asker: "U1", Text: "old", AcceptedAt: time.Now(),
	}
	for _, change := range change {
		change(&q)
	}
	if _, err := d.store.Accept(d.t.Context(), q, storage.Thread{ID: q.Thread}); err != nil {
		d.t.Fatal(err)
	}
	return q
}

// sync has the dispatcher learn of a question, twice.
func (d *syncing) sync(id storage.MessageID) {
	d.t.Helper()
	for range 2 {
		if err := d.Sync(d.t.Context(), id); err != nil {
			d.t.Fatal(err)
		}
	}
}

// Ensure that the queue follows what other replicas store about a question: that it was
// accepted, edited and stopped.
func TestDispatcher_Sync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newSyncing(t)
		far := time.Now().Add(24 * time.Hour)
		q := d.accept("1.1", func(q *storage.Question) { q.NotBefore = far })
		d.sync(q.ID)
		d.sync(storage.MessageID{TS: "unknown"})
		if _, _, all := d.Depth(q.Thread, q.Asker); all != 1 {
			t.Fatalf("%d questions wait", all)
		}
		if next, at := d.queue.Next(time.Now()); next != nil || at.After(time.Now().Add(maxBackOff)) {
			t.Errorf("a question for tomorrow by another clock is asked at %v", at)
		}

		if _, err := d.store.Edit(t.Context(), q.ID, "new"); err != nil {
			t.Fatal(err)
		}
		d.sync(q.ID)
		if next, _ := d.queue.Next(far); next != nil {
			t.Error("the question can be asked with its old text")
		}

		if _, err := d.store.StopThread(t.Context(), q.Thread); err != nil {
			t.Fatal(err)
		}
		d.sync(q.ID)
		if d.queued(q.ID) {
			t.Error("the stopped question waits")
		}
	})
}

// readStore is a store whose questions can change right after they are read.
type readStore struct {
	storage.Store
	read func()
}

func (s readStore) Question(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	q, err := s.Store.Question(ctx, id)
	s.read()
	return q, err
}

// Ensure that a stop is not delivered again if its delivery ends while the dispatcher learns
// of it once more.
func TestDispatcher_SyncStopOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newSyncing(t)
		q := d.accept("1.1")
		if _, err := d.store.StopThread(t.Context(), q.Thread); err != nil {
			t.Fatal(err)
		}
		stopped := 0
		d.cancels[q.ID] = func(error) { stopped++ }
		delivered := d.deliver.Begin(q.ID)
		d.Dispatcher.store = readStore{d.store, delivered}
		if err := d.Sync(t.Context(), q.ID); err != nil {
			t.Fatal(err)
		}
		if stopped > 0 {
			t.Error("the question was stopped although that was delivered meanwhile")
		}
	})
}

// Ensure that a question that was merged into another one leaves the queue, and that its
// channel's new ID is that of the questions that wait.
func TestDispatcher_SyncMergedAndMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newSyncing(t)
		first := d.accept("1.1")
		second := d.accept("1.2", func(q *storage.Question) { q.Thread = first.Thread })
		d.sync(first.ID)
		d.sync(second.ID)
		if _, err := d.store.Claim(t.Context(), first.ID, []storage.MessageID{second.ID}, time.Now()); err != nil {
			t.Fatal(err)
		}
		d.sync(second.ID)
		if d.queued(second.ID) {
			t.Error("the merged question waits")
		}
		if err := d.store.Requeue(t.Context(), first.ID, time.Time{}, false); err != nil {
			t.Fatal(err)
		}
		if _, err := d.store.MoveChannel(t.Context(), "T1", "C1", "C2"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := d.SyncMoved(t.Context(), "C1", "C2"); err != nil {
				t.Fatal(err)
			}
		}
		d.sync(first.ID)
		moved := first.ID
		moved.Channel = "C2"
		if d.queued(first.ID) || !d.queued(moved) {
			t.Error("the question does not wait under its new ID alone")
		}
	})
}

// Ensure that a question whose channel gets another ID before the dispatcher learns of the
// question waits under the new ID.
func TestDispatcher_SyncMovedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newSyncing(t)
		q := d.accept("1.1")
		if _, err := d.store.MoveChannel(t.Context(), "T1", "C1", "C2"); err != nil {
			t.Fatal(err)
		}
		d.sync(q.ID)
		for range 2 {
			if err := d.SyncMoved(t.Context(), "C1", "C2"); err != nil {
				t.Fatal(err)
			}
		}
		q.Thread.Channel = "C2"
		if _, _, all := d.Depth(q.Thread, q.Asker); all != 1 {
			t.Errorf("%d questions wait", all)
		}
	})
}

// Ensure that the calls that another process may still be making count as made now, and the
// others as made when they were recorded.
func TestNewLimiterAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newSyncing(t)
		asked, ended := d.accept("1.1"), d.accept("1.2")
		for _, q := range []storage.Question{asked, ended} {
			if _, err := d.store.Claim(t.Context(), q.ID, nil, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.store.SetOutcome(t.Context(), ended.ID, storage.Outcome{Failure: storage.FailureInternal}, time.Now()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		limiter, err := NewLimiterAfter(t.Context(), d.store, []enjo.Limit{{Calls: 2, Per: 4 * time.Hour}}, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		for i, want := range []time.Duration{3 * time.Hour, 4 * time.Hour} {
			if in := limiter.Ahead(now, 2)[i].Sub(now).Round(time.Minute); in != want {
				t.Errorf("call %d can be made in %v, want %v", i+1, in, want)
			}
		}
	})
}
