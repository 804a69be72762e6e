package bot

import (
	"net/http"
	"sync"
	"time"
)

// slackClock tells the time as Slack does, who gives messages their timestamps.
// This machine's clock may be wrong, and may be set; what passes meanwhile is
// measured by another one.
type slackClock struct {
	mu   sync.Mutex
	told time.Time // what Slack said last
	at   time.Time // when that was, here
}

// heard takes the time out of the header of a response of Slack's.
func (c *slackClock) heard(header http.Header) {
	told, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told, c.at = told, time.Now()
}

// now returns the time. Slack tells whole seconds, rounded down: this machine's
// clock is believed as far as it agrees with that, or Slack has not told it yet.
func (c *slackClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.told.IsZero() {
		return now
	}
	least := c.told.Add(now.Sub(c.at))
	return latest(least, earliest(now, least.Add(time.Second)))
}
