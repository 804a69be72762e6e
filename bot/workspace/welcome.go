package workspace

import (
	"context"
	"fmt"
	"slices"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// lookBack is how far back a channel is read that the bot was added to: people mention the bot
// first, and then Slack offers to add it.
const lookBack = 10 * time.Minute

// added has the mentions found that were made just before the bot was added to a
// channel, and introduces the bot there.
// https://docs.slack.dev/reference/events/member_joined_channel
func (h *Handler) added(ctx context.Context, e slackevent.BotAdded) (func(), error) {
	now := h.Slack.Now()
	// If the process ends before it reads the channel, the next one begins there, too.
	if err := h.Store.SetWatermark(ctx, e.Channel, now.Add(-lookBack)); err != nil {
		return nil, fmt.Errorf("storing since when a channel is to be read: %w", err)
	}
	welcome, err := h.claimWelcome(ctx, e.Channel, now)
	if err != nil {
		return nil, err
	}
	h.Log.Info().Str("channel", e.Channel).Bool("welcome", welcome).Msg("workspace: the bot was added to a channel")
	greeted := now
	if !welcome {
		greeted = time.Time{}
	}
	return h.Effects.Joined(ctx, e.Channel, greeted)
}

// claimWelcome reports whether the bot is to introduce itself in a channel. It does so
// once, so it is claimed before: a second welcome is worse than none.
func (h *Handler) claimWelcome(ctx context.Context, channel string, now time.Time) (bool, error) {
	allowed := h.Policy.AllowedChannels
	if !h.Welcome || storage.IsDirect(channel) || len(allowed) > 0 && !slices.Contains(allowed, channel) {
		return false, nil
	}
	first, err := h.Store.FirstTime(ctx, storage.WelcomeKey(h.Policy.Self.TeamID, channel), now)
	if err != nil {
		return false, fmt.Errorf("storing that the bot has introduced itself: %w", err)
	}
	return first, nil
}
