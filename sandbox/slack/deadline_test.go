package slack

import (
	"testing"
	"time"
)

// Ensure that Speed shortens the app's deadlines, but not below LeastDeadline,
// and that they never exceed Slack's.
func TestDeadline(t *testing.T) {
	for _, test := range []struct {
		speed       float64
		least, want time.Duration
	}{
		{speed: 1, want: 3 * time.Second},
		{speed: 3, want: time.Second},
		{speed: 10_000, want: time.Second / 2},
		{speed: 10_000, least: 2 * time.Second, want: 2 * time.Second},
		{speed: 10_000, least: time.Hour, want: 3 * time.Second},
		{speed: 0.5, want: 6 * time.Second},
	} {
		w, err := Open(Config{Speed: test.speed, LeastDeadline: test.least})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.deadline(ackWithin); got != test.want {
			t.Errorf("at speed %v and at least %s: %s, want %s", test.speed, test.least, got, test.want)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(Config{LeastDeadline: -1}); err == nil {
		t.Error("a negative deadline is accepted")
	}
}
