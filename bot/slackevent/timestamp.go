package slackevent

import (
	"fmt"
	"time"

	"enjobridge/storage"
)

// FormatTS returns a time as one of Slack's timestamps.
func FormatTS(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }

// ParseTS returns the time of one of Slack's timestamps; zero if it is none.
func ParseTS(ts string) time.Time {
	var seconds, micros int64
	if n, err := fmt.Sscanf(ts, "%d.%06d", &seconds, &micros); n != 2 || err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, micros*1000)
}

// CompareTS is [storage.CompareTS].
func CompareTS(a, b string) int { return storage.CompareTS(a, b) }
