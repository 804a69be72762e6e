// Package journal stores which copies of messages that are for the bot have arrived, and
// what was decided about them, for enjobridge explain. It stores them in batches, so that
// no ack waits for it. If the process dies, the copies of the last second are lost, which
// loses no question.
package journal

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/storage"
)

const (
	// storeEvery is how long copies wait for others, so that they share a transaction.
	storeEvery = time.Second
	// maxBatch is how many copies one transaction stores at most.
	maxBatch = 500
	// maxWaiting bounds how many copies wait in memory for a slow disk.
	maxWaiting = 10_000
)

// Store stores copies. Its errors have a [storage.Hint].
type Store interface {
	RecordCopies(ctx context.Context, copies []storage.Copy) error
}

// Journal stores copies in the order in which they were added. It is safe for concurrent
// use.
type Journal struct {
	store Store
	log   zerolog.Logger
	added chan struct{} // holds a token after copies were added

	storing sync.Mutex // while copies are stored

	mu      sync.Mutex
	waiting []storage.Copy
	dropped int // copies for which there was no room
}

// New returns a journal. Its copies are stored while [Journal.Run] runs.
func New(store Store, log zerolog.Logger) *Journal {
	return &Journal{store: store, log: log, added: make(chan struct{}, 1)}
}

// Add adds a copy. It does not wait.
func (j *Journal) Add(c storage.Copy) {
	j.mu.Lock()
	if len(j.waiting) < maxWaiting {
		j.waiting = append(j.waiting, c)
	} else {
		j.dropped++
	}
	j.mu.Unlock()
	select {
	case j.added <- struct{}{}:
	default:
	}
}

// Run stores copies until ctx ends. Call [Journal.Store] afterwards for the rest.
func (j *Journal) Run(ctx context.Context) {
	for {
		select {
		case <-j.added:
		case <-ctx.Done():
			return
		}
		if backoff.Sleep(ctx, storeEvery) != nil {
			return
		}
		j.Store(ctx)
	}
}

// Store stores all copies that were added before, also if ctx ends. Those that cannot be
// stored are dropped: nothing but an explanation depends on them.
func (j *Journal) Store(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	j.storing.Lock()
	defer j.storing.Unlock()
	copies, dropped := j.take()
	var failed error
	for len(copies) > 0 {
		n := min(len(copies), maxBatch)
		if err := j.store.RecordCopies(ctx, copies[:n]); err != nil {
			failed, dropped = err, dropped+n
		}
		copies = copies[n:]
	}
	if dropped > 0 {
		j.log.Warn().Err(failed).Int("dropped", dropped).Str("hint", storage.Hint(failed)).
			Msg("journal: storing what was decided failed, enjobridge explain will know less")
	}
}

// take returns the copies that wait, and how many were dropped.
func (j *Journal) take() (copies []storage.Copy, dropped int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	copies, dropped = j.waiting, j.dropped
	j.waiting, j.dropped = nil, 0
	return copies, dropped
}
