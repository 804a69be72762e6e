package replica

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

const (
	// readEvery is how often announcements are read without a call from the store.
	readEvery = 2 * time.Second
	// maxRead is how many announcements are read at once.
	maxRead = 500
	// maxAttempts is how often it is tried to act on an announcement: what was announced is
	// also found when the store is looked through.
	maxAttempts = 10
)

// Act acts on an announcement. It can be called again with the same one.
type Act func(context.Context, storage.Announcement) error

// Announcements acts on what the replicas announce, in order, until ctx ends. An announcement
// on which it cannot act is tried again, while others go on.
func (k *Keeper) Announcements(ctx context.Context, held *Held, act Act) {
	attempts := make(map[int64]int)
	for failing := false; ; {
		more, err := k.actOnAll(ctx, held, attempts, act)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			k.cfg.Log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("replica: reading announcements failed, trying again")
		}
		failing = err != nil
		if !more && k.await(ctx, readEvery) != nil {
			return
		}
	}
}

// actOnAll acts on the oldest announcements, and ends those on which it has acted. It reports
// whether there may be more.
func (k *Keeper) actOnAll(ctx context.Context, held *Held, attempts map[int64]int, act Act) (more bool, err error) {
	found, err := k.cfg.Store.Announcements(ctx, maxRead)
	if err != nil || len(found) == 0 {
		return false, err
	}
	acted := make(map[storage.Announcement]bool) // of these; more of the same say nothing new
	var done []storage.Announcement
	for _, a := range found {
		same := a
		same.Number = 0
		if !acted[same] && !k.actOn(ctx, a, attempts, act) {
			continue
		}
		acted[same] = true
		done = append(done, a)
	}
	if ctx.Err() != nil || len(done) == 0 {
		return false, nil
	}
	if err := k.cfg.Store.EndAnnouncements(ctx, held.Lease, done); err != nil {
		if errors.Is(err, storage.ErrLeaseLost) {
			held.Lose()
		}
		return false, err
	}
	for _, a := range done {
		delete(attempts, a.Number)
	}
	return len(found) == maxRead, nil
}

// actOn acts on an announcement, and reports whether it is done.
func (k *Keeper) actOn(ctx context.Context, a storage.Announcement, attempts map[int64]int, act Act) (done bool) {
	err := act(ctx, a)
	if err == nil {
		return true
	} else if ctx.Err() != nil {
		return false
	}
	attempts[a.Number]++
	done = attempts[a.Number] >= maxAttempts
	k.logFailed(a).Err(err).Str("hint", storage.Hint(err)).Int("attempt", attempts[a.Number]).Bool("again", !done).
		Msg("replica: acting on an announcement failed")
	return done
}

// logFailed begins a line of the log about an announcement.
func (k *Keeper) logFailed(a storage.Announcement) *zerolog.Event {
	event := k.cfg.Log.Error().Str("announcement", string(a.Kind))
	if a.Message != (storage.MessageID{}) {
		event.Str("message", a.Message.String())
	}
	return event
}
