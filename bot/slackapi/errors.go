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
	Unexpected   Class = "unexpected"   // most likely not done, for a reason that this version does not know
	Inaccessible Class = "inaccessible" // the bot cannot post there
	Setup        Class = "setup"        // the app's token or scopes do not allow it
	Withheld     Class = "withheld"     // not sent, because this process may not make it any more
)

// Failure describes a failed call.
type Failure struct {
	Class Class // empty if the call did not fail
	// RetryAfter is the shortest wait before another attempt.
	RetryAfter time.Duration
	// Hint tells the operator the fix; empty if none is known.
	Hint string
}

// Transient reports whether another attempt may succeed. Callers limit the attempts.
func (f Failure) Transient() bool {
	return f.Class == RateLimited || f.Class == Unknown || f.Class == Unexpected
}

// Elsewhere reports whether a message is to be posted elsewhere instead, because Slack does not
// take it there: the bot cannot post there, or it is not known why not.
func (f Failure) Elsewhere() bool { return f.Class == Inaccessible || f.Class == Unexpected }

// ErrRootGone means that the first message of a thread is deleted.
var ErrRootGone = errors.New("the thread's first message is deleted")

// tooLargeStatuses are the HTTP statuses of a request that is too large. Other error
// statuses come from something in between, such as a proxy, and can be temporary.
var tooLargeStatuses = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong}

// maxCode bounds an error code, in characters.
const maxCode = 100

// isRedirect reports whether a status leads elsewhere.
func isRedirect(status int) bool { return status >= 300 && status < 400 }

// Classify describes the error of a call.
func Classify(err error) Failure {
	failed, responded := errors.AsType[*ResponseError](err)
	switch {
	case err == nil:
		return Failure{}
	case errors.Is(err, errWithheld):
		return Failure{Class: Withheld}
	case errors.Is(err, ErrRootGone):
		return Failure{Class: Inaccessible, Hint: ErrRootGone.Error()}
	case errors.Is(err, errForeignURL):
		return Failure{Class: Unexpected, RetryAfter: time.Second, Hint: foreignHint}
	case errors.Is(err, errOtherToken):
		return Failure{Class: Setup, RetryAfter: time.Minute, Hint: otherTokenHint}
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
