package replica

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/storage"
)

// Announcer announces what this replica may have missed, and tries again until the store has
// it: events are mostly missed because the store fails. No method but Run waits.
type Announcer struct {
	store   storage.Replicated
	backOff backoff.Func
	log     zerolog.Logger
	changed chan struct{} // holds a token when there is something to announce

	mu     sync.Mutex
	missed bool
	gap    time.Time // the end of the latest gap; zero for none
}

// NewAnnouncer returns an announcer with nothing to announce.
func NewAnnouncer(store storage.Replicated, backOff backoff.Func, log zerolog.Logger) *Announcer {
	return &Announcer{store: store, backOff: backOff, log: log, changed: make(chan struct{}, 1)}
}

// Missed announces that an event may be missing.
func (a *Announcer) Missed() { a.note(true, time.Time{}) }

// GapUntil announces that events are missing until a time.
func (a *Announcer) GapUntil(until time.Time) { a.note(false, until) }

// note notes what is to be announced.
func (a *Announcer) note(missed bool, gap time.Time) {
	a.mu.Lock()
	a.missed = a.missed || missed
	if gap.After(a.gap) {
		a.gap = gap
	}
	a.mu.Unlock()
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// take returns what is to be announced, and forgets it.
func (a *Announcer) take() (announcements []storage.Announcement) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.missed {
		announcements = append(announcements, storage.Announcement{Kind: storage.EventMissed})
	}
	if !a.gap.IsZero() {
		announcements = append(announcements, storage.Announcement{Kind: storage.GapUntil, At: a.gap})
	}
	a.missed, a.gap = false, time.Time{}
	return announcements
}

// Run announces until ctx ends.
func (a *Announcer) Run(ctx context.Context) {
	for {
		select {
		case <-a.changed:
		case <-ctx.Done():
			return
		}
		found := a.take()
		if len(found) == 0 {
			continue
		}
		if err := storage.Retry(a.log.WithContext(ctx), a.backOff, func() error { return a.store.Announce(ctx, found...) }); err != nil {
			return
		}
	}
}
