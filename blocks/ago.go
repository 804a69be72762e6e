package blocks

import (
	"strconv"
	"time"
)

// Ago says an age in words, such as "3 hours".
func Ago(age time.Duration) string {
	switch {
	case age < 2*time.Hour:
		return counted(max(1, int(age/time.Minute)), wordsMinute, wordsMinutes)
	case age < 48*time.Hour:
		return counted(int(age/time.Hour), wordsHour, wordsHours)
	}
	return counted(int(age/(24*time.Hour)), wordsDay, wordsDays)
}

// roughly says how long something takes in words, rounded up, such as "20 seconds".
func roughly(d time.Duration) string {
	if seconds := upTo(d, time.Second); seconds < 90 {
		return counted(seconds, wordsSecond, wordsSeconds)
	}
	return counted(upTo(d, time.Minute), wordsMinute, wordsMinutes)
}

// upTo returns how many units a time takes, rounded up.
func upTo(d, unit time.Duration) int { return int((d + unit - 1) / unit) }

// counted says a number of things.
func counted(n int, one, other Key) string {
	return plural(n, one, other).Text("n", strconv.Itoa(n))
}
