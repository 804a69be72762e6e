package slackapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Ensure that each error has its class, and no error has none.
func TestClassify(t *testing.T) {
	code := func(code string) error { return &ResponseError{Code: code} }
	status := func(status int) error { return &ResponseError{Status: status} }
	for name, test := range map[string]struct {
		err  error
		want Failure
	}{
		"no error":                    {nil, Failure{}},
		"429":                         {&ResponseError{Status: 429, RetryAfter: time.Minute}, Failure{Class: RateLimited, RetryAfter: time.Minute}},
		"429 for less than a second":  {&ResponseError{Status: 429}, Failure{Class: RateLimited, RetryAfter: time.Second}},
		"429 without Retry-After":     {status(http.StatusTooManyRequests), Failure{Class: RateLimited, RetryAfter: time.Second}},
		"a rate limit as a code":      {code("ratelimited"), Failure{Class: RateLimited, RetryAfter: time.Second}},
		"a fault of Slack's":          {code("internal_error"), Failure{Class: Unknown, RetryAfter: time.Second}},
		"502":                         {status(http.StatusBadGateway), Failure{Class: Unknown, RetryAfter: time.Second}},
		"a proxy":                     {status(http.StatusForbidden), Failure{Class: Unknown, RetryAfter: time.Second}},
		"a connection that was cut":   {io.ErrUnexpectedEOF, Failure{Class: Unknown, RetryAfter: time.Second}},
		"a deadline":                  {context.DeadlineExceeded, Failure{Class: Unknown, RetryAfter: time.Second}},
		"a response without an error": {code(""), Failure{Class: Unknown, RetryAfter: time.Second}},
		"413":                         {status(http.StatusRequestEntityTooLarge), Failure{Class: Rejected}},
		"blocks":                      {code("invalid_blocks"), Failure{Class: Rejected}},
		"a code of the future":        {code("invalid_future"), Failure{Class: Unexpected, RetryAfter: time.Second, Hint: unexpectedHint}},
		"a foreign URL":               {errForeignURL, Failure{Class: Unexpected, RetryAfter: time.Second, Hint: foreignHint}},
		"an archived channel":         {code("is_archived"), Failure{Class: Inaccessible, Hint: inaccessibleHints["is_archived"]}},
		"a deleted root":              {ErrRootGone, Failure{Class: Inaccessible, Hint: ErrRootGone.Error()}},
		"a token":                     {code("token_revoked"), Failure{Class: Setup, RetryAfter: time.Minute, Hint: setupHints["token_revoked"]}},
	} {
		for _, err := range []error{test.err, fmt.Errorf("posting: %w", test.err)} {
			if test.err == nil {
				err = nil
			}
			if diff := cmp.Diff(test.want, Classify(err)); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
		if transient := slices.Contains([]Class{RateLimited, Unknown, Unexpected}, test.want.Class); test.want.Transient() != transient {
			t.Errorf("%s: transient is %v", name, !transient)
		}
	}
}

// Ensure that no code has two classes, and that each hint is that of its code.
func TestClassify_Codes(t *testing.T) {
	seen := make(map[string]bool)
	codes := [][]string{rejectionCodes, unknownCodes, slices.Collect(maps.Keys(inaccessibleHints)), slices.Collect(maps.Keys(setupHints))}
	for _, code := range slices.Concat(codes...) {
		if seen[code] {
			t.Errorf("%s has two classes", code)
		}
		seen[code] = true
		if got := Classify(&ResponseError{Code: code}).Class; got == Unexpected {
			t.Errorf("%s is %s", code, got)
		}
	}
	for class, hints := range map[Class]map[string]string{Inaccessible: inaccessibleHints, Setup: setupHints} {
		for code, hint := range hints {
			if got := Classify(&ResponseError{Code: code}); got.Class != class || got.Hint != hint || hint == "" {
				t.Errorf("%s: %+v", code, got)
			}
		}
	}
}

// Ensure that a setup error shows the error and the fix, and can be unwrapped.
func TestSetupError(t *testing.T) {
	cause := errors.New("invalid_auth")
	err := fmt.Errorf("starting: %w", &SetupError{Err: cause, Hint: "copy the token"})
	if want := "starting: invalid_auth: copy the token"; err.Error() != want || !errors.Is(err, cause) {
		t.Errorf("got %v, want %s", err, want)
	}
}
