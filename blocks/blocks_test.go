package blocks

import (
	"slices"
	"testing"
)

// Ensure that the renderings are tried in the right order.
func TestRenderingsFollowEachOther(t *testing.T) {
	var chain []string
	for r, ok := Markdown, true; ok; r, ok = r.Next() {
		chain = append(chain, r.String())
	}
	if want := []string{"markdown", "mrkdwn", "plain", "file"}; !slices.Equal(chain, want) {
		t.Errorf("got %q, want %q", chain, want)
	}
}
