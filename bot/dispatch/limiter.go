package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/queue"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// NewLimiter returns a limiter that counts the calls of earlier processes. It reads
// them from the store until that succeeds or ctx ends.
func NewLimiter(ctx context.Context, store storage.Store, limits []enjo.Limit, margin time.Duration, backOff backoff.Func) (*queue.Limiter, error) {
	earlier, err := earlierCalls(ctx, store, limits, margin, backOff)
	if err != nil {
		return nil, err
	}
	return queue.NewLimiter(limits, margin, earlier), nil
}

// NewLimiterAfter is NewLimiter for a process that takes over from another one. The calls of
// the questions that the other one was asking can have left at the last moment, so they count
// as made now.
func NewLimiterAfter(ctx context.Context, store storage.Store, limits []enjo.Limit, margin time.Duration, backOff backoff.Func) (*queue.Limiter, error) {
	earlier, err := earlierCalls(ctx, store, limits, margin, backOff)
	if err != nil {
		return nil, err
	}
	var unfinished []storage.Question
	err = storage.Retry(ctx, backOff, func() (err error) {
		unfinished, err = store.Unfinished(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the questions of earlier processes: %w", err)
	}
	now := time.Now()
	for _, q := range unfinished {
		if q.State != storage.Asking {
			continue
		}
		if at := slices.IndexFunc(earlier, func(call time.Time) bool { return isClaim(call, q) }); at >= 0 {
			earlier = slices.Delete(earlier, at, at+1)
		}
		earlier = append(earlier, now)
	}
	return queue.NewLimiter(limits, margin, earlier), nil
}

// isClaim reports whether a call is that of the last claim of a question. A store can round
// times.
func isClaim(call time.Time, q storage.Question) bool {
	return call.Sub(q.AskedAt).Abs() < time.Millisecond
}

// earlierCalls returns the calls of earlier processes that matter to a limiter.
func earlierCalls(ctx context.Context, store storage.Store, limits []enjo.Limit, margin time.Duration, backOff backoff.Func) ([]time.Time, error) {
	var earlier []time.Time
	err := storage.Retry(ctx, backOff, func() (err error) {
		earlier, err = store.Calls(ctx, time.Now().Add(-queue.CallsMatterFor(limits, margin)))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the calls of earlier processes: %w", err)
	}
	return earlier, nil
}
