package backfill

import (
	"context"
	"fmt"
	"time"

	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// joinedAgain is the wait after the reading of a channel failed that the bot has joined.
const joinedAgain = 10 * time.Second

// GapUntil says that events are missing until a time, by Slack's clock: then all
// conversations are read. A later time extends the gap. It does not wait.
func (b *Backfill) GapUntil(until time.Time) {
	b.mu.Lock()
	if until.After(b.gapUntil) {
		b.gapUntil = until
	}
	b.mu.Unlock()
	b.requested.Send()
}

// Joined says that a channel is to be read soon from its watermark, because the bot was
// added to it. It does not wait.
func (b *Backfill) Joined(channel string) {
	b.mu.Lock()
	b.joined[channel] = true
	b.mu.Unlock()
	b.requested.Send()
}

// ReadUntil returns the time up to which the history of a conversation has been read, or
// that of all conversations if it has not been read itself; zero if none has.
func ReadUntil(ctx context.Context, store storage.Store, conversation string) (time.Time, error) {
	until, err := store.Watermark(ctx, conversation)
	if err == nil && until.IsZero() {
		until, err = store.Watermark(ctx, allConversations)
	}
	return until, err
}

// gapEnd returns a channel that receives when the gap that [Backfill.GapUntil] reported
// has ended; nil if there is none.
func (b *Backfill) gapEnd() <-chan time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gapUntil.IsZero() {
		return nil
	}
	return time.After(b.gapUntil.Sub(b.now()))
}

// endGap ends the reported gap.
func (b *Backfill) endGap() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gapUntil = time.Time{}
}

// takeJoined returns the channels that the bot has joined since it was called last.
func (b *Backfill) takeJoined() map[string]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	joined := b.joined
	b.joined = make(map[string]bool)
	return joined
}

// readJoined reads the channels that the bot has joined.
func (b *Backfill) readJoined(ctx context.Context) {
	for channel := range b.takeJoined() {
		err := errPanicked
		b.panics.Do("read a channel that the bot has joined", func() { err = b.readChannel(ctx, channel) })
		if err == nil || ctx.Err() != nil {
			continue
		}
		failure := slackapi.Classify(err)
		b.log.Warn().Err(err).Str("hint", failure.Hint).Bool("again", failure.Transient()).Msg("backfill: reading a channel that the bot has joined failed")
		if failure.Transient() {
			time.AfterFunc(joinedAgain, func() { b.Joined(channel) })
		}
	}
}

// readChannel reads a channel from its watermark until now.
func (b *Backfill) readChannel(ctx context.Context, channel string) error {
	found, err := b.slack.Conversation(ctx, channel)
	if err != nil {
		return fmt.Errorf("looking up the channel %s: %w", channel, err)
	}
	since, err := b.store.Watermark(ctx, channel)
	if err != nil {
		return err
	}
	r := b.begin(conversation{Conversation: found, since: since}, b.now())
	for read := false; !read; {
		if read, err = b.turn(ctx, r); err != nil {
			return err
		}
	}
	if err := b.finish(ctx, r); err != nil {
		return err
	}
	b.log.Info().Str("channel", channel).Int("messages", r.found).Msg("backfill: a channel that the bot has joined is read")
	return nil
}
