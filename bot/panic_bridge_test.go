package bot_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
