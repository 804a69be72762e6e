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
