package slackapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// SetupError is an error that only a person can fix.
type SetupError struct {
	Err  error
	Hint string // the fix
}

// Error returns the error and the fix.
func (e *SetupError) Error() string { return fmt.Sprintf("%v: %s", e.Err, e.Hint) }

// Unwrap returns the error without the fix.
func (e *SetupError) Unwrap() error { return e.Err }

// Class is the class of a failed call.
type Class string

// The classes of failures. A call without an error has none.
const (
	RateLimited  Class = "rate_limited" // not done; can be repeated later
	Unknown      Class = "unknown"      // may or may not be done
	Rejected     Class = "rejected"     // Slack does not accept this request
	Inaccessible Class = "inaccessible" // the bot cannot post there
	Setup        Class = "setup"        // the app's token or scopes do not allow it
)

// Failure describes a failed call.
type Failure struct {
	Class Class // empty if the call did not fail
	// RetryAfter is the shortest wait before another attempt.
	RetryAfter time.Duration
	// Hint tells the operator the fix; empty if none is known.
	Hint string
}

// Transient reports whether another attempt can succeed.
func (f Failure) Transient() bool { return f.Class == RateLimited || f.Class == Unknown }

// ErrRootGone means that the first message of a thread is deleted.
var ErrRootGone = errors.New("the thread's first message is deleted")

// inaccessibleHints are Slack's errors for places where the bot cannot post.
var inaccessibleHints = map[string]string{
	"channel_not_found":                        "the channel is gone, or the bot is not in it: invite it again",
	"not_in_channel":                           "the bot was removed from the channel: invite it again",
	"is_archived":                              "the channel is archived",
	"restricted_action":                        "an admin restricts who may post in this channel",
	"restricted_action_read_only_channel":      "the channel is read only",
	"restricted_action_thread_only_channel":    "the channel allows replies only",
	"restricted_action_non_threadable_channel": "the channel allows no replies",
	"restricted_action_thread_locked":          "the thread is locked",
	"thread_not_found":                         "the thread is gone",
	"messages_tab_disabled":                    "the app's messages tab is turned off: create the app from manifest.yml",
	"user_disabled":                            "the person's account is deactivated",
}

// setupHints are Slack's errors that only the person who installed the app can fix.
var setupHints = map[string]string{
	"invalid_auth":            "SLACK_BOT_TOKEN is wrong: copy it from the app's page, under OAuth & Permissions",
	"not_authed":              "SLACK_BOT_TOKEN is missing",
	"account_inactive":        "the app was uninstalled: install it again and set the new SLACK_BOT_TOKEN",
	"token_revoked":           "the token was revoked: install the app again and set the new SLACK_BOT_TOKEN",
	"token_expired":           "the token has expired: turn token rotation off in the app, as manifest.yml does, and install it again",
	"missing_scope":           "the app lacks a scope: install it again after its manifest has changed",
	"not_allowed_token_type":  "this is not a bot token: SLACK_BOT_TOKEN begins with xoxb-",
	"no_permission":           "the app lacks a permission: install it again",
	"ekm_access_denied":       "an admin has suspended posting for this app",
	"team_access_not_granted": "the app is not granted access to this workspace",
}

// tooLargeStatuses are the HTTP statuses of a request that is too large. Other error
// statuses come from something in between, such as a proxy, and can be temporary.
var tooLargeStatuses = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong}

// maxCode bounds an error code, in bytes.
const maxCode = 100

// isRedirect reports whether a status leads elsewhere.
func isRedirect(status int) bool { return status >= 300 && status < 400 }

// Classify describes the error of a call.
func Classify(err error) Failure {
	failed, responded := errors.AsType[*ResponseError](err)
	switch {
	case err == nil:
		return Failure{}
	case errors.Is(err, ErrRootGone):
		return Failure{Class: Inaccessible, Hint: ErrRootGone.Error()}
	case !responded:
		return Failure{Class: Unknown, RetryAfter: time.Second}
	case failed.Code != "":
		return classifyCode(failed.Code)
	case failed.Status == http.StatusTooManyRequests:
		return Failure{Class: RateLimited, RetryAfter: max(failed.RetryAfter, time.Second)}
	case slices.Contains(tooLargeStatuses, failed.Status):
		return Failure{Class: Rejected}
	case isRedirect(failed.Status):
		hint := fmt.Sprintf("there is a redirect to the host %q, which is not followed: check SLACK_API_URL, and proxies on the way to it", failed.Target)
		return Failure{Class: Setup, RetryAfter: time.Minute, Hint: hint}
	}
	return Failure{Class: Unknown, RetryAfter: time.Second}
}

// classifyCode describes an error code of Slack's.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
func classifyCode(code string) Failure {
	switch code {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return Failure{Class: RateLimited, RetryAfter: time.Second}
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org":
		return Failure{Class: Unknown, RetryAfter: time.Second}
	}
	if hint, ok := inaccessibleHints[code]; ok {
		return Failure{Class: Inaccessible, Hint: hint}
	}
	if hint, ok := setupHints[code]; ok {
		return Failure{Class: Setup, RetryAfter: time.Minute, Hint: hint}
	}
	return Failure{Class: Rejected}
}

// ResponseError is the error in Slack's response to a call.
type ResponseError struct {
	Code    string   // Slack's error code; empty if there is none
	Reasons []string // Slack's explanations
	Status  int      // the HTTP status
	// RetryAfter is the wait that a status of 429 asks for; 0 for none.
	RetryAfter time.Duration
	// Target is the host that a redirect leads to. Redirects are not followed.
	Target string
}

// Error returns the error code, or else the status.
func (e *ResponseError) Error() string {
	switch {
	case e.Code != "":
		return e.Code
	case e.Target != "":
		return fmt.Sprintf("HTTP status %d to the host %q", e.Status, e.Target)
	case e.Status == http.StatusOK:
		return "the response is not ok, without an error code"
	}
	return fmt.Sprintf("HTTP status %d %s", e.Status, http.StatusText(e.Status))
}

// ErrorCode returns the error code in Slack's response; empty if there is none.
func ErrorCode(err error) string {
	if failed, ok := errors.AsType[*ResponseError](err); ok {
		return failed.Code
	}
	return ""
}

// StatusCode returns the HTTP status of a response that is an error without one of
// Slack's codes; 0 for other errors.
func StatusCode(err error) int {
	if failed, ok := errors.AsType[*ResponseError](err); ok && failed.Code == "" {
		return failed.Status
	}
	return 0
}

// RejectionReasons returns Slack's explanations of why it rejected a message.
func RejectionReasons(err error) []string {
	if failed, ok := errors.AsType[*ResponseError](err); ok {
		return failed.Reasons
	}
	return nil
}
