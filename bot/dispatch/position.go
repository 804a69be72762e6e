package dispatch

import (
	"context"
	"sync"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/backoff"
	"enjobridge/bot/queue"
	"enjobridge/storage"
)

const (
	// showAfter is when a question shows a status: later than it is put to the agent
	// if it need not wait, so that the calls of Slack do not delay the agent's.
	showAfter = 20 * time.Millisecond
	// updateEvery is the time between two updates of the positions that are shown.
	updateEvery = 3 * time.Second
	// showFrom is the wait from which on a position is shown.
	showFrom = 3 * time.Second
	// longAfter is when the agent's thinking counts as long.
	longAfter = 20 * time.Second
)

// showAsking shows soon that the agent works on a question. Once the function that
// it returns has returned it shows nothing more: a status would outlive the question.
func (d *Dispatcher) showAsking(e queue.Entry) (stop func()) {
	var shown sync.Once
	show := time.AfterFunc(showAfter, func() {
		shown.Do(func() {
			d.status.Show(e.ID, e.Thread, blocks.StatusThinking.Text(), e.Title)
			d.status.SetText(e.Thread, blocks.StatusThinking.Text())
		})
	})
	long := time.AfterFunc(longAfter, func() { d.status.SetText(e.Thread, blocks.StatusThinkingLong.Text()) })
	return func() {
		show.Stop()
		long.Stop()
		shown.Do(func() {})
	}
}

// showWaiting shows soon that a question waits, if it still does.
func (d *Dispatcher) showWaiting(e queue.Entry) {
	if backoff.Sleep(d.background, showAfter) != nil {
		return
	}
	var at queue.Position
	var waits, leads bool
	d.locked(func() {
		at, waits = d.queue.Position(e.ID)
		leads = d.queue.Leads(e.ID)
	})
	if !waits {
		return
	}
	text := blocks.StatusThinking.Text()
	if leads {
		now := time.Now()
		text = statusText(at, e.NotBefore.Sub(now), d.waitAfter(at.Calls, now))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// Shown after the question was taken, the status would outlive it; and nothing
	// shows that an agent works that is down.
	if d.queue.Has(e.ID) && !d.breaker.Down(e.Agent) {
		d.status.Show(e.ID, e.Thread, text, e.Title)
	}
}

// waitAfter returns about how long the call after so many others has to wait.
func (d *Dispatcher) waitAfter(calls int, now time.Time) time.Duration {
	return d.limiter.Ahead(now, calls+1)[calls].Sub(now)
}

// updatePositions updates the positions that are shown, as the queue moves, until
// ctx ends.
func (d *Dispatcher) updatePositions(ctx context.Context) {
	for backoff.Sleep(ctx, updateEvery) == nil {
		leading, calls := d.leading()
		now := time.Now()
		times := d.limiter.Ahead(now, calls)
		for _, q := range leading {
			if text := statusText(q.Position, q.notBefore.Sub(now), times[q.Calls].Sub(now)); text != blocks.StatusThinking.Text() {
				d.status.SetText(q.thread, text)
			}
		}
	}
}

// leader is a waiting question that is the next one of its thread.
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
	for e, at := range d.queue.Positions() {
		if d.queue.Leads(e.ID) {
			leading = append(leading, leader{at, e.Thread, e.NotBefore})
			calls = max(calls, at.Calls+1)
		}
	}
	return leading, calls
}

// statusText returns the status of a waiting question: its back-off, or its position
// if the wait for its call is long.
func statusText(at queue.Position, backOff, wait time.Duration) string {
	switch {
	case backOff > showFrom:
		return blocks.StatusRetrying(backOff)
	case wait > showFrom:
		return positionText(at, wait)
	}
	return blocks.StatusThinking.Text()
}

// positionText returns a position in words that follow the name of the app.
func positionText(at queue.Position, wait time.Duration) string {
	// Only the round has a time: elsewhere it could move back.
	switch at.Behind {
	case queue.BehindOwn:
		return blocks.StatusBehindOwn.Text()
	case queue.BehindThread:
		return blocks.StatusBehindThread.Text()
	case queue.BehindChannel:
		return blocks.StatusAheadInChannel(at.Ahead)
	}
	return blocks.StatusAhead(at.Ahead, wait)
}
