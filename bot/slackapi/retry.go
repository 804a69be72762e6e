package slackapi

import (
	"context"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
)

// Retry makes a call until it succeeds, Slack rejects it for good, or ctx ends.
// Rate-limited calls are repeated without limit. Calls with an unknown outcome are
// made attempts times, and calls that fail for the app's setup once. If attempts is
// 0, both are repeated without limit: a person can fix the setup.
func (c *Client) Retry(ctx context.Context, attempts int, call func() error) error {
	for attempt := 1; ; attempt++ {
		err := call()
		failure := Classify(err)
		switch failure.Class {
		case "", Rejected, Inaccessible:
			return err
		case Setup:
			if attempts > 0 {
				return err
			}
		case Unknown:
			if attempt == attempts {
				return err
			}
		}
		wait := failure.RetryAfter
		if failure.Class != RateLimited {
			wait = max(wait, c.backOff(attempt))
		}
		zerolog.Ctx(ctx).Warn().Err(err).Str("hint", failure.Hint).Float64("wait_seconds", wait.Seconds()).Msg("slackapi: call failed, retrying")
		if err := backoff.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}
