package dispatch

import (
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/queue"
)

// Ensure that a question shows its position if the wait for its call is long, and
// its back-off before that.
func TestStatusText(t *testing.T) {
	second := queue.Position{Ahead: 1, Behind: queue.BehindRound, Calls: 1}
	for name, tt := range map[string]struct {
		backOff, wait time.Duration
		want          string
	}{
		"soon":              {-time.Hour, showFrom, blocks.StatusThinking.Text()},
		"later":             {0, showFrom + 1, "is busy: you are 2nd in line, about 4 s"},
		"after its pause":   {time.Minute, 0, "is waiting for the agent, about 60 s"},
		"pause and queue":   {time.Minute, time.Hour, "is waiting for the agent, about 60 s"},
		"after a short one": {showFrom, showFrom, blocks.StatusThinking.Text()},
	} {
		if got := statusText(second, tt.backOff, tt.wait); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// Ensure that each kind of position is said in words.
func TestPositionText(t *testing.T) {
	for want, at := range map[string]queue.Position{
		"is busy: you are 1st in line, about 9 s":              {Behind: queue.BehindRound},
		"is busy: you are 4th in line, about 9 s":              {Behind: queue.BehindRound, Ahead: 3},
		"is busy: you are 12th in line, about 9 s":             {Behind: queue.BehindRound, Ahead: 11},
		"is busy: you are 23rd in line, about 9 s":             {Behind: queue.BehindRound, Ahead: 22},
		"is busy: 7 people of this channel are before you":     {Behind: queue.BehindChannel, Ahead: 7},
		"is busy: your turn comes after your earlier question": {Behind: queue.BehindOwn, Ahead: 1},
	} {
		if got := positionText(at, 8200*time.Millisecond); got != want {
			t.Errorf("%+v reads %q, want %q", at, got, want)
		}
	}
	if got := roughly(91 * time.Second); got != "2 min" {
		t.Errorf("91 s read %q", got)
	}
}
