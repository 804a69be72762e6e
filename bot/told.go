package bot

import (
	"context"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/storage"
)

const (
	// tellEvery is how often a place in line is told anew, at most.
	tellEvery = 3 * time.Second
	// tellFrom is the wait from which on a place is told.
	tellFrom = 3 * time.Second
)

// tellPlaces tells those who wait their positions in line, as the line moves,
// until ctx ends.
func (w *worker) tellPlaces(ctx context.Context) {
	for backoff.Sleep(ctx, tellEvery) == nil {
		leading, calls := w.leading()
		now := time.Now()
		times := w.limiter.Ahead(now, calls)
		for _, q := range leading {
			if text := sign(q.position, q.notBefore.Sub(now), times[q.calls].Sub(now)); text != deliver.Thinking {
				w.indicators.SetText(q.thread, text)
			}
		}
	}
}

// leader is a question in line that is the next one of its thread.
type leader struct {
	position

	thread    storage.ThreadID
	notBefore time.Time
}

// leading returns the questions that lead their threads, and about how many calls
// are made until all of them are asked.
func (w *worker) leading() (leading []leader, calls int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for q, at := range w.line.positions() {
		if w.line.leads(q.id) {
			leading = append(leading, leader{at, q.thread, q.notBefore})
			calls = max(calls, at.calls+1)
		}
	}
	return leading, calls
}

// signOf returns what a question shows at first that leads its thread.
func (w *worker) signOf(at position, notBefore time.Time) string {
	now := time.Now()
	return sign(at, notBefore.Sub(now), w.limiter.Ahead(now, at.calls+1)[at.calls].Sub(now))
}

// sign returns what a question shows: its position, if the wait for its call is
// long. It is not asked before its back-off has passed.
func sign(at position, backOff, wait time.Duration) string {
	switch {
	case backOff > tellFrom:
		return "is waiting for the agent, about " + roughly(backOff)
	case wait > tellFrom:
		return at.sentence(wait)
	}
	return deliver.Thinking
}
