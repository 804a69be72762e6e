package storage

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
)

// diskHint tells an operator what to do when the store cannot be written to.
const diskHint = "is the disk full or read-only, or is a permission missing? Until this is fixed, events are not acknowledged, and Slack sends them again"

// slowHint tells an operator what to do when the store did not answer before the caller gave up.
const slowHint = "is the disk or the database slow, or the network to it? Until this is fixed, events are not acknowledged, and Slack sends them again"

// Hint returns what an operator can do about an error of a [Store]. An error can say so
// itself, with a method Hint.
func Hint(err error) string {
	var hinted interface{ Hint() string }
	switch {
	case errors.As(err, &hinted):
		return hinted.Hint()
	case errors.Is(err, ErrGone):
		return "put the file back; if it was deleted, save its content with enjobridge backup first, because it is lost when enjobridge ends"
	case errors.Is(err, context.DeadlineExceeded):
		return slowHint
	}
	return diskHint
}

// Retry repeats an operation of a [Store] until it succeeds, so that a disk that fails
// temporarily does not lose a question. It logs each failure, and waits backOff(n) after
// the nth one. It returns ErrState, ErrNotFound, ErrBadID and ErrLeaseLost at once, because a
// retry does not change them, and the cause of ctx if ctx ends.
func Retry(ctx context.Context, backOff func(attempt int) time.Duration, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil || errors.Is(err, ErrState) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrBadID) || errors.Is(err, ErrLeaseLost) {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		zerolog.Ctx(ctx).Error().Err(err).Str("hint", Hint(err)).Msg("storage: operation failed, retrying")
		timer := time.NewTimer(backOff(attempt))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}
