package blockkit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// formatDate formats a time with Slack's date format. Unknown parts in braces
// are not changed.
//
// See https://docs.slack.dev/messaging/formatting-message-text#date-formatting.
func formatDate(at time.Time, format string, r Resolver) string {
	zone := r.Zone()
	if zone == nil {
		zone = time.UTC
	}
	at, now := at.In(zone), r.Now().In(zone)
	var b strings.Builder
	for format != "" {
		open := strings.IndexByte(format, '{')
		if open < 0 {
			break
		}
		length := strings.IndexByte(format[open:], '}')
		if length < 0 {
			break
		}
		b.WriteString(format[:open])
		name := format[open+1 : open+length]
		if s, ok := formatPart(at, now, name); ok {
			b.WriteString(s)
		} else {
			b.WriteString("{" + name + "}")
		}
		format = format[open+length+1:]
	}
	return b.String() + format
}

func formatPart(at, now time.Time, name string) (string, bool) {
	switch name {
	case "date_num":
		return at.Format(time.DateOnly), true
	case "date_slash":
		return at.Format("01/02/2006"), true
	case "date":
		return at.Format("January ") + ordinal(at.Day()) + at.Format(", 2006"), true
	case "date_short":
		return at.Format("Jan 2, 2006"), true
	case "date_long":
		return at.Format("Monday, January ") + ordinal(at.Day()) + at.Format(", 2006"), true
	case "date_pretty", "date_short_pretty", "date_long_pretty", "day_divider_pretty":
		return prettyDay(at, now, name)
	case "time":
		return at.Format("3:04 PM"), true
	case "time_secs":
		return at.Format("3:04:05 PM"), true
	case "ago":
		return ago(now.Sub(at)), true
	}
	return "", false
}

// prettyDay returns a word such as "today" where there is one, and otherwise
// the date in the format without "_pretty".
func prettyDay(at, now time.Time, name string) (string, bool) {
	for i, word := range []string{"yesterday", "today", "tomorrow"} {
		if at.Format(time.DateOnly) == now.AddDate(0, 0, i-1).Format(time.DateOnly) {
			return word, true
		}
	}
	if name == "day_divider_pretty" {
		name = "date_long_pretty"
	}
	return formatPart(at, now, strings.TrimSuffix(name, "_pretty"))
}

func ordinal(day int) string {
	suffix := "th"
	if day < 11 || day > 13 {
		switch day % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(day) + suffix
}

// ago says how long ago something was, or when it will be.
func ago(d time.Duration) string {
	form := "%s ago"
	if d < 0 {
		d, form = -d, "in %s"
	}
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf(form, count(int(d.Minutes()), "minute"))
	case d < 24*time.Hour:
		return fmt.Sprintf(form, count(int(d.Hours()), "hour"))
	case d < 365*24*time.Hour:
		return fmt.Sprintf(form, count(int(d.Hours()/24), "day"))
	}
	return fmt.Sprintf(form, count(int(d.Hours()/24/365), "year"))
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}

// date returns the time and the text of a date node.
func (n node) date(r Resolver) (time.Time, string) {
	unix, err := strconv.ParseInt(n.id, 10, 64)
	const lastYear9999 = 253_402_300_799
	if err != nil || unix < 0 || unix > lastYear9999 {
		return time.Time{}, plainText(n.kids)
	}
	at := time.Unix(unix, 0).UTC()
	return at, formatDate(at, n.text, r)
}

// plainText is the literal text of nodes.
func plainText(nodes []node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(n.text)
		b.WriteString(plainText(n.kids))
	}
	return b.String()
}
