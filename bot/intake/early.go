package intake

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/storage"
)

const (
	// earlyFor is how long an early item is remembered: Slack sends an event for the
	// last time six minutes after the first.
	earlyFor = 10 * time.Minute
	// maxEarly bounds the number of items, and maxEarlyBytes the length of their texts;
	// the oldest are forgotten first.
	maxEarly      = 2_000
	maxEarlyBytes = 4 << 20
	// earlyEvery is how often is looked whether another replica has accepted the question to
	// which an early reply belongs.
	earlyEvery = time.Minute
	// maxAhead is how far the clock of this replica may be ahead of that of the other one.
	maxAhead = 10 * time.Second
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

// keys returns the keys of all items, and when the latest one of each has come.
func (e *early[Key, Item]) keys() map[Key]time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	latest := make(map[Key]time.Time)
	for _, one := range e.items {
		latest[one.key] = one.at
	}
	return latest
}

// Run takes the early replies to questions that other replicas have accepted, until ctx ends.
// It returns at once if no replicas share the store.
func (i *Intake) Run(ctx context.Context) {
	ctx = i.log.WithContext(ctx)
	for i.shared && backoff.Sleep(ctx, earlyEvery) == nil {
		if err := i.acceptEarlyToOthers(ctx); err != nil && ctx.Err() == nil {
			zerolog.Ctx(ctx).Warn().Err(err).Str("hint", storage.Hint(err)).Msg("intake: looking for the threads of early replies failed, trying again")
		}
	}
}

// acceptEarlyToOthers takes the early replies in threads in which a question was accepted
// since they have come.
func (i *Intake) acceptEarlyToOthers(ctx context.Context) error {
	for id, came := range i.earlyReplies.keys() {
		thread, err := i.store.Thread(ctx, id)
		switch {
		case errors.Is(err, storage.ErrNotFound):
		case err != nil:
			return err
		case thread.LastActive.After(came.Add(-maxAhead)):
			i.AcceptEarlyReplies(ctx, id)
		}
	}
	return nil
}
