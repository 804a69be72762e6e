package browser

import (
	"context"
	"testing"
	"time"
)

// reportTime is the part of a test's time that is reserved to report a failure.
const reportTime = 20 * time.Second

// Context returns a context for the waits of a test. It ends shortly before go
// test's -timeout, which leaves time to report a failure. There is no shorter
// deadline, because the duration of a step depends more on the machine than on the
// program. Without a -timeout it does not end.
func Context(t testing.TB) (context.Context, context.CancelFunc) {
	return until(t.Context(), t)
}

// until returns ctx with the deadline of [Context].
func until(ctx context.Context, t testing.TB) (context.Context, context.CancelFunc) {
	limited, is := t.(interface{ Deadline() (time.Time, bool) })
	if !is {
		return context.WithCancel(ctx) // a benchmark
	}
	deadline, set := limited.Deadline()
	if !set {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(reportTime, time.Until(deadline)/4)))
}
