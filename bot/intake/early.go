package intake

import (
	"slices"
	"sync"
	"time"
)

const (
	// earlyFor is how long an early item is remembered: Slack sends an event for the
	// last time six minutes after the first.
	earlyFor = 10 * time.Minute
	// maxEarly bounds the number of items, and maxEarlyBytes the length of their texts;
	// the oldest are forgotten first.
	maxEarly      = 2_000
	maxEarlyBytes = 4 << 20
)

// early remembers, in memory and for a while, replies and edits that came before the
// question to which they belong. Events of one thread are handled in order, so this
// happens only if the question's first event was lost with a connection, and Slack
// sends it again minutes later.
type early[Key comparable, Item any] struct {
	mu    sync.Mutex
	items []earlyItem[Key, Item] // in the order in which they came
	bytes int
}

type earlyItem[Key comparable, Item any] struct {
	key  Key
	item Item
	size int // of its text, in bytes
	at   time.Time
}

// add remembers an item whose text has so many bytes.
func (e *early[Key, Item]) add(key Key, item Item, size int, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.items = append(e.items, earlyItem[Key, Item]{key, item, size, now})
	e.bytes += size
	old := 0
	for old < len(e.items) && (now.Sub(e.items[old].at) > earlyFor || len(e.items)-old > maxEarly || e.bytes > maxEarlyBytes) {
		e.bytes -= e.items[old].size
		old++
	}
	e.items = slices.Delete(e.items, 0, old)
}

// take returns the items of a key, in the order in which they came, and forgets them.
func (e *early[Key, Item]) take(key Key) []Item {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found []Item
	e.items = slices.DeleteFunc(e.items, func(one earlyItem[Key, Item]) bool {
		if one.key != key {
			return false
		}
		found = append(found, one.item)
		e.bytes -= one.size
		return true
	})
	return found
}
