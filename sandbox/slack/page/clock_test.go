package page

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Ensure that days are named in the usual way, in the viewer's time zone.
func TestDay(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	v := &viewer{zone: berlin, now: time.Date(2026, 3, 1, 0, 30, 0, 0, berlin)}
	for at, want := range map[time.Time]string{
		time.Date(2026, 3, 1, 0, 1, 0, 0, berlin):      "Today",
		time.Date(2026, 2, 28, 23, 31, 0, 0, time.UTC): "Today", // half past midnight in Berlin
		time.Date(2026, 2, 28, 23, 59, 0, 0, berlin):   "Yesterday",
		time.Date(2026, 2, 27, 12, 0, 0, 0, berlin):    "Friday, February 27th",
		time.Date(2026, 1, 1, 12, 0, 0, 0, berlin):     "Thursday, January 1st",
		time.Date(2026, 1, 22, 12, 0, 0, 0, berlin):    "Thursday, January 22nd",
		time.Date(2026, 1, 3, 12, 0, 0, 0, berlin):     "Saturday, January 3rd",
		time.Date(2026, 1, 13, 12, 0, 0, 0, berlin):    "Tuesday, January 13th",
		time.Date(2025, 12, 31, 12, 0, 0, 0, berlin):   "Wednesday, December 31st, 2025",
	} {
		if got := v.day(at.In(berlin)); got != want {
			t.Errorf("%v is %q, want %q", at, got, want)
		}
	}
}

// Ensure that a time and its ts can be converted both ways, and that an invalid
// ts breaks nothing.
func TestMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "µs"))
		if got := moment(timestamp(at)); !got.Equal(at) {
			t.Errorf("%v became %v", at, got)
		}
		moment(rapid.String().Draw(t, "ts"))
	})
}

func TestSize(t *testing.T) {
	for n, want := range map[int]string{0: "0 bytes", 999: "999 bytes", 1000: "1 kB", 52_300: "52 kB", 1_048_576: "1.0 MB"} {
		if got := size(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Alice Abara": "AA", "enjobridge": "E", "Anna Maria von Berg": "AM", "łukasz": "Ł", "": "?", "!!": "?", " 9 lives": "9L",
	} {
		if got := initials(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestBrief(t *testing.T) {
	for d, want := range map[time.Duration]string{
		120 * time.Microsecond: "0.1 ms", 42 * time.Millisecond: "42 ms", 2500 * time.Millisecond: "2.5 s",
	} {
		if got := brief(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
