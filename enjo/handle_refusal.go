package enjo

import (
	"net/http"
	"strings"
	"time"
	"unicode"
)

// withRefusal turns every unsuccessful answer into an error. Both published
// shapes can come with any HTTP status, including 200.
func withRefusal(next handler, now func() time.Time) handler {
	return func(req *http.Request) (*response, error) {
		resp, err := next(req)
		if err != nil || resp.succeeded() && !resp.envelope.refused() {
			return resp, err
		}
		refusal := &Error{
			Code:    refusalCode(resp.StatusCode, &resp.envelope),
			Status:  resp.StatusCode,
			Message: resp.envelope.said(),
		}
		if refusal.Message == "" {
			refusal.Message = "no reason was given"
		}
		switch refusal.Code {
		case RateLimited, NotProcessed:
			refusal.RetryAfter = retryAfter(resp.Header, now())
		}
		return nil, refusal
	}
}

// refusalCode returns the error code for this HTTP status. A status in the body
// counts as well, because gateways change the HTTP status.
func refusalCode(status int, e *envelope) Code {
	either := func(s int) bool { return status == s || e.status() == s }
	if status < 400 {
		status = e.status()
	}
	switch {
	case saysInvalidBotID(e.said()):
		return InvalidBotID
	case either(http.StatusTooManyRequests) || strings.EqualFold(string(e.Code), "rate_limit_error"):
		return RateLimited
	case either(http.StatusUnauthorized) || either(http.StatusForbidden):
		return BadToken
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusUnsupportedMediaType:
		return WrongAddress
	case status == http.StatusServiceUnavailable:
		return NotProcessed
	case status >= 500 || status == http.StatusRequestTimeout:
		// Some gateways return 408 when the agent takes too long.
		return OutcomeUnknown
	}
	return Rejected
}

// saysInvalidBotID looks for "Invalid botId" in any spelling.
func saysInvalidBotID(said string) bool {
	letters := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, said)
	return strings.Contains(letters, "invalidbotid")
}
