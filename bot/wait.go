package bot

import (
	"context"
	"time"
)

// sleep waits, and returns the cause if ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
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

// exponential returns a back-off with full jitter: at random up to first,
// twice, four times … first, and at most most.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func exponential(random func(n int64) int64, first, most time.Duration) func(attempt int) time.Duration {
	return func(attempt int) time.Duration {
		bound := min(first<<min(attempt-1, 20), most)
		return time.Duration(random(int64(bound))) + time.Millisecond
	}
}
