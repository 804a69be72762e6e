package slackapi

import (
	"testing"

	"enjobridge/blocks"
)

// Ensure that the markers of stored posts keep their rendering's name, also of posts
// that have only one rendering.
func TestMarkersOfStoredPosts(t *testing.T) {
	for want, m := range map[string]Marker{
		"markdown": {}, "rich": {Rendering: blocks.Rich}, "mrkdwn": {Rendering: blocks.Mrkdwn},
		"plain": {Rendering: blocks.Plain}, "file": {Rendering: blocks.AsFile},
	} {
		if got := m.payload()["rendering"]; got != want {
			t.Errorf("%v has the rendering %q, want %q", m, got, want)
		}
	}
}
