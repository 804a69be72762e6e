package bot

import (
	"context"
	"errors"
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
	// maxClockOff is how far this machine's clock and Slack's may differ before nothing
	// is deleted any more: one of them is wrong.
	maxClockOff = 5 * time.Minute
	// eraseEvery is how often kept answers are looked for that nobody has shared for
	// keptFor, and eraseAllEvery how often also among those of long ago.
	eraseEvery    = 5 * time.Minute
	eraseAllEvery = time.Hour
	keptFor       = time.Hour
	// seenFor is how long it is remembered which messages were seen. With the app
	// setting "Delayed Events", Slack sends an event again for 24 hours.
	seenFor = 48 * time.Hour
)

// probe checks the store and the clock regularly until ctx ends.
func (b *Bot) probe(ctx context.Context) {
	failing, off := false, false
	for {
		failing = b.probeStore(ctx, failing)
		off = b.probeClock(off)
		if backoff.Sleep(ctx, probeEvery) != nil {
			return
		}
	}
}

// probeStore checks whether the store accepts writes, so that readiness reports a full
// disk or a deleted file before a question meets it. It logs when that changes.
func (b *Bot) probeStore(ctx context.Context, failed bool) (fails bool) {
	err := b.store.Probe(ctx)
	switch {
	case ctx.Err() != nil:
		return failed
	case err != nil && !failed:
		b.log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("storage: writes fail")
	case err == nil && failed:
		b.log.Info().Msg("storage: writes work again")
	}
	return err != nil
}

// probeClock checks whether this machine's clock agrees with Slack's. It logs when
// that changes.
func (b *Bot) probeClock(wasOff bool) (isOff bool) {
	off := b.clock.Off()
	b.health.SetClockOff(off, maxClockOff)
	switch isOff = off.Abs() > maxClockOff; {
	case isOff && !wasOff:
		b.log.Error().Float64("ahead_seconds", off.Seconds()).Str("hint", "set this machine's clock, for example with NTP").
			Msg("bot: this machine's clock and Slack's differ, old records are not deleted")
	case !isOff && wasOff:
		b.log.Info().Msg("bot: this machine's clock agrees with Slack's again")
	}
	return isOff
}

// forget deletes old records from the store, now and every hour until ctx ends.
func (b *Bot) forget(ctx context.Context, store storage.Store) {
	for {
		if err := b.forgetOnce(ctx, store); err != nil && ctx.Err() == nil {
			b.log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("storage: deleting old records failed, trying again in an hour")
		}
		if backoff.Sleep(ctx, forgetEvery) != nil {
			return
		}
	}
}

// forgetOnce deletes old records, unless a clock is wrong: by a clock that is weeks
// ahead, every record is old.
func (b *Bot) forgetOnce(ctx context.Context, store storage.Store) error {
	if b.clock.Off().Abs() > maxClockOff {
		return nil
	}
	now, seen := b.clock.Now(), max(seenFor, queue.CallsMatterFor(b.cfg.Limits, b.cfg.Jitter))
	return store.Forget(ctx, now.Add(-seen), now.Add(-b.cfg.Retention))
}

// eraseAnswers erases the texts of private answers that nobody has shared for a while, now
// and regularly until ctx ends.
func (b *Bot) eraseAnswers(ctx context.Context, store storage.Store) {
	var from, all time.Time // of the next look, and when the last one at everything began
	for {
		now := b.clock.Now()
		if since := now.Sub(all); since < 0 || since >= eraseAllEvery {
			// An earlier process may have left some, and questions can have ended while the
			// clock was wrong.
			from, all = time.Time{}, now
		}
		err := errors.Join(
			store.EraseAnswers(ctx, from, now.Add(-keptFor)),
			store.EraseAnswers(ctx, now.Add(keptFor), now.AddDate(100, 0, 0)), // the clock was set back
		)
		switch {
		case err == nil:
			from = now.Add(-2 * keptFor) // a clock can be set back
		case ctx.Err() == nil:
			b.log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("storage: erasing private answers failed, trying again")
		}
		if backoff.Sleep(ctx, eraseEvery) != nil {
			return
		}
	}
}
