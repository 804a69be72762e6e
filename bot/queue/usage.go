package queue

import (
	"time"

	"enjobridge/enjo"
)

// Usage says how much of a limit is used.
type Usage struct {
	Limit enjo.Limit
	// Calls are those that count now; at most Limit.Calls, unless the limits were higher
	// when they were made.
	Calls int
}

// Usage returns the usage of each limit, and for how long all calls are still paused
// because the API refused one; 0 if they are not.
func (l *Limiter) Usage() (usage []Usage, paused time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	times := l.times(now)
	for _, limit := range l.limits {
		count := 0
		for _, at := range times {
			if now.Sub(at) < limit.Per+l.margin {
				count++
			}
		}
		usage = append(usage, Usage{limit, count})
	}
	return usage, max(0, l.paused.Sub(now))
}
