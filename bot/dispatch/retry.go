package dispatch

import (
	"context"
	"errors"
	"regexp"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// failureError is a failure of this program's own, by its code.
type failureError storage.Failure

// Error returns the code.
func (f failureError) Error() string { return string(f) }

// codeOf returns the failure's code, under which [failures] tells what it means.
func codeOf(err error) storage.Failure {
	if f, ok := err.(failureError); ok { //nolint:errorlint // a fault is never wrapped
		return storage.Failure(f)
	}
	if code := enjo.CodeOf(err); code != "" {
		return storage.Failure(code)
	}
	return storage.FailureInternal
}

// afterFailure decides whether a question is asked again, and after how long.
// What was not processed is asked until it is. An unknown outcome is asked once
// more, or until an agent that is down is back, as its asker was promised; but
// not where that could make or change a ticket a second time. The rest is not
// asked again.
func afterFailure(err error, q storage.Question, ticketing, down bool, backOff func(attempt int) time.Duration) (again bool, wait time.Duration) {
	failed, ok := asEnjoError(err)
	if !ok {
		return false, 0
	}
	switch failed.Code {
	case enjo.RateLimited, enjo.NotProcessed:
		return true, max(failed.RetryAfter, backOff(q.Attempts))
	case enjo.OutcomeUnknown:
		return (q.UnknownAttempts == 0 || down) && !ticketing, 0
	}
	return false, 0
}

// unanswered returns the code of a question that is not asked again.
func unanswered(code storage.Failure, ticketing bool) storage.Failure {
	if code == storage.FailureOutcomeUnknown && ticketing {
		return storage.FailureUnconfirmed
	}
	return code
}

// ticketing reports whether the agent may make or change a ticket when it is asked
// a question with a text. The API has no way to ask only once, and nobody knows
// what an agent does; so whatever speaks of tickets counts, and whatever is said
// in a thread that has one, unless it only asks how far that is.
func ticketing(ctx context.Context, store storage.Store, q storage.Question, text string) bool {
	if q.Ticket != "" {
		return false
	}
	if q.MakesTicket || ticketWords.MatchString(text) {
		return true
	}
	tickets, err := store.Tickets(ctx, q.Thread)
	return err != nil || len(tickets) > 0
}

// ticketWords are those of a wish for a ticket. Ticket is the word in many languages.
var ticketWords = regexp.MustCompile(`(?i)\b(?:tickets?|incidents?|service requests?)\b|\b(?:open|raise|create|file|log|submit|make)\s+(?:an?|the|my)\s+(?:\w+\s+)?(?:case|request|issue|bug)\b`)

// asEnjoError returns the agent's error in err's chain.
func asEnjoError(err error) (*enjo.Error, bool) { return errors.AsType[*enjo.Error](err) }
