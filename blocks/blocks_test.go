package blocks

import (
	"slices"
	"testing"
)

// TestRenderingsFollowEachOther checks the chain that a refused answer goes down.
func TestRenderingsFollowEachOther(t *testing.T) {
	var chain []string
	for r, ok := Markdown, true; ok; r, ok = r.Next() {
		chain = append(chain, r.String())
	}
	if want := []string{"markdown", "mrkdwn", "plain", "file"}; !slices.Equal(chain, want) {
		t.Errorf("got %q, want %q", chain, want)
	}
}
