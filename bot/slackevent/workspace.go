package slackevent

import (
	"time"
)

// EventsRateLimited means that Slack drops events for a minute, because there are too many.
// https://docs.slack.dev/apis/events-api/#rate-limiting
type EventsRateLimited struct {
	Minute time.Time // when the minute begins
}

// OrderKey implements [Event].
func (EventsRateLimited) OrderKey() string { return "events rate limited" }

// ChannelIDChanged means that Slack gave a channel another ID.
// https://docs.slack.dev/reference/events/channel_id_changed
type ChannelIDChanged struct {
	Old, New string
}

// OrderKey implements [Event].
func (c ChannelIDChanged) OrderKey() string { return c.Old }

// BotAdded means that the bot was added to a channel.
// https://docs.slack.dev/reference/events/member_joined_channel
type BotAdded struct {
	Channel string
}

// OrderKey implements [Event].
func (a BotAdded) OrderKey() string { return a.Channel }

// decodeChannelIDChanged decodes a change of a channel's ID; nil if an ID is invalid.
func decodeChannelIDChanged(e event) Event {
	changed := ChannelIDChanged{Old: string(e.OldChannel), New: string(e.NewChannel)}
	if !slackID.MatchString(changed.Old) || !slackID.MatchString(changed.New) || changed.Old == changed.New {
		return nil
	}
	return changed
}

// decodeJoin decodes that someone was added to a channel; nil unless it is the bot.
func decodeJoin(e event, self Identity) Event {
	if string(e.User) != self.UserID || !slackID.MatchString(string(e.Channel)) {
		return nil
	}
	return BotAdded{Channel: string(e.Channel)}
}
