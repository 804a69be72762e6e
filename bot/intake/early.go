package intake

import (
	"slices"
	"sync"
	"time"
)

const (
	// earlyFor is how long what came early is kept: Slack sends an event for the
	// last time six minutes after the first.
	earlyFor = 10 * time.Minute
	// maxEarly bounds how many are kept, and earlyHolds how many bytes of text
	// they have; the oldest are forgotten first.
	maxEarly   = 2_000
	earlyHolds = 4 << 20
)

// early remembers, in memory and for a while, what came before the question that
// it belongs to. The question may still be on its way: Slack sends it again if a
// connection has lost it. What was said next in its thread then turns out to be a
// follow-up, and what was edited in it to be what its asker wants to know.
type early[Key comparable, News any] struct {
	mu    sync.Mutex
	items []earlyItem[Key, News] // in the order in which they came
	bytes int
}

// earlyItem is what came, to what it belongs, and when it came.
type earlyItem[Key comparable, News any] struct {
	key  Key
	item News
	size int
	at   time.Time
}

// remember keeps news with so many bytes of text.
func (e *early[Key, News]) remember(key Key, news News, size int, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.items = append(e.items, earlyItem[Key, News]{key, news, size, now})
	e.bytes += size
	old := 0
	for old < len(e.items) && (now.Sub(e.items[old].at) > earlyFor || len(e.items)-old > maxEarly || e.bytes > earlyHolds) {
		e.bytes -= e.items[old].size
		old++
	}
	e.items = slices.Delete(e.items, 0, old)
}

// recall returns what belongs to the key, in the order in which it came, and
// forgets it.
func (e *early[Key, News]) recall(key Key) []News {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found []News
	e.items = slices.DeleteFunc(e.items, func(one earlyItem[Key, News]) bool {
		if one.key != key {
			return false
		}
		found = append(found, one.item)
		e.bytes -= one.size
		return true
	})
	return found
}
