package slackapi

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
)

const (
	// Patience is how long a post is repeated that fails with a code that this version
	// does not know. It can be an incident of Slack's, which mostly ends within minutes,
	// or final, and then the asker must not wait longer to be notified.
	Patience = 5 * time.Minute
	// unexpectedAttempts is how often any other call is made that fails like that: so
	// rarely that nobody waits long for an update, a reaction or a notice.
	unexpectedAttempts = 3
)

// Retry makes a call until it succeeds, Slack rejects it for good, or ctx ends.
// Rate-limited calls are repeated without limit. Calls with an unknown outcome are
// made attempts times, and calls that fail for the app's setup once. If attempts is
// 0, both are repeated without limit: a person can fix the setup. Calls that fail with
// an unexpected code are made a few times.
func (c *Client) Retry(ctx context.Context, attempts int, call func() error) error {
	return c.retry(ctx, attempts, 0, call)
}

// retry is [Client.Retry] with patience for unexpected codes.
func (c *Client) retry(ctx context.Context, attempts int, patience time.Duration, call func() error) error {
	attempt, unexpected, since := 0, 0, time.Time{}
	for {
		err := call()
		failure := Classify(err)
		if failure.Class != RateLimited {
			attempt++
		}
		switch failure.Class {
		case "", Rejected, Inaccessible, Withheld:
			return err
		case Setup:
			if attempts > 0 {
				return err
			}
		case Unknown:
			if attempts > 0 && attempt >= attempts {
				return err
			}
		case Unexpected:
			if unexpected++; unexpected == 1 {
				since = time.Now()
			}
			if unexpected >= unexpectedAttempts && time.Since(since) >= patience {
				return err
			}
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w, after: %w", context.Cause(ctx), err)
		}
		wait := failure.RetryAfter
		if failure.Class != RateLimited {
			wait = max(wait, c.backOff(attempt))
		}
		zerolog.Ctx(ctx).Warn().Err(err).Str("hint", failure.Hint).Float64("wait_seconds", wait.Seconds()).Msg("slackapi: call failed, retrying")
		if ended := backoff.Sleep(ctx, wait); ended != nil {
			return fmt.Errorf("%w, after: %w", ended, err)
		}
	}
}
