package slackapi

import (
	"net/http"
	"sync"
	"time"
)

// clock is Slack's clock, which message timestamps come from. This machine's wall
// clock can be wrong or change; its monotonic clock measures the time since Slack's
// last response.
type clock struct {
	mu     sync.Mutex
	remote time.Time // Slack's time of its last response
	local  time.Time // this machine's time of it
}

// observe reads the time from the header of one of Slack's responses.
func (c *clock) observe(header http.Header) {
	remote, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remote, c.local = remote, time.Now()
}

// now returns the time. Slack sends whole seconds, rounded down: this machine's
// clock is used as far as it agrees with them, and before Slack's first response.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.remote.IsZero() {
		return now
	}
	earliest := c.remote.Add(now.Sub(c.local))
	switch latest := earliest.Add(time.Second); {
	case now.Before(earliest):
		return earliest
	case now.After(latest):
		return latest
	}
	return now
}
