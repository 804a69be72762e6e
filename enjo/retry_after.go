package enjo

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter limits Retry-After. Enjo's longest limit is a minute; a wrong
// header must not stop the calls for days.
const maxRetryAfter = time.Hour

// retryAfter returns the wait that the Retry-After header asks for, at most
// [maxRetryAfter]; 0 if it is missing or invalid.
//
// It is a number of seconds or a date, see
// https://www.rfc-editor.org/rfc/rfc9110#field.retry-after. A date is compared
// with the API's clock if the response has a Date header.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if isDigits(value) {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

func isDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
