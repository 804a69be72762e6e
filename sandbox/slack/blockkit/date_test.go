package blockkit

import (
	"testing"
	"time"
)

func TestFormatDate(t *testing.T) {
	at := time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC) // 23:13 in the workspace, the day before its current time
	for format, want := range map[string]string{
		"{date_num}":                "2023-11-14",
		"{date_slash}":              "11/14/2023",
		"{date}":                    "November 14th, 2023",
		"{date_short}":              "Nov 14, 2023",
		"{date_long}":               "Tuesday, November 14th, 2023",
		"{date_pretty}":             "yesterday",
		"{date_long_pretty}":        "yesterday",
		"{day_divider_pretty}":      "yesterday",
		"{time}":                    "11:13 PM",
		"{time_secs}":               "11:13:20 PM",
		"{ago}":                     "13 hours ago",
		"on {date_num} at {time}":   "on 2023-11-14 at 11:13 PM",
		"{unknown} {date_num":       "{unknown} {date_num",
		"}{":                        "}{",
		"":                          "",
		"{date_num}{date_num} text": "2023-11-142023-11-14 text",
	} {
		if got := formatDate(at, format, workspace{}); got != want {
			t.Errorf("%q: %q, want %q", format, got, want)
		}
	}
}

func TestPrettyDay(t *testing.T) {
	now := workspace{}.Now()
	for days, want := range map[int]string{-1: "yesterday", 0: "today", 1: "tomorrow", 2: "November 17th, 2023", -13: "November 2nd, 2023"} {
		if got := formatDate(now.AddDate(0, 0, days), "{date_pretty}", workspace{}); got != want {
			t.Errorf("in %d days: %q, want %q", days, got, want)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for day, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 22: "22nd", 23: "23rd", 31: "31st"} {
		if got := ordinal(day); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "just now", time.Minute: "1 minute ago", 59 * time.Minute: "59 minutes ago", time.Hour: "1 hour ago",
		48 * time.Hour: "2 days ago", 800 * 24 * time.Hour: "2 years ago", -3 * time.Hour: "in 3 hours",
	} {
		if got := ago(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
