package bot

import (
	"slices"
	"sync"
	"time"

	"enjobridge/storage"
)

const (
	// overheardFor is how long what was overheard is kept: Slack sends an event
	// for the last time six minutes after the first.
	overheardFor = 10 * time.Minute
	// maxOverheard bounds how many messages are kept, and overheardHolds how many
	// bytes of them; the oldest are forgotten first.
	maxOverheard   = 2_000
	overheardHolds = 4 << 20
)

// overheard remembers, in memory and for a while, what was said in threads that
// the bot does not know. The question with which such a thread begins may still
// be on its way: Slack sends it again if a connection has lost it, and what was
// asked next in the thread can come before. It then turns out to be a follow-up.
type overheard struct {
	mu       sync.Mutex
	messages []heard // in the order in which they came
	bytes    int
}

// heard is a message and when it came.
type heard struct {
	message message
	thread  storage.ThreadID
	at      time.Time
}

// remember keeps a message that was said in an unknown thread.
func (o *overheard) remember(m message, thread storage.ThreadID, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.messages = append(o.messages, heard{m, thread, now})
	o.bytes += len(m.Text)
	old := 0
	for old < len(o.messages) && (now.Sub(o.messages[old].at) > overheardFor || len(o.messages)-old > maxOverheard || o.bytes > overheardHolds) {
		o.bytes -= len(o.messages[old].message.Text)
		old++
	}
	o.messages = slices.Delete(o.messages, 0, old)
}

// recall returns what was said in a thread, in the order of the messages, and
// forgets it.
func (o *overheard) recall(thread storage.ThreadID) []message {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []message
	o.messages = slices.DeleteFunc(o.messages, func(h heard) bool {
		if h.thread != thread {
			return false
		}
		found = append(found, h.message)
		o.bytes -= len(h.message.Text)
		return true
	})
	slices.SortFunc(found, func(a, b message) int { return compareTS(a.ID.TS, b.ID.TS) })
	return found
}
