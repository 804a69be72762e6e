package dispatch

import (
	"strconv"
	"strings"
	"testing"

	"enjobridge/bot/slackevent"
)

// Ensure that of a long thread only the texts of the root and of the newest messages are kept.
func TestRecent_Add(t *testing.T) {
	var r recent
	text := strings.Repeat("x", 40_000)
	r.add(slackevent.Posted{TS: "1.0", Text: text, Content: text}, true)
	const n = 200
	for i := range n {
		r.add(slackevent.Posted{TS: strconv.Itoa(i+2) + ".0", Text: text, Content: text}, false)
	}
	kept := 0
	for _, m := range r.all[1:] {
		kept += len(m.Content)
	}
	switch {
	case len(r.all) != n+1:
		t.Errorf("%d messages, want %d", len(r.all), n+1)
	case r.all[0].Content == "" || r.all[n].Content == "":
		t.Error("the root or the newest message has no text")
	case kept > maxKept || kept != r.kept || kept < maxKept-len(text):
		t.Errorf("%d bytes are kept (%d), want at most %d", kept, r.kept, maxKept)
	case r.all[1].Text != "":
		t.Error("an old message has a text")
	}
}
