package intake

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Ensure that early items are returned in order, once, and that their age, number and
// size are bounded.
func TestEarly(t *testing.T) {
	var e early[storage.ThreadID, slackevent.Message]
	at := time.Unix(1_700_000_000, 0)
	thread := func(root string) storage.ThreadID { return storage.ThreadID{Channel: "C1", Root: root} }
	add := func(root, ts, text string, now time.Time) {
		e.add(thread(root), slackevent.Message{ID: storage.MessageID{Channel: "C1", TS: ts}, Text: text}, len(text), now)
	}
	taken := func(root string) (ts []string) {
		for _, m := range e.take(thread(root)) {
			ts = append(ts, m.ID.TS)
		}
		return ts
	}

	add("1.0", "3.0", "later", at)
	add("1.0", "2.0", "earlier", at)
	add("9.0", "9.1", "elsewhere", at)
	if diff := cmp.Diff([]string{"3.0", "2.0"}, taken("1.0")); diff != "" {
		t.Error(diff)
	}
	if again := taken("1.0"); again != nil {
		t.Errorf("%v was returned twice", again)
	}

	add("1.0", "4.0", "much later", at.Add(earlyFor+time.Second))
	if old := taken("9.0"); old != nil {
		t.Errorf("%v is too old", old)
	}
	taken("1.0")

	for range 2 * maxEarly {
		add("1.0", "5.0", "", at)
	}
	if n := len(taken("1.0")); n != maxEarly {
		t.Errorf("%d messages were remembered", n)
	}
	for range 10 {
		add("1.0", "6.0", strings.Repeat("x", maxEarlyBytes/4), at)
	}
	if n := len(taken("1.0")); n != 4 {
		t.Errorf("%d long messages were remembered", n)
	}
	if e.bytes != 0 || len(e.items) != 0 {
		t.Errorf("%d bytes and %d messages are left", e.bytes, len(e.items))
	}
}
