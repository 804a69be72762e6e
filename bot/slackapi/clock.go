package slackapi

import (
	"net/http"
	"sync"
	"time"
)

// Clock is Slack's clock, which message timestamps come from. This machine's wall
// clock can be wrong or change; its monotonic clock measures the time since Slack's
// last response.
type Clock struct {
	mu     sync.Mutex
	remote time.Time // Slack's time of its last response
	local  time.Time // this machine's time of it
}

// NewClock returns a clock that is this machine's until Slack's first response.
func NewClock() *Clock { return &Clock{} }

// Observe reads the time from the header of one of Slack's responses.
func (c *Clock) Observe(header http.Header) {
	remote, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remote, c.local = remote, time.Now()
}

// Now returns the time. Slack sends whole seconds, rounded down: this machine's
// clock is used as far as it agrees with them.
func (c *Clock) Now() time.Time {
	now := time.Now()
	return now.Round(0).Add(-c.off(now)) // the monotonic clock does not follow the offset
}

// Off returns how far this machine's clock is ahead of Slack's; negative if it is
// behind, and 0 if they agree within a second.
func (c *Clock) Off() time.Duration { return c.off(time.Now()) }

func (c *Clock) off(now time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.remote.IsZero() {
		return 0
	}
	now, elapsed := now.Round(0), now.Sub(c.local) // the wall clock; the monotonic clock
	earliest := c.remote.Add(elapsed)
	switch latest := earliest.Add(time.Second); {
	case now.Before(earliest):
		return now.Sub(earliest)
	case now.After(latest):
		return now.Sub(latest)
	}
	return 0
}
