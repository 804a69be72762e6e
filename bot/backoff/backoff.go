// Package backoff waits between attempts at something that fails. It does not know
// what is attempted.
package backoff

import (
	"context"
	"time"
)

// Func returns how long to wait after a failed attempt; the first one is 1.
type Func func(attempt int) time.Duration

// Exponential returns a back-off with full jitter: at random up to first, twice,
// four times … first, and at most most. random returns a number that is at least
// 0 and less than n.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func Exponential(random func(n int64) int64, first, most time.Duration) Func {
	return func(attempt int) time.Duration {
		bound := min(first<<min(attempt-1, 20), most)
		return time.Duration(random(int64(bound))) + time.Millisecond
	}
}

// Sleep waits for a time. It returns the cause if ctx ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
