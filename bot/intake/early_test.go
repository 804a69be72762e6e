package intake

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Ensure that what came early comes back in order, once, and that neither
// time nor bulk makes it grow.
func TestEarly(t *testing.T) {
	var o early[storage.ThreadID, slackevent.Message]
	at := time.Unix(1_700_000_000, 0)
	thread := func(root string) storage.ThreadID { return storage.ThreadID{Channel: "C1", Root: root} }
	hear := func(root, ts, text string, now time.Time) {
		o.remember(thread(root), slackevent.Message{ID: storage.MessageID{Channel: "C1", TS: ts}, Text: text}, len(text), now)
	}
	recalled := func(root string) (ts []string) {
		for _, m := range o.recall(thread(root)) {
			ts = append(ts, m.ID.TS)
		}
		return ts
	}

	hear("1.0", "3.0", "later", at)
	hear("1.0", "2.0", "earlier", at)
	hear("9.0", "9.1", "elsewhere", at)
	if diff := cmp.Diff([]string{"3.0", "2.0"}, recalled("1.0")); diff != "" {
		t.Error(diff)
	}
	if again := recalled("1.0"); again != nil {
		t.Errorf("%v came back twice", again)
	}

	hear("1.0", "4.0", "much later", at.Add(earlyFor+time.Second))
	if old := recalled("9.0"); old != nil {
		t.Errorf("%v is too old", old)
	}
	recalled("1.0")

	for range 2 * maxEarly {
		hear("1.0", "5.0", "", at)
	}
	if n := len(recalled("1.0")); n != maxEarly {
		t.Errorf("%d messages were kept", n)
	}
	for range 10 {
		hear("1.0", "6.0", strings.Repeat("x", earlyHolds/4), at)
	}
	if n := len(recalled("1.0")); n != 4 {
		t.Errorf("%d long messages were kept", n)
	}
	if o.bytes != 0 || len(o.items) != 0 {
		t.Errorf("%d bytes and %d messages are left", o.bytes, len(o.items))
	}
}
