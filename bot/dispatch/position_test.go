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
		"later":             {0, showFrom + 1, blocks.StatusAhead(1, showFrom+1)},
		"after its pause":   {time.Minute, 0, blocks.StatusRetrying(time.Minute)},
		"pause and queue":   {time.Minute, time.Hour, blocks.StatusRetrying(time.Minute)},
		"after a short one": {showFrom, showFrom, blocks.StatusThinking.Text()},
	} {
		if got := statusText(second, tt.backOff, tt.wait); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// Ensure that each kind of position is said in words.
func TestPositionText(t *testing.T) {
	const wait = 8200 * time.Millisecond
	for want, at := range map[string]queue.Position{
		blocks.StatusAhead(0, wait):      {Behind: queue.BehindRound},
		blocks.StatusAhead(3, wait):      {Behind: queue.BehindRound, Ahead: 3},
		blocks.StatusAheadInChannel(7):   {Behind: queue.BehindChannel, Ahead: 7},
		blocks.StatusBehindOwn.Text():    {Behind: queue.BehindOwn, Ahead: 1},
		blocks.StatusBehindThread.Text(): {Behind: queue.BehindThread},
	} {
		if got := positionText(at, wait); got != want {
			t.Errorf("%+v reads %q, want %q", at, got, want)
		}
	}
}
