package slackapi

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/bot/backoff"
)

// Ensure that calls that fail with an unexpected code are repeated a few times within
// seconds, posts for some minutes, and no call without end.
func TestRetry_Unexpected(t *testing.T) {
	unexpected := &ResponseError{Code: "an_error_of_next_year"}
	for name, test := range map[string]struct {
		attempts      int
		patience      time.Duration
		earliest, end time.Duration
	}{
		"with a limit":    {5, 0, 0, 5 * time.Second},
		"without a limit": {0, 0, 0, 5 * time.Second},
		"a post":          {0, Patience, Patience, Patience + maxBackOff},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := &Client{core: &core{backOff: backoff.Exponential(func(n int64) int64 { return n - 1 }, time.Second, maxBackOff)}}
			began, calls := time.Now(), 0
			err := c.retry(t.Context(), test.attempts, test.patience, func() error {
				calls++
				return unexpected
			})
			if took := time.Since(began); !errors.Is(err, unexpected) || took < test.earliest || took > test.end || calls < unexpectedAttempts {
				t.Errorf("%s: %v after %v and %d calls", name, err, took, calls)
			}
		})
	}
}

// Ensure that the limit of attempts counts neither rate-limited ones nor is passed by other errors.
func TestRetry_Attempts(t *testing.T) {
	unknown, limited, unexpected := errors.New("cut off"), &ResponseError{Status: http.StatusTooManyRequests}, &ResponseError{Code: "an_error_of_next_year"}
	for name, test := range map[string]struct {
		errs []error // the last one forever
		want int
	}{
		"unknown":              {[]error{unknown}, 3},
		"rate-limited before":  {[]error{limited, limited, limited, limited, unknown}, 7},
		"rate-limited between": {[]error{unknown, unknown, limited, unknown}, 4},
		"unexpected between":   {[]error{unknown, unknown, unexpected, unknown}, 4},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := &Client{core: &core{backOff: func(int) time.Duration { return time.Second }}}
			calls := 0
			err := c.Retry(t.Context(), 3, func() error {
				calls++
				return test.errs[min(calls, len(test.errs))-1]
			})
			if calls != test.want || !errors.Is(err, unknown) {
				t.Errorf("%s: %d calls and %v", name, calls, err)
			}
		})
	}
}

// Ensure that an unexpected code that ends is not the end.
func TestRetry_UnexpectedEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{core: &core{backOff: func(int) time.Duration { return time.Second }}}
		began := time.Now()
		err := c.retry(t.Context(), 0, Patience, func() error {
			if time.Since(began) < Patience-time.Minute {
				return &ResponseError{Code: "an_error_of_next_year"}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Ensure that a call that is cut off ends with the cause and with its last error.
func TestRetry_CutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{core: &core{backOff: func(int) time.Duration { return time.Second }}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := c.Retry(ctx, 0, func() error { return &ResponseError{Code: "token_revoked"} })
		if !errors.Is(err, context.DeadlineExceeded) || Classify(err).Class != Setup {
			t.Errorf("the error is %v", err)
		}
	})
}
