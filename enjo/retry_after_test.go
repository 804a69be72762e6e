package enjo

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	at := func(d time.Duration) string { return noon.Add(d).Format(http.TimeFormat) }
	tests := []struct {
		name, value, date string
		want              time.Duration
	}{
		{"none", "", "", 0},
		{"seconds", "7", "", 7 * time.Second},
		{"seconds with spaces", " 7 ", "", 7 * time.Second},
		{"no seconds", "0", "", 0},
		{"leading zeros", "007", "", 7 * time.Second},
		{"the most", "3600", "", time.Hour},
		{"too many seconds", "3601", "", time.Hour},
		{"more seconds than fit", strings.Repeat("9", 40), "", time.Hour},
		{"negative", "-7", "", 0},
		{"signed", "+7", "", 0},
		{"a fraction", "1.5", "", 0},
		{"nonsense", "soon", "", 0},

		{"a date", at(7 * time.Second), "", 7 * time.Second},
		{"a date in RFC 850's form", noon.Add(time.Minute).Format("Monday, 02-Jan-06 15:04:05 GMT"), "", time.Minute},
		{"a date in C's form", noon.Add(time.Minute).Format(time.ANSIC), "", time.Minute},
		{"a date in the past", at(-time.Hour), "", 0},
		{"a date too far ahead", at(48 * time.Hour), "", time.Hour},
		{"a date by the API's clock", at(time.Hour + 7*time.Second), at(time.Hour), 7 * time.Second},
		{"a date with an implausible clock", at(7 * time.Second), "noon", 7 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			h.Set("Retry-After", tt.value)
			h.Set("Date", tt.date)
			if got := retryAfter(h, noon); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// FuzzRetryAfter checks that the wait is neither negative nor over the maximum.
func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "7", "9223372036854775807", "Sun, 22 Nov 2026 12:00:07 GMT", "Sunday, 22-Nov-26 12:00:07 GMT", "-1"} {
		f.Add(s, "Sun, 22 Nov 2026 12:00:00 GMT")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		h := http.Header{"Retry-After": {value}, "Date": {date}}
		if got := retryAfter(h, noon); got < 0 || got > maxRetryAfter {
			t.Errorf("got %v", got)
		}
	})
}
