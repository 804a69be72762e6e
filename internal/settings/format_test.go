package settings

import (
	"testing"
	"time"
)

// Ensure that durations can have days, and that they are shown as they are written.
func TestDurations(t *testing.T) {
	for text, want := range map[string]struct {
		d     time.Duration
		shown string
	}{
		"30d": {30 * day, "30d"}, "1d12h": {36 * time.Hour, "36h"}, "0d": {0, "0s"}, "48h": {2 * day, "48h"}, "720h": {30 * day, "30d"},
		"90m": {90 * time.Minute, "1h30m"}, "5m": {5 * time.Minute, "5m"}, "1m30s": {90 * time.Second, "1m30s"}, "500ms": {500 * time.Millisecond, "500ms"},
		"30D": {30 * day, "30d"}, "10S": {10 * time.Second, "10s"}, "2d1ns": {2*day + 1, "48h0m0.000000001s"},
	} {
		d, err := ParseDuration(text)
		if err != nil || d != want.d {
			t.Errorf("%s is %v, %v; want %v", text, d, err, want.d)
		}
		if shown := showDuration(d); shown != want.shown {
			t.Errorf("%v is shown as %s, want %s", d, shown, want.shown)
		}
		if again, err := ParseDuration(showDuration(d)); err != nil || again != d {
			t.Errorf("%s is not parsed back: %v, %v", showDuration(d), again, err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "1d-1h", "1.5d", "1h1d", "1d1d", "99999999999d", "65535d2000000h", "30 d", "30", "2w"} {
		if d, err := ParseDuration(text); err == nil {
			t.Errorf("%q is %v", text, d)
		}
	}
}

// Ensure that the words of booleans and choices are accepted in any case.
func TestWords(t *testing.T) {
	for value, want := range map[string]bool{
		"true": true, "TRUE": true, "t": true, "Yes": true, "y": true, "ON": true, "1": true,
		"false": false, "False": false, "f": false, "no": false, "N": false, "off": false, "0": false,
	} {
		r := reader{}
		if got := r.boolean("WELCOME", value); got != want || r.err() != nil {
			t.Errorf("%s is %t, %v", value, got, r.err())
		}
	}
	r := reader{}
	r.boolean("WELCOME", "perhaps")
	checkProblem(t, &r, "WELCOME", "must be true or false")

	r = reader{}
	if got := r.oneOf("FOLLOW_UPS", "Askers", "askers", "all", "mention"); got != "askers" || r.err() != nil {
		t.Errorf("Askers is %s, %v", got, r.err())
	}
	r.oneOf("FOLLOW_UPS", "everyone", "askers", "all", "mention")
	checkProblem(t, &r, "FOLLOW_UPS", "must be askers, all or mention")
}

// Ensure that the version of Enjo's API can be in its URL.
func TestEnjoURL(t *testing.T) {
	for value, want := range map[string]string{
		"https://api.enjo.ai": "https://api.enjo.ai", "https://api.enjo.ai/": "https://api.enjo.ai",
		"https://api.enjo.ai/v1": "https://api.enjo.ai", "https://api.enjo.ai/v1/": "https://api.enjo.ai",
		"https://proxy.example.com/enjo/v1/": "https://proxy.example.com/enjo", "https://proxy.example.com/dev1": "https://proxy.example.com/dev1",
	} {
		r := reader{}
		if got := r.enjoURL("ENJO_API_URL", value); got != want || r.err() != nil {
			t.Errorf("%s is %s, %v", value, got, r.err())
		}
	}
}
