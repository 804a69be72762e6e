package queue

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"enjobridge/enjo"
)

const (
	// calmFor is how many of the longest limit's periods pass without a refusal
	// until the limiter relaxes.
	calmFor = 5
	// leftWithin is how long after its record a call of an earlier process may have
	// left: the waits for a slow disk and for a connection lie between, and nobody
	// recorded their end.
	leftWithin = 2*time.Second + enjo.ConnectTimeout
)

// Limiter decides when the agent can be called, so that no limit is exceeded.
//
// It remembers the calls of this process by the times when they left. Of earlier
// processes it is given the times that were recorded before the calls left.
//
// The margin for the network's jitter adapts: a refusal doubles it and pauses all
// calls, and calm halves it again, down to the configured one.
type Limiter struct {
	limits            []enjo.Limit
	least             time.Duration // the configured margin
	shortest, longest time.Duration // of the limits' periods
	memory            time.Duration // see CallsMatterFor

	mu      sync.Mutex
	margin  time.Duration
	paused  time.Time     // no call before
	pause   time.Duration // the latest one that the API set no time for; 0 after calm
	refused time.Time     // the latest refusal
	calm    time.Time     // the latest refusal or change of the margin
	calls   []*Call       // those that may still count
	freed   chan struct{} // closed when a call is given back
}

// Call is a call that can be made now.
type Call struct {
	of   *Limiter
	left time.Time // zero until the call has left
}

// NewLimiter returns a limiter for calls whose times on the network differ by at
// most margin. The calls of earlier processes, which have all ended, are given
// by the times of their records. Those after now were recorded before the clock
// was set back, and count as made now.
func NewLimiter(limits []enjo.Limit, margin time.Duration, earlier []time.Time) *Limiter {
	l := &Limiter{limits: limits, least: margin, margin: margin, memory: CallsMatterFor(limits, margin), freed: make(chan struct{})}
	for i, limit := range limits {
		if i == 0 || limit.Per < l.shortest {
			l.shortest = limit.Per
		}
		l.longest = max(l.longest, limit.Per)
	}
	now := time.Now()
	for _, recorded := range earlier {
		l.calls = append(l.calls, &Call{of: l, left: earliest(recorded.Add(leftWithin), now)})
	}
	return l
}

// CallsMatterFor returns how long after its record a call matters to a limiter,
// however much the margin grows.
func CallsMatterFor(limits []enjo.Limit, margin time.Duration) time.Duration {
	longest := time.Duration(0)
	for _, limit := range limits {
		longest = max(longest, min(limit.Per, math.MaxInt64/4))
	}
	return longest + max(longest, margin) + leftWithin
}

// Take waits until a call can be made, and takes it. Until the call has left it
// counts as leaving now. Take returns the cause if ctx ends before.
func (l *Limiter) Take(ctx context.Context) (*Call, error) {
	for ctx.Err() == nil {
		call, at, freed := l.try()
		if call != nil {
			return call, nil
		}
		timer := time.NewTimer(time.Until(at))
		select {
		case <-timer.C:
		case <-freed:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil, context.Cause(ctx)
}

// try takes a call if one can be made now. Otherwise it returns when that may be
// so, unless a call is given back before.
func (l *Limiter) try() (taken *Call, at time.Time, freed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.forget(now)
	if at = l.budget(now).Next(latest(now, l.paused), l.times(now)); at.After(now) {
		return nil, at, l.freed
	}
	taken = &Call{of: l}
	l.calls = append(l.calls, taken)
	return taken, now, nil
}

// Left records that the call leaves now. It can leave again, over another connection, if
// the first one breaks before anything is sent: then the last time counts.
func (c *Call) Left() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.left = time.Now()
}

// GiveBack gives back a call that is not made. It does nothing if the call has left.
func (c *Call) GiveBack() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	i := slices.Index(c.of.calls, c)
	if !c.left.IsZero() || i < 0 {
		return
	}
	c.of.calls = slices.Delete(c.of.calls, i, i+1)
	close(c.of.freed)
	c.of.freed = make(chan struct{})
}

// Refused records that the API refused a call for its rate, and how long to wait if
// it said so. If it did not, all calls pause for the shortest limit's period, and
// twice as long after each further refusal, up to the longest, until it is calm.
func (l *Limiter) Refused(now time.Time, retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.refused) > calmFor*l.longest {
		l.pause = 0
	}
	// A refusal during a pause is of a call that left before the pause began.
	if retryAfter <= 0 && !now.Before(l.paused) {
		l.pause = min(max(2*l.pause, l.shortest), l.longest)
		retryAfter = l.pause
	}
	l.paused = latest(l.paused, now.Add(retryAfter))
	l.margin = min(max(2*l.margin, time.Millisecond), l.longest)
	l.refused, l.calm = now, now
}

// Ahead returns when each of the next n calls can be made, first one first, if
// they are made as soon as they can.
func (l *Limiter) Ahead(now time.Time, n int) []time.Time {
	l.mu.Lock()
	budget, calls, from := l.budget(now), l.times(now), latest(now, l.paused)
	l.mu.Unlock()
	return budget.Schedule(from, calls, n)
}

// budget returns the limits with the margin of the moment, which calm narrows.
// The mutex must be held.
func (l *Limiter) budget(now time.Time) enjo.Budget {
	if l.margin > l.least && now.Sub(l.calm) > calmFor*l.longest {
		l.margin, l.calm = max(l.least, l.margin/2), now
	}
	return enjo.NewBudget(l.limits, l.margin)
}

// times returns when the calls left, ascending. Those that are still to leave
// count as leaving now. The mutex must be held.
func (l *Limiter) times(now time.Time) []time.Time {
	times := make([]time.Time, len(l.calls))
	for i, call := range l.calls {
		if times[i] = call.left; call.left.IsZero() {
			times[i] = now
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return times
}

// forget forgets the calls that count no more, even if the margin grows. The
// mutex must be held.
func (l *Limiter) forget(now time.Time) {
	l.calls = slices.DeleteFunc(l.calls, func(c *Call) bool { return !c.left.IsZero() && now.Sub(c.left) > l.memory })
}

// latest returns the later of two times.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// earliest returns the earlier of two times.
func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
