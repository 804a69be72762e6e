package workspace

import (
	"context"
	"fmt"
	"slices"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// lookBack is how far back a channel is read that the bot was added to: people
	// mention the bot first, and then Slack offers to add it.
	lookBack = 10 * time.Minute
	// partWelcome is the part of the welcome in its marker; an outcome's count from 0.
	partWelcome = -5
)

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
	return func() {
		h.History.Joined(e.Channel)
		if welcome {
			h.tasks.Start(e.Channel, "introduce the bot", func(ctx context.Context) { h.welcome(ctx, e.Channel, now) })
		}
	}, nil
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

// welcome posts who the bot is and how to ask, at the top of a channel. Answers are in
// threads, so it does not come between a question and its answer.
func (h *Handler) welcome(ctx context.Context, channel string, now time.Time) {
	id := storage.MessageID{Team: h.Policy.Self.TeamID, Channel: channel, TS: slackevent.FormatTS(now)}
	_, _, err := h.Slack.PostOnce(h.Log.WithContext(ctx), slackapi.Post{
		To:      slackapi.Target{Thread: storage.ThreadID{Team: id.Team, Channel: channel}, Since: slackevent.FormatTS(now.Add(-time.Minute))},
		Message: blocks.Say(blocks.Welcome(h.AgentName(h.Policy.AgentOf(channel)))), Marker: slackapi.Marker{Question: id, Part: partWelcome}, Brief: true,
	})
	if err != nil {
		h.Log.Warn().Err(err).Str("channel", channel).Str("hint", slackapi.Classify(err).Hint).Msg("workspace: introducing the bot failed")
	}
}
