package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

var errDisk = errors.New("no space left on device")

// seconds is a back-off of one second per failure.
func seconds(attempt int) time.Duration { return time.Duration(attempt) * time.Second }

// Ensure that an operation is repeated with the back-off until it succeeds, and that each
// failure is logged.
func TestRetry_UntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		began, tries := time.Now(), 0
		err := storage.Retry(zerolog.New(&log).WithContext(t.Context()), seconds, func() error {
			if tries++; tries < 4 {
				return errDisk
			}
			return nil
		})
		if took := time.Since(began); err != nil || tries != 4 || took != 6*time.Second {
			t.Errorf("%v after %d tries and %v, want success after 4 and 6s", err, tries, took)
		}
		if n := strings.Count(log.String(), errDisk.Error()); n != 3 {
			t.Errorf("%d failures are logged, want 3:\n%s", n, &log)
		}
	})
}

// Ensure that an operation is not repeated if a retry cannot change its result.
func TestRetry_FinalErrors(t *testing.T) {
	for _, final := range []error{storage.ErrState, storage.ErrNotFound, storage.ErrBadID} {
		tries := 0
		err := storage.Retry(t.Context(), seconds, func() error {
			tries++
			return fmt.Errorf("claim: %w", final)
		})
		if !errors.Is(err, final) || tries != 1 {
			t.Errorf("%v after %d tries, want %v after one", err, tries, final)
		}
	}
}

// Ensure that the end of the context ends the wait and the retries.
func TestRetry_ContextEnds(t *testing.T) {
	stopped := errors.New("stopped")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(1500*time.Millisecond, func() { cancel(stopped) })
		began := time.Now()
		err := storage.Retry(ctx, seconds, func() error { return errDisk })
		if took := time.Since(began); !errors.Is(err, stopped) || took != 1500*time.Millisecond {
			t.Errorf("%v after %v, want %v after 1.5s", err, took, stopped)
		}
		tries := 0
		err = storage.Retry(ctx, seconds, func() error { tries++; return ctx.Err() })
		if !errors.Is(err, stopped) || tries != 1 {
			t.Errorf("%v after %d tries, want %v after one", err, tries, stopped)
		}
	})
}

// Ensure that an operator is told what to do about an error of the store, whatever it is.
func TestHint(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"the file is gone":   {storage.ErrGone, "put the file back"},
		"the caller gave up": {context.DeadlineExceeded, "slow"},
		"any other":          {errDisk, "full or read-only"},
	} {
		if got := storage.Hint(fmt.Errorf("register replica one: %w", test.err)); !strings.Contains(got, test.want) {
			t.Errorf("%s: the hint is %q", name, got)
		}
	}
}
