package bot

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/storage"
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

// persist repeats what is done with the store until it succeeds, because no
// question must be lost to a disk that is full or cannot be read for a while. It
// returns an error if ctx ends before, and at once where trying again does not
// help: the question is in another state, or what is to be kept cannot be.
func persist(ctx context.Context, backOff func(int) time.Duration, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil || errors.Is(err, storage.ErrState) || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrBadID) {
			return err
		}
		zerolog.Ctx(ctx).Error().Err(err).Str("hint", diskHint).Msg("the store failed, trying again")
		if err := sleep(ctx, backOff(attempt)); err != nil {
			return err
		}
	}
}
