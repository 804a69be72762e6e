// Package workspace acts on what Slack says about the workspace: that it drops events,
// that a channel has got another ID, and that the bot was added to a channel. It does
// not know how messages are read or asked.
package workspace

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/bot/intake"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// Effects are what comes of events about the workspace. Nothing waits for Slack.
type Effects interface {
	// GapUntil says that events are missing until a time.
	GapUntil(time.Time)
	// Joined says that the bot was added to a channel, which is to be read from its
	// watermark. If the bot is to introduce itself there, greeted is now; otherwise it is zero.
	// What it returns is to be done after the ack of the event.
	Joined(ctx context.Context, channel string, greeted time.Time) (after func(), err error)
	// Moved says that a channel has got another ID, and which unfinished questions the store
	// has under it.
	Moved(ctx context.Context, from, to string, unfinished []storage.Question) (after func(), err error)
}

// Config configures a [Handler].
type Config struct {
	Store   storage.Store
	Slack   *slackapi.Client
	Policy  intake.Policy
	Effects Effects
	// Routes names the agent of a channel, by the channel's ID.
	Routes map[string]string
	// Welcome posts how to ask in channels that the bot is added to.
	Welcome bool
	Metrics *telemetry.Registry
	Log     zerolog.Logger
}

// Handler stores what events about the workspace mean.
type Handler struct {
	Config
	limited prometheus.Counter

	mu         sync.Mutex
	lastMinute time.Time // the latest minute in which Slack dropped events
}

// New returns a handler.
func New(cfg Config) *Handler {
	limited := cfg.Metrics.Counter("events_rate_limited_minutes_total", "Minutes in which Slack dropped events because there were too many.")
	return &Handler{Config: cfg, limited: limited.WithLabelValues()}
}

// Handle stores what an event means, and returns what is to be done after its ack.
func (h *Handler) Handle(ctx context.Context, event slackevent.Event) (after func(), err error) {
	switch e := event.(type) {
	case slackevent.EventsRateLimited:
		return h.rateLimited(e), nil
	case slackevent.ChannelIDChanged:
		return h.moved(ctx, e)
	case slackevent.BotAdded:
		return h.added(ctx, e)
	}
	return func() {}, nil
}

// maxOff is how far from now the minute of a rate limit can be.
const maxOff = 10 * time.Minute

// rateLimited has history read when the minute after the last one in which Slack drops
// events has passed: its notices come once a minute.
// https://docs.slack.dev/reference/events/app_rate_limited
func (h *Handler) rateLimited(e slackevent.EventsRateLimited) func() {
	minute, now := e.Minute, h.Slack.Now()
	if now.Sub(minute).Abs() > maxOff {
		minute = now.Truncate(time.Minute)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !minute.After(h.lastMinute) {
		return func() {}
	}
	h.lastMinute = minute
	h.limited.Inc()
	until := minute.Add(2 * time.Minute)
	h.Log.Warn().Time("minute", minute).Float64("read_in_seconds", until.Sub(now).Seconds()).
		Str("hint", "nothing: the missed messages are found in history; if it happens often, have the bot in fewer busy channels").
		Msg("workspace: Slack drops events because there are more than 30,000 in an hour")
	h.Effects.GapUntil(until)
	return func() {}
}

// moved gives everything that is stored of a channel the channel's new ID, so that its
// threads continue. A question that is being asked goes on under the new ID. One whose
// answer is being posted may fail to post it in the old channel; its asker then gets a
// direct message, and the answer comes in the new one.
func (h *Handler) moved(ctx context.Context, e slackevent.ChannelIDChanged) (func(), error) {
	unfinished, err := h.Store.MoveChannel(ctx, h.Policy.Self.TeamID, e.Old, e.New)
	if err != nil {
		return nil, err
	}
	h.Log.Info().Str("from", e.Old).Str("to", e.New).Int("unfinished", len(unfinished)).Msg("workspace: a channel has got another ID, its threads continue")
	for name, set := range map[string]bool{
		"ENJO_ROUTES":      h.Routes[e.Old] != "",
		"ALLOWED_CHANNELS": slices.Contains(h.Policy.AllowedChannels, e.Old),
	} {
		if set {
			h.Log.Warn().Str("setting", name).Str("from", e.Old).Str("to", e.New).
				Str("hint", "replace "+e.Old+" by "+e.New+" in "+name+", and restart").Msg("workspace: a setting names the old ID of a channel")
		}
	}
	return h.Effects.Moved(ctx, e.Old, e.New, unfinished)
}
