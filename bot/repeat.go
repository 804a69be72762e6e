package bot

import (
	"errors"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// fault is a failure of this program's own, by its code.
type fault string

// Error returns the code.
func (f fault) Error() string { return string(f) }

// codeOf returns the failure's code, under which [failures] tells what it means.
func codeOf(err error) string {
	if f, ok := err.(fault); ok { //nolint:errorlint // a fault is never wrapped
		return string(f)
	}
	if code := enjo.CodeOf(err); code != "" {
		return string(code)
	}
	return failureInternal
}

// afterFailure decides whether a question is asked again, and after how long.
// What was not processed is asked until it is; an unknown outcome once more, or
// until an agent that is down is back, as its asker was promised, but never where
// that could make a second ticket; the rest not at all.
func afterFailure(err error, q storage.Question, down bool, backOff func(attempt int) time.Duration) (again bool, wait time.Duration) {
	failed, ok := asEnjoError(err)
	if !ok {
		return false, 0
	}
	switch failed.Code {
	case enjo.RateLimited, enjo.NotProcessed:
		return true, max(failed.RetryAfter, backOff(q.Attempts))
	case enjo.OutcomeUnknown:
		return (q.Doubts == 0 || down) && !q.MakesTicket, 0
	}
	return false, 0
}

// asEnjoError returns the agent's error in err's chain.
func asEnjoError(err error) (*enjo.Error, bool) { return errors.AsType[*enjo.Error](err) }
