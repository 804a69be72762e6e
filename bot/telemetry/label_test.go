package telemetry

import (
	"strings"
	"testing"
)

// Ensure that a server cannot make labels.
func TestLabel(t *testing.T) {
	for word, want := range map[string]string{
		"channel_not_found": "channel_not_found", "U0123": "other", "a b": "other", strings.Repeat("x", 100): "other", "<b>": "other",
	} {
		if got := Label(word); got != want {
			t.Errorf("%q becomes %q, want %q", word, got, want)
		}
	}
}
