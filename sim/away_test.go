package sim_test

import (
	"context"
	"sync"
	"time"

	"enjobridge/internal/memnet"
)

// away is what keeps a replica from everything else for a while.
type away struct {
	mu     sync.Mutex
	frozen *freeze   // nil if it is not frozen
	cut    time.Time // until when it cannot reach the database
}

// freeze is a time in which a replica is frozen: what it sends, and what is sent to it,
// arrives when it ends. Its timers go on, as if only its network stood still.
type freeze struct {
	until time.Time
	over  chan struct{} // closed when it ends
	asked bool          // a call to the agent is on its way
}

// freeze freezes the replica for a time.
func (a *away) freeze(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.frozen != nil {
		return
	}
	f := &freeze{until: time.Now().Add(d), over: make(chan struct{})}
	a.frozen = f
	time.AfterFunc(d, func() { a.thaw(f) })
}

// thaw ends a freeze.
func (a *away) thaw(f *freeze) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f != nil && a.frozen == f {
		close(f.over)
		a.frozen = nil
	}
}

// cutOff cuts the replica off from the database for a time.
func (a *away) cutOff(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cut = time.Now().Add(d)
}

// end ends everything that keeps the replica away.
func (a *away) end() {
	a.mu.Lock()
	f := a.frozen
	a.cut = time.Time{}
	a.mu.Unlock()
	a.thaw(f)
}

// isCut reports whether the replica cannot reach the database, and isAway whether it cannot
// or is frozen.
func (a *away) isCut() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Now().Before(a.cut)
}

func (a *away) isAway() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.frozen != nil || time.Now().Before(a.cut)
}

// wait waits while the replica is frozen, or until ctx ends.
func (a *away) wait(ctx context.Context) {
	a.mu.Lock()
	f := a.frozen
	a.mu.Unlock()
	if f == nil {
		return
	}
	select {
	case <-f.over:
	case <-ctx.Done():
	}
}

// delay delays a packet of a frozen replica. One call to the agent can have been on its way
// when it froze. It sends no other one.
func (a *away) delay(p memnet.Packet, f memnet.Fate) (fate memnet.Fate, late bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.frozen == nil {
		return f, false
	}
	f.Delay += max(0, time.Until(a.frozen.until))
	if callOf(p.Data) == "enjo" {
		f.Lose = f.Lose || a.frozen.asked
		a.frozen.asked = true
		late = !f.Lose
	}
	return f, late
}
