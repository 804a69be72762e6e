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
	// It tells whole seconds, rounded down: nothing of Slack's is to be after now.
	c.told, c.at = told.Add(time.Second), time.Now()
}

// now returns the time, to about a second; this machine's as long as Slack has
// not told it.
func (c *slackClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told.IsZero() {
		return time.Now()
	}
	return c.told.Add(time.Since(c.at))
}
