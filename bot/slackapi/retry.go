package slackapi

import (
	"context"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
)

// Retry makes a call until it succeeds, Slack rejects it for good, or ctx ends.
// Calls that Slack has rate-limited are repeated without limit. Others whose
// outcome is unknown are made attempts times; if attempts is 0, they are repeated
// without limit, and so are calls that fail for the app's setup: a person can fix it.
func (c *Client) Retry(ctx context.Context, attempts int, call func() error) error {
	for attempt := 1; ; attempt++ {
		err := call()
		switch failure := Classify(err); failure.Class {
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
		if err := c.wait(ctx, err, attempt); err != nil {
			return err
		}
	}
}

// wait waits before the next attempt, as long as Slack said or the back-off says.
func (c *Client) wait(ctx context.Context, err error, attempt int) error {
	failure := Classify(err)
	wait := failure.RetryAfter
	if failure.Class != RateLimited {
		wait = max(wait, c.backOff(attempt))
	}
	zerolog.Ctx(ctx).Warn().Err(err).Str("hint", failure.Hint).Dur("wait", wait).Msg("posting again")
	return backoff.Sleep(ctx, wait)
}
