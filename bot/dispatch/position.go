package dispatch

import (
	"context"
	"fmt"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/queue"
	"enjobridge/storage"
)

const (
	// showEvery is how often a place in line is told anew, at most.
	showEvery = 3 * time.Second
	// showFrom is the wait from which on a place is told.
	showFrom = 3 * time.Second
)

// showPositions tells those who wait their positions in line, as the line moves,
// until ctx ends.
func (d *Dispatcher) showPositions(ctx context.Context) {
	for backoff.Sleep(ctx, showEvery) == nil {
		leading, calls := d.leading()
		now := time.Now()
		times := d.limiter.Ahead(now, calls)
		for _, q := range leading {
			if text := sign(q.Position, q.notBefore.Sub(now), times[q.Calls].Sub(now)); text != deliver.Thinking {
				d.status.SetText(q.thread, text)
			}
		}
	}
}

// leader is a question in line that is the next one of its thread.
type leader struct {
	queue.Position

	thread    storage.ThreadID
	notBefore time.Time
}

// leading returns the questions that lead their threads, and about how many calls
// are made until all of them are asked.
func (d *Dispatcher) leading() (leading []leader, calls int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for q, at := range d.queue.Positions() {
		if d.queue.Leads(q.ID) {
			leading = append(leading, leader{at, q.Thread, q.NotBefore})
			calls = max(calls, at.Calls+1)
		}
	}
	return leading, calls
}

// signOf returns what a question shows at first that leads its thread.
func (d *Dispatcher) signOf(at queue.Position, notBefore time.Time) string {
	now := time.Now()
	return sign(at, notBefore.Sub(now), d.limiter.Ahead(now, at.Calls+1)[at.Calls].Sub(now))
}

// sign returns what a question shows: its position, if the wait for its call is
// long. It is not asked before its back-off has passed.
func sign(at queue.Position, backOff, wait time.Duration) string {
	switch {
	case backOff > showFrom:
		return "is waiting for the agent, about " + roughly(backOff)
	case wait > showFrom:
		return sentence(at, wait)
	}
	return deliver.Thinking
}

// sentence says a position to people, as what follows the name of the app.
func sentence(p queue.Position, wait time.Duration) string {
	// A time is told only in the round: elsewhere it could move back.
	switch p.Behind {
	case queue.BehindOwn:
		return "is busy: your turn comes after your earlier question"
	case queue.BehindThread:
		return "is busy: your turn comes after the question before it in this thread"
	case queue.BehindChannel:
		return fmt.Sprintf("is busy: %d people of this channel are before you", p.Ahead)
	}
	return fmt.Sprintf("is busy: you are %s in line, about %s", ordinal(p.Ahead+1), roughly(wait))
}

// roughly says a time as people do. It is rounded up.
func roughly(d time.Duration) string {
	seconds := int((d + time.Second - 1) / time.Second)
	if seconds < 90 {
		return fmt.Sprintf("%d s", seconds)
	}
	return fmt.Sprintf("%d min", (seconds+59)/60)
}

// ordinal says a number in a row: 1st, 2nd, 3rd, 4th, … 11th, … 21st.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
