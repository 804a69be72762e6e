package browser

import (
	"context"
	"testing"
	"time"
)

// toTell is the most that is kept of a test's time for saying what went wrong.
const toTell = 20 * time.Second

// Context returns a context for what a test waits for. It ends when there is
// only just time left to say what did not come before go test ends the test by
// its -timeout, and not before: how long something takes says more of the
// machine than of the program. Without a -timeout it does not end.
func Context(t testing.TB) (context.Context, context.CancelFunc) {
	return until(t.Context(), t)
}

// until returns the context with the end that [Context] has.
func until(ctx context.Context, t testing.TB) (context.Context, context.CancelFunc) {
	limited, is := t.(interface{ Deadline() (time.Time, bool) })
	if !is {
		return context.WithCancel(ctx) // a benchmark
	}
	deadline, set := limited.Deadline()
	if !set {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(toTell, time.Until(deadline)/4)))
}
