package dispatch

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// failureError is a failure inside this program, by its code.
type failureError storage.Failure

// Error returns the code.
func (f failureError) Error() string { return string(f) }

// codeOf returns the failure's code, which [deliver.Explain] explains.
func codeOf(err error) storage.Failure {
	if f, ok := err.(failureError); ok { //nolint:errorlint // it is never wrapped
		return storage.Failure(f)
	}
	if code := enjo.CodeOf(err); code != "" {
		return storage.Failure(code)
	}
	return storage.FailureInternal
}

// afterFailure decides whether a question is asked again, and after how long.
// A question that was not processed is asked until it is. One with an unknown outcome
// is asked once more, or until an agent that is down is back, as its asker was
// promised; but not if that could make or change a ticket a second time. Others are
// not asked again.
func afterFailure(err error, q storage.Question, risky, down bool, backOff func(attempt int) time.Duration) (again bool, wait time.Duration) {
	failed, ok := asEnjoError(err)
	if !ok {
		return false, 0
	}
	switch failed.Code {
	case enjo.RateLimited, enjo.NotProcessed:
		return true, max(failed.RetryAfter, backOff(q.Attempts))
	case enjo.OutcomeUnknown:
		return (q.UnknownAttempts == 0 || down) && !risky, 0
	}
	return false, 0
}

// finalCode returns the code of a question that is not asked again.
func finalCode(code storage.Failure, risky bool) storage.Failure {
	if code == storage.FailureOutcomeUnknown && risky {
		return storage.FailureUnconfirmed
	}
	return code
}

// mayChangeTicket reports whether the agent may make or change a ticket when it is
// asked a question with a text. The API has no way to ask only once, and nobody knows
// what an agent does. So every text about tickets counts, and every question in a
// thread that has one, unless it only asks for the ticket's status.
func mayChangeTicket(ctx context.Context, store storage.Store, q storage.Question, text string) bool {
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
var ticketWords = regexp.MustCompile(`(?i)\b(?:tickets?|incidents?|service requests?)\b` +
	`|\b(?:open|raise|create|file|log|submit|make)\s+(?:an?|the|my)\s+(?:\w+\s+)?(?:case|request|issue|bug)\b`)

// asEnjoError returns the agent's error in err's chain.
func asEnjoError(err error) (*enjo.Error, bool) { return errors.AsType[*enjo.Error](err) }

// words matches each word of a text.
var words = regexp.MustCompile(`[\pL\pN]+`)

// redact returns a message without the words of a text: an API may repeat the
// question in its error, and the log must not hold what people write.
func redact(text, message string) string {
	of := make(map[string]bool)
	for _, word := range words.FindAllString(strings.ToLower(text), -1) {
		of[word] = true
	}
	return words.ReplaceAllStringFunc(message, func(word string) string {
		if of[strings.ToLower(word)] {
			return "…"
		}
		return word
	})
}
