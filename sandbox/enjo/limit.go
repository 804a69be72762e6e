package enjo

import (
	"sync"
	"time"
)

// Limit allows a number of calls in a period.
type Limit struct {
	Calls int
	Per   time.Duration
}

// DefaultLimits returns the published limits: 10 calls per 5 seconds and 20 per minute.
func DefaultLimits() []Limit {
	return []Limit{{Calls: 10, Per: 5 * time.Second}, {Calls: 20, Per: time.Minute}}
}

// Windows says how the windows of a limit are placed. The real API's choice is
// not published, so that a caller has to work with both.
type Windows int

const (
	// Sliding counts the calls of the last period, at any moment.
	Sliding Windows = iota
	// Fixed starts a new count at each full multiple of the period.
	Fixed
)

// maxClients limits the number of known IPs.
const maxClients = 1024

// limiter decides which calls are within the limits.
type limiter struct {
	limits       []Limit
	windows      Windows
	countRefused bool
	clock        func() time.Time

	mu      sync.Mutex
	clients map[string]*client
}

// client has, for each limit, the times of the latest calls, oldest first. It
// stores at most the limit's number, because older ones do not matter.
type client struct {
	calls [][]time.Time
	last  time.Time
}

func newLimiter(c Config) *limiter {
	return &limiter{
		limits: c.Limits, windows: c.Windows, countRefused: c.CountRefused, clock: c.Clock,
		clients: make(map[string]*client),
	}
}

// take records a call by ip now, if the limits allow it. Otherwise it returns
// the time until they do.
func (l *limiter) take(ip string) (now time.Time, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Read the clock under the lock, so that the times of the calls are in order.
	now = l.clock()
	c := l.client(ip, now)
	allowed := l.wait(c, now) == 0
	if allowed || l.countRefused {
		l.record(c, now)
	}
	if !allowed {
		wait = l.wait(c, now)
	}
	return now, wait
}

func (l *limiter) record(c *client, now time.Time) {
	for i, limit := range l.limits {
		c.calls[i] = append(c.calls[i], now)
		if extra := len(c.calls[i]) - limit.Calls; extra > 0 {
			c.calls[i] = append(c.calls[i][:0], c.calls[i][extra:]...)
		}
	}
}

// wait returns the time until all limits allow the client's next call.
func (l *limiter) wait(c *client, now time.Time) time.Duration {
	var longest time.Duration
	for i, limit := range l.limits {
		longest = max(longest, l.freeAt(limit, c.calls[i]).Sub(now))
	}
	return longest
}

// freeAt returns when a limit allows the next call: when the oldest of the last
// Calls calls leaves the window.
func (l *limiter) freeAt(limit Limit, calls []time.Time) time.Time {
	if len(calls) < limit.Calls {
		return time.Time{}
	}
	oldest := calls[0]
	if l.windows == Fixed {
		oldest = oldest.Truncate(limit.Per)
	}
	return oldest.Add(limit.Per)
}

// client returns the record of ip. At the limit, a new client replaces the one
// with the oldest call.
func (l *limiter) client(ip string, now time.Time) *client {
	c := l.clients[ip]
	if c == nil {
		if len(l.clients) >= maxClients {
			delete(l.clients, l.mostSilent())
		}
		c = &client{calls: make([][]time.Time, len(l.limits))}
		l.clients[ip] = c
	}
	c.last = now
	return c
}

func (l *limiter) mostSilent() (ip string) {
	for candidate, c := range l.clients {
		if known := l.clients[ip]; known == nil || c.last.Before(known.last) || c.last.Equal(known.last) && candidate < ip {
			ip = candidate
		}
	}
	return ip
}
