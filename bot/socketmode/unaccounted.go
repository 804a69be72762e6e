package socketmode

import (
	"sync"
	"time"
)

// unaccounted finds connections that Slack counts although nobody holds them: those
// of a process that was killed, or whose network was lost. Slack gives each its
// share of the events until it notices, which should take seconds.
type unaccounted struct {
	after time.Duration // how long Slack may take to notice
	most  time.Duration // the longest time from one look to the next

	mu    sync.Mutex
	since time.Time // when an excess was seen first; zero while there is none
}

// counted takes what Slack counts beyond what is held. It returns when to count
// again, 0 for no need, and how many are unaccounted for certain: an excess
// that has lasted.
func (g *unaccounted) counted(excess int, now time.Time) (again time.Duration, certain int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if excess <= 0 {
		g.since = time.Time{}
		return 0, 0
	}
	if g.since.IsZero() {
		g.since = now
	}
	age := now.Sub(g.since)
	if age < g.after {
		return g.after, 0
	}
	return min(max(age, g.after), g.most), excess
}
