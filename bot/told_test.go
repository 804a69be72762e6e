package bot

import (
	"testing"
	"time"

	"enjobridge/bot/deliver"
)

// Ensure that a question shows its position if the wait for its call is long, and
// its back-off before that.
func TestPositionIsShownIfTheWaitIsLong(t *testing.T) {
	second := position{ahead: 1, behind: behindRound, calls: 1}
	for name, tt := range map[string]struct {
		backOff, wait time.Duration
		want          string
	}{
		"soon":              {-time.Hour, tellFrom, deliver.Thinking},
		"later":             {0, tellFrom + 1, "is busy: you are 2nd in line, about 4 s"},
		"after its pause":   {time.Minute, 0, "is waiting for the agent, about 60 s"},
		"pause and line":    {time.Minute, time.Hour, "is waiting for the agent, about 60 s"},
		"after a short one": {tellFrom, tellFrom, deliver.Thinking},
	} {
		if got := sign(second, tt.backOff, tt.wait); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
