package slackapi

import (
	"net/http"
	"sync"
	"time"
)

// clock tells the time by Slack's clock, which message timestamps come from. This
// machine's clock can be wrong, and can be set; the time in between is measured by
// its monotonic clock.
type clock struct {
	mu   sync.Mutex
	said time.Time // what Slack said last
	at   time.Time // when that was, here
}

// heard takes the time out of the header of a response of Slack's.
func (c *clock) heard(header http.Header) {
	said, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said, c.at = said, time.Now()
}

// now returns the time. Slack tells whole seconds, rounded down: this machine's
// clock is believed as far as it agrees with that, or Slack has not said it yet.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.said.IsZero() {
		return now
	}
	least := c.said.Add(now.Sub(c.at))
	switch most := least.Add(time.Second); {
	case now.Before(least):
		return least
	case now.After(most):
		return most
	}
	return now
}
