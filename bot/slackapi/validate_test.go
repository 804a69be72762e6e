package slackapi

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Ensure that a validation returns Slack's reasons with their pointers, and that other
// errors are not taken for a refusal.
func TestValidate(t *testing.T) {
	for name, test := range map[string]struct {
		kind, body string
		want       []string
		code       string // of the error
	}{
		"accepted": {"view", `{"ok":true}`, nil, ""},
		"pointers": {
			"message", `{"ok":false,"error":"invalid_message","errors":[{"code":"failed_constraint","message":"unsupported type: card","pointer":"/blocks/0/type"}]}`,
			[]string{"/blocks/0/type unsupported type: card"},
			"",
		},
		"messages": {
			"message", `{"ok":false,"error":"invalid_blocks","errors":["x"],"response_metadata":{"messages":["[ERROR] no more than 50 items allowed"]}}`,
			[]string{"[ERROR] no more than 50 items allowed"},
			"",
		},
		"no reason":    {"view", `{"ok":false,"error":"invalid_view"}`, []string{"invalid_view"}, ""},
		"another code": {"view", `{"ok":false,"error":"invalid_auth"}`, nil, "invalid_auth"},
	} {
		c, r := newTestClient(t, text(test.body))
		got, err := c.Validate(t.Context(), test.kind, map[string]string{"type": "home"})
		if diff := cmp.Diff(test.want, got); diff != "" || ErrorCode(err) != test.code || (err != nil) != (test.code != "") {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		if r.forms[0].Get(test.kind) != `{"type":"home"}` {
			t.Errorf("%s: Slack got %v", name, r.forms[0])
		}
	}
}

// Ensure that a validation waits for Slack's rate limit, and is not repeated otherwise.
func TestValidate_RateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := status(http.StatusTooManyRequests, "Retry-After", "30")
		c, _ := newTestClient(t, limited, limited, text(`{"ok":true}`), status(http.StatusServiceUnavailable))
		began := time.Now()
		if reasons, err := c.Validate(t.Context(), "view", nil); err != nil || len(reasons) > 0 || time.Since(began) != time.Minute {
			t.Errorf("%v, %v after %v", reasons, err, time.Since(began))
		}
		if _, err := c.Validate(t.Context(), "view", nil); StatusCode(err) != http.StatusServiceUnavailable {
			t.Errorf("the error is %v", err)
		}
	})
}
