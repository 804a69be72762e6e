package bot

import (
	"context"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/queue"
	"enjobridge/storage"
)

const (
	// probeEvery is how often it is checked whether the store accepts writes.
	probeEvery = 15 * time.Second
	// forgetEvery is how often old records are deleted.
	forgetEvery = time.Hour
	// seenFor is how long it is remembered which messages were seen. With the app
	// setting "Delayed Events", Slack sends an event again for 24 hours.
	seenFor = 48 * time.Hour
)

// probeStore checks until ctx ends whether the store accepts writes, so that readiness
// reports a full disk before a question meets it, and reports when it is over.
func (b *Bot) probeStore(ctx context.Context) {
	failing := false
	for {
		err := b.store.Probe(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			b.log.Error().Err(err).Str("hint", storage.DiskHint).Msg("storage: writes fail")
		case err == nil && failing:
			b.log.Info().Msg("storage: writes work again")
		}
		failing = err != nil
		if backoff.Sleep(ctx, probeEvery) != nil {
			return
		}
	}
}

// forget deletes old records from the store, now and every hour until ctx ends.
func (b *Bot) forget(ctx context.Context) {
	seen := max(seenFor, queue.CallsMatterFor(b.cfg.Limits, b.cfg.Jitter))
	for {
		now := time.Now()
		if err := b.store.Forget(ctx, now.Add(-seen), now.Add(-b.cfg.Retention)); err != nil && ctx.Err() == nil {
			b.log.Error().Err(err).Str("hint", storage.DiskHint).Msg("storage: deleting old records failed, trying again in an hour")
		}
		if backoff.Sleep(ctx, forgetEvery) != nil {
			return
		}
	}
}
