package bot

import (
	"context"
	"sync"
	"time"

	"enjobridge/bot/backoff"
)

// gate keeps the calls of apps.connections.open apart, those of all sockets
// together: a Slack that says hello and hangs up would be asked for a new
// connection thousands of times a second.
type gate struct {
	every time.Duration // from one call to the next, at least

	mu   sync.Mutex
	next time.Time // when the next call may be made
}

// pass waits until a call may be made. It returns the cause if ctx ends before.
func (g *gate) pass(ctx context.Context) error {
	for {
		g.mu.Lock()
		now := time.Now()
		wait := g.next.Sub(now)
		if wait <= 0 {
			g.next = now.Add(g.every)
		}
		g.mu.Unlock()
		if wait <= 0 {
			return context.Cause(ctx)
		}
		if err := backoff.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// shut keeps every call back for a while, as Slack's Retry-After asks.
func (g *gate) shut(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.next) {
		g.next = until
	}
}
