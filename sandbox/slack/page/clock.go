package page

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

// moment returns the time of a message. An invalid ts is the zero time.
func moment(ts string) time.Time {
	seconds, micros, _ := strings.Cut(ts, ".")
	s, _ := strconv.ParseInt(seconds, 10, 64)
	us, _ := strconv.ParseInt(micros, 10, 64)
	return time.Unix(s, us*1000)
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// day names the day of a time, as on separators.
func (v *viewer) day(at time.Time) string {
	switch {
	case sameDay(at, v.now):
		return "Today"
	case sameDay(at, v.now.AddDate(0, 0, -1)):
		return "Yesterday"
	case at.Year() == v.now.Year():
		return fmt.Sprintf("%s%s", at.Format("Monday, January 2"), ordinal(at.Day()))
	}
	return fmt.Sprintf("%s%s, %d", at.Format("Monday, January 2"), ordinal(at.Day()), at.Year())
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n != 11:
		return "st"
	case n%10 == 2 && n != 12:
		return "nd"
	case n%10 == 3 && n != 13:
		return "rd"
	}
	return "th"
}

// ago says roughly how long ago a time is, when it is rendered. After a minute
// it shows the time of day, which stays correct.
func (v *viewer) ago(at time.Time) string {
	at = at.In(v.zone)
	if sameDay(at, v.now) {
		return "today at " + at.Format("3:04 PM")
	}
	return at.Format("Jan 2") + " at " + at.Format("3:04 PM")
}

// size returns a file's size for people.
func size(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.0f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1_000_000)
}

// extension returns the type of a file, from the end of its name.
func extension(name string) string {
	if ext := path.Ext(name); ext != "" {
		return ext
	}
	return "file"
}
