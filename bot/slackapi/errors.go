package slackapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/slack-go/slack"
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

// Classify describes the error of a call.
func Classify(err error) Failure {
	if err == nil {
		return Failure{}
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return Failure{Class: RateLimited, RetryAfter: max(limited.RetryAfter, time.Second)}
	}
	if code := ErrorCode(err); code != "" {
		return classifyCode(code)
	}
	switch status := StatusCode(err); {
	case status == http.StatusTooManyRequests: // without Retry-After
		return Failure{Class: RateLimited, RetryAfter: time.Second}
	case slices.Contains(tooLargeStatuses, status):
		return Failure{Class: Rejected}
	}
	if errors.Is(err, ErrRootGone) {
		return Failure{Class: Inaccessible, Hint: ErrRootGone.Error()}
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

// ErrorCode returns the error code in Slack's response; empty if there is none.
func ErrorCode(err error) string {
	if response, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return response.Err
	}
	return ""
}

// StatusCode returns the HTTP status of a response that is an error without one of
// Slack's codes; 0 for other errors.
func StatusCode(err error) int {
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return status.Code
	}
	return 0
}

// RejectionReasons returns Slack's explanations of why it rejected a message.
func RejectionReasons(err error) []string {
	if response, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return slices.Clone(response.ResponseMetadata.Messages)
	}
	return nil
}
