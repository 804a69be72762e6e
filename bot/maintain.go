package bot

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/storage"
)

// probeStoreEvery is how often it is tried whether the store takes writes.
const probeStoreEvery = 15 * time.Second

// probe tries again and again whether the store takes writes, until ctx ends,
// so that readiness tells of a full disk before a question does, and of its end.
func probe(ctx context.Context, store storage.Store, every time.Duration, log zerolog.Logger) {
	failing := false
	for {
		err := store.Probe(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			log.Error().Err(err).Str("hint", storage.DiskHint).Msg("the store takes no writes")
		case err == nil && failing:
			log.Info().Msg("the store takes writes again")
		}
		failing = err != nil
		if backoff.Sleep(ctx, every) != nil {
			return
		}
	}
}

const (
	// forgetEvery is how often the store is tidied.
	forgetEvery = time.Hour
	// seenFor is how long a message is known to have been seen. With the app
	// setting "Delayed Events" Slack sends an event again for 24 hours.
	seenFor = 48 * time.Hour
)

// forget deletes what is too old from the store, now and every hour until ctx ends.
func forget(ctx context.Context, store storage.Store, seen, retention time.Duration, log zerolog.Logger) {
	for {
		now := time.Now()
		if err := store.Forget(ctx, now.Add(-seen), now.Add(-retention)); err != nil && ctx.Err() == nil {
			log.Error().Err(err).Msg("what is too old could not be deleted from the store")
		}
		if backoff.Sleep(ctx, forgetEvery) != nil {
			return
		}
	}
}
