package enjo

import (
	"errors"
	"fmt"
	"time"
)

// Code classifies a failed call by how a caller has to react.
type Code string

// The codes of an [Error].
const (
	// BadToken: the personal access token is wrong or revoked (401, 403).
	BadToken Code = "bad_token"
	// InvalidBotID: there is no agent with this bot ID.
	InvalidBotID Code = "invalid_bot_id"
	// WrongAddress: the API is not at this address (404, 405, 415, a redirect, a web
	// page instead of JSON).
	WrongAddress Code = "wrong_address"
	// RateLimited: the call exceeded a rate limit (429) and was not processed;
	// RetryAfter says how long to wait.
	RateLimited Code = "rate_limited"
	// NotProcessed: the call did not reach the agent (no connection, 503); it is
	// safe to repeat.
	NotProcessed Code = "not_processed"
	// OutcomeUnknown: the agent may or may not have processed the call (timeout, a
	// cut connection, other 5xx).
	OutcomeUnknown Code = "outcome_unknown"
	// BadResponse: the agent's answer does not match the API's contract.
	BadResponse Code = "bad_response"
	// Rejected: the agent refused the message for another reason (other 4xx, success false).
	Rejected Code = "rejected"
)

// Codes returns all codes of an [Error].
func Codes() []Code {
	return []Code{BadToken, InvalidBotID, WrongAddress, RateLimited, NotProcessed, OutcomeUnknown, BadResponse, Rejected}
}

// Setup reports whether the configuration may be wrong: the token, the bot ID or the
// base URL. The agent did not process the call. It refuses all others as well, unless
// the reason is in the message, such as a text that a firewall rejects.
func (c Code) Setup() bool { return c == BadToken || c == InvalidBotID || c == WrongAddress }

// Error is the error of every failed call, except a cancelled one.
type Error struct {
	Code Code
	// Status is the HTTP status; 0 if there was no response.
	Status int
	// Message is the message of the API or of the network, for operators. It never
	// contains the token.
	Message string
	// RetryAfter is how long to wait after RateLimited or NotProcessed; 0 if the API did not say.
	RetryAfter time.Duration
	// Err is the cause, if any.
	Err error
}

// Error returns the code, the message and the HTTP status, if there is one.
func (e *Error) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("enjo: %s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("enjo: %s: %s (HTTP %d)", e.Code, e.Message, e.Status)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the [Error] that err is or wraps, or "" if there
// is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
