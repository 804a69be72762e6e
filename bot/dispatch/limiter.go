package dispatch

import (
	"context"
	"fmt"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/queue"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// NewLimiter returns a limiter that counts the calls of earlier processes. It reads
// them from the store until that succeeds or ctx ends.
func NewLimiter(ctx context.Context, store storage.Store, limits []enjo.Limit, margin time.Duration, backOff backoff.Func) (*queue.Limiter, error) {
	var earlier []time.Time
	err := storage.Retry(ctx, backOff, func() (err error) {
		earlier, err = store.Calls(ctx, time.Now().Add(-queue.CallsMatterFor(limits, margin)))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the calls of earlier processes: %w", err)
	}
	return queue.NewLimiter(limits, margin, earlier), nil
}

// NewLimiterAfter is NewLimiter for a process that takes over from another one, which may
// still run. A question that the other one was asking counts as a call that is made now: it
// can have left at the last moment.
func NewLimiterAfter(ctx context.Context, store storage.Store, limits []enjo.Limit, margin time.Duration, backOff backoff.Func) (*queue.Limiter, error) {
	var unfinished []storage.Question
	err := storage.Retry(ctx, backOff, func() (err error) {
		unfinished, err = store.Unfinished(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the questions of earlier processes: %w", err)
	}
	limiter, err := NewLimiter(ctx, store, limits, margin, backOff)
	if err != nil {
		return nil, err
	}
	for _, q := range unfinished {
		if q.State == storage.Asking {
			limiter.Made(q.AskedAt)
		}
	}
	return limiter, nil
}
