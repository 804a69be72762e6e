package bot_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/bot/supervise"
	"enjobridge/storage"
)

// faulty is a store that panics once, in one of its methods.
type faulty struct {
	storage.Store
	claim, tickets atomic.Bool
}

func (f *faulty) Claim(ctx context.Context, id storage.MessageID, with []storage.MessageID, at time.Time) (storage.Question, error) {
	if f.claim.CompareAndSwap(true, false) {
		panic("claim")
	}
	return f.Store.Claim(ctx, id, with, at)
}

func (f *faulty) Tickets(ctx context.Context, thread storage.ThreadID) ([]storage.Ticket, error) {
	if f.tickets.CompareAndSwap(true, false) {
		panic("tickets")
	}
	return f.Store.Tickets(ctx, thread)
}

// Ensure that a panic while the bot asks a question or posts its answer visibly ends
// that question, and affects nothing else.
func TestAPanicEndsOneQuestionVisibly(t *testing.T) {
	for name, arm := range map[string]func(*faulty){
		"asking":  func(f *faulty) { f.claim.Store(true) },
		"posting": func(f *faulty) { f.tickets.Store(true) },
	} {
		bubbles(t, name, func(t *testing.T) {
			var store faulty
			h := foundation(t, plan{})
			h.wrap = func(opened storage.Store) storage.Store {
				store.Store = opened
				return &store
			}
			h.start()
			arm(&store)
			ts := h.mention(h.alice, "How do I print?")
			h.await("a failure", h.shows(h.support, ts, "Something went wrong on my side."))
			h.awaitEnded(1)
			if status := h.slack.Status(h.support, ts); status != "" {
				t.Errorf("the thread still has the status %q", status)
			}
			if n := strings.Count(h.log.String(), `"panic"`); n != 1 {
				t.Errorf("the log contains %d panics", n)
			}
			next := h.mention(h.bob, "How do I reset my VPN password?")
			h.awaitAnswers(h.support, next, 1)
			if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
				t.Errorf("the question has %d ends", n)
			}
		})
	}
}

// oddStore is a store with one method that panics while it is armed.
type oddStore struct {
	storage.Store
	method string
	armed  atomic.Int64 // how often it still panics
	calls  atomic.Int64
}

func (o *oddStore) called(method string) {
	if method != o.method {
		return
	}
	o.calls.Add(1)
	if o.armed.Add(-1) >= 0 {
		panic(method)
	}
}

func (o *oddStore) Unfinished(ctx context.Context) ([]storage.Question, error) {
	o.called("Unfinished")
	return o.Store.Unfinished(ctx)
}

func (o *oddStore) OutdatedCards(ctx context.Context) ([]storage.Ticket, error) {
	o.called("OutdatedCards")
	return o.Store.OutdatedCards(ctx)
}

func (o *oddStore) ActiveThreads(ctx context.Context, since time.Time, limit int) ([]storage.Thread, error) {
	o.called("ActiveThreads")
	return o.Store.ActiveThreads(ctx, since, limit)
}

func (o *oddStore) Probe(ctx context.Context) error {
	o.called("Probe")
	return o.Store.Probe(ctx)
}

func (o *oddStore) Forget(ctx context.Context, seenBefore, idleBefore time.Time) error {
	o.called("Forget")
	return o.Store.Forget(ctx, seenBefore, idleBefore)
}

// longRunning are the methods of the store that long-running work calls as soon as it
// begins, and then regularly.
var longRunning = []string{"OutdatedCards", "ActiveThreads", "Probe", "Forget"}

// oddHouse is a house with a store that can panic in a method.
func oddHouse(t *testing.T, method string) (*house, *oddStore) {
	t.Helper()
	odd := &oddStore{method: method}
	h := foundation(t, plan{})
	h.wrap = func(opened storage.Store) storage.Store {
		odd.Store = opened
		return odd
	}
	h.start()
	return h, odd
}

// Ensure that long-running work goes on after a panic.
func TestLongRunningWorkGoesOnAfterAPanic(t *testing.T) {
	for _, method := range append([]string{"Unfinished"}, longRunning...) {
		bubbles(t, method, func(t *testing.T) {
			h, odd := oddHouse(t, method)
			odd.armed.Store(1)
			h.awaitLog(panicked, 1)
			before := odd.calls.Load()
			time.Sleep(2 * time.Minute)
			if odd.calls.Load() == before {
				t.Error("the work does not go on")
			}
			ts := h.mention(h.alice, "How do I reset my VPN password?")
			h.awaitAnswers(h.support, ts, 1)
		})
	}
}

// panicked is logged when work has panicked.
const panicked = `"message":"supervise: work panicked"`

// Ensure that a process whose work panics again and again ends with an error.
func TestEndlessPanicsEndTheProcess(t *testing.T) {
	for _, method := range longRunning {
		bubbles(t, method, func(t *testing.T) {
			h, odd := oddHouse(t, method)
			odd.armed.Store(1_000)
			h.awaitLog(panicked, 5)
			if err := h.wait(); !errors.Is(err, supervise.ErrTooMany) {
				t.Errorf("the bot ended with %v", err)
			}
		})
	}
}
