package socketmode

import (
	"sync"
	"time"
)

// unaccounted detects connections that Slack counts although nobody holds them: those
// of a process that was killed, or whose network failed. Slack sends each its share of
// the events until it notices, which should take seconds.
type unaccounted struct {
	after time.Duration // how long Slack may take to notice
	most  time.Duration // the longest time until the next count

	mu    sync.Mutex
	since time.Time // when there was an excess first; zero while there is none
}

// counted takes how many more connections Slack counts than are held. It returns when
// to count again, 0 for never, and how many are unaccounted: an excess that lasts.
func (u *unaccounted) counted(excess int, now time.Time) (again time.Duration, lasting int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if excess <= 0 {
		u.since = time.Time{}
		return 0, 0
	}
	if u.since.IsZero() {
		u.since = now
	}
	age := now.Sub(u.since)
	if age < u.after {
		return u.after, 0
	}
	return min(max(age, u.after), u.most), excess
}

const unaccountedHint = "each receives its share of the events: is another process using the same SLACK_APP_TOKEN? If not, make a new app-level token"

// countUnaccounted compares how many connections Slack counts with how many are held.
// It returns when to count again, which needs a new connection; 0 for never.
func (s *socket) countUnaccounted(conn *conn) time.Duration {
	// Connections that are being opened count as held.
	again, n := s.unaccounted.counted(conn.counted-len(s.held)-s.others(), time.Now())
	s.metrics.unaccounted.Set(float64(n))
	s.cfg.Health.SetUnaccounted(n)
	if n > 0 {
		s.log.Warn().Int("counted", conn.counted).Int("unaccounted", n).Str("hint", unaccountedHint).
			Msg("socketmode: slack counts more connections than there are")
	}
	return again
}
