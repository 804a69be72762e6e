package blocks

import (
	"strings"
	"testing"
)

// Ensure that a button can have a value of 2,000 characters in any script, as Slack counts
// them, and that a button with a longer one is left out.
func TestValuesOfButtons(t *testing.T) {
	for _, letter := range []string{"a", "質", "😀"} {
		units := slackLength(letter)
		for length, want := range map[int]int{buttonValueLimit / units: 1, buttonValueLimit/units + 1: 0} {
			if got := len(noticeButtons([]Button{TryAgain(strings.Repeat(letter, length))})); got != want {
				t.Errorf("%d buttons with %d × %q in the value, want %d", got, length, letter, want)
			}
		}
	}
}
