package storage

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
)

// DiskHint tells an operator what to do when the store cannot be written to.
const DiskHint = "is the disk full or read only, or its permission lost? Until that is fixed nothing is acknowledged, and Slack sends it again"

// Retry repeats an operation of a [Store] until it succeeds, because no question
// must be lost to a disk that fails for a while. It waits backOff(n) after the nth
// failure, which it logs. ErrState, ErrNotFound and ErrBadID are returned at
// once, because trying again does not change them, and the cause if ctx ends.
func Retry(ctx context.Context, backOff func(attempt int) time.Duration, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil || errors.Is(err, ErrState) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrBadID) {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		zerolog.Ctx(ctx).Error().Err(err).Str("hint", DiskHint).Msg("the store failed, trying again")
		timer := time.NewTimer(backOff(attempt))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}
