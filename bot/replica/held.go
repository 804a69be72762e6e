package replica

import (
	"context"
	"sync"
	"time"

	"enjobridge/storage"
)

// Held is a lease of this process. It is safe for concurrent use.
type Held struct {
	Lease storage.Lease

	mu    sync.Mutex
	until time.Time // when it ends unless it is renewed
	lost  bool      // it has ended
	cut   context.CancelCauseFunc
	timer *time.Timer // ends it in time
}

// newHeld returns a lease that was asked for at a time.
func newHeld(lease storage.Lease, asked time.Time) *Held {
	return &Held{Lease: lease, until: asked.Add(length - margin), cut: func(error) {}}
}

// Check returns [storage.ErrLeaseLost] if the lease has ended, and nil while the holder may
// work. A process that was stopped for a while learns it here before its timers run.
func (h *Held) Check() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.check()
}

// check is Check; mu must be held.
func (h *Held) check() error {
	if now := time.Now(); !h.lost && ended(h.until, now) {
		h.lost = true
		h.cut(storage.ErrLeaseLost)
	}
	if h.lost {
		return storage.ErrLeaseLost
	}
	return nil
}

// ended reports whether a lease has ended by one of the machine's clocks: the monotonic one
// can stand still while a virtual machine is suspended, and the other one can be set back.
func ended(until, now time.Time) bool {
	return !now.Before(until) || !now.Round(0).Before(until.Round(0))
}

// begin has cut called when the lease ends.
func (h *Held) begin(cut context.CancelCauseFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cut = cut
	h.timer = time.AfterFunc(time.Until(h.until), func() { _ = h.Check() })
}

// end calls cut, and waits for the lease no longer.
func (h *Held) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.timer.Stop()
	h.cut(nil)
}

// renewed records that the lease was renewed, which was asked for at a time. A lease that has
// ended for this process stays ended: its work is cut off.
func (h *Held) renewed(asked time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.check() == nil {
		h.until = asked.Add(length - margin)
		h.timer.Reset(time.Until(h.until))
	}
}

// Lose ends the lease: the database has said that it has ended.
func (h *Held) Lose() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = true
	h.cut(storage.ErrLeaseLost)
}

// left returns how long the lease lasts.
func (h *Held) left() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return max(0, time.Until(h.until))
}
