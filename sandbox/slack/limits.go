package slack

import (
	"fmt"
	"time"
)

// ErrRateLimited is the code of a call that exceeds a rate limit (HTTP 429).
const ErrRateLimited Error = "ratelimited"

// Slack's tiers, in calls per minute and method, and its special limits. See
// https://docs.slack.dev/apis/web-api/rate-limits.
const (
	tier1   = 1
	tier2   = 20
	tier3   = 50
	tier4   = 100
	special = 600

	postEvery   = time.Second // chat.postMessage, per channel
	postBurst   = 4
	updateEvery = 3 * time.Second // chat.update, per message
	updateBurst = 3
	bucketLimit = 4096 // stored at once

	// eventsPerHour is Slack's limit of events to one app in one workspace. See
	// https://docs.slack.dev/apis/events-api/#rate-limiting.
	eventsPerHour = 30_000
)

// limitError is the error of a call that exceeds a rate limit.
type limitError struct{ wait time.Duration }

func (e *limitError) Error() string { return fmt.Sprintf("%s: wait for %v", ErrRateLimited, e.wait) }

// limiter limits the rate of calls. Each key has a bucket, stored as the time
// when it will be empty.
type limiter struct {
	speed float64
	empty *bounded[string, time.Time]
}

func newLimiter(speed float64) limiter {
	return limiter{speed: speed, empty: newBounded[string, time.Time](bucketLimit)}
}

// take allows a call of a method, or returns how long it has to wait.
func (l *limiter) take(method string, perMinute int) time.Duration {
	if perMinute == 0 {
		return 0
	}
	return l.pace(method, time.Minute/time.Duration(perMinute), perMinute)
}

// pace allows a call every interval and a burst after a pause, or returns how
// long the caller has to wait.
func (l *limiter) pace(key string, every time.Duration, burst int) time.Duration {
	step := max(1, time.Duration(float64(every)/l.speed))
	now := time.Now()
	at, _ := l.empty.get(key)
	if at.Before(now) {
		at = now
	}
	if wait := at.Sub(now) - step*time.Duration(burst-1); wait > 0 {
		return wait
	}
	l.empty.put(key, at.Add(step))
	return 0
}
