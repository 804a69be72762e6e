package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/agents"
	"enjobridge/bot/backoff"
	"enjobridge/bot/explain"
	"enjobridge/bot/report"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/bot/ticket"
	"enjobridge/bot/tokens"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// Health is what /readyz shows.
type Health = telemetry.Report

// SetupError is an error of Slack's that only a person can fix; [Bot.Run] ends with it.
type SetupError = slackapi.SetupError

// Bot is the bridge between one Slack workspace and Enjo's agents.
type Bot struct {
	cfg     Config
	store   storage.Store
	agent   *enjo.Client
	metrics *telemetry.Registry
	health  *telemetry.Health
	webhook *ticket.Webhook
	tokens  *tokens.Keeper
	clock   *slackapi.Clock
	log     zerolog.Logger

	// Nil until Run has connected, and after it.
	explainer atomic.Pointer[explain.Explainer]
	report    atomic.Pointer[report.Reporter]
}

// New returns a bot that is not connected yet. The caller closes the store and the
// agent's client after [Bot.Run] has returned.
func New(cfg Config, store storage.Store, agent *enjo.Client, log zerolog.Logger) (*Bot, error) {
	if len(cfg.Agents) == 0 {
		return nil, errors.New("there is no agent: set ENJO_BOT_ID")
	}
	known := agents.Agents{List: cfg.Agents}
	for channel, name := range cfg.Routes {
		if _, ok := known.BotID(name); !ok {
			return nil, fmt.Errorf("the route of channel %s leads to the agent %q, which is not configured", channel, name)
		}
	}
	cfg.setDefaults()
	metrics, state := telemetry.NewRegistry(), telemetry.NewHealth(cfg.Sockets, time.Now)
	metrics.SetBuild(cfg.Version, cfg.Commit)
	telemetry.WatchStore(store, metrics, state, log)
	clock := slackapi.NewClock()
	return &Bot{
		cfg: cfg, store: store, agent: agent, metrics: metrics, health: state,
		webhook: ticket.NewWebhook(cfg.TicketWebhookSecret, store, clock, log), clock: clock, log: log,
		tokens: tokens.New(tokens.Config{
			Settings: cfg.Secrets().tokens(), Store: store, Now: clock.Now, Random: cfg.Random, Metrics: metrics, Health: state, Log: log,
		}),
	}, nil
}

// introduce asks Slack who the bot is, and retries until Slack answers: after an
// unexpected error code for [slackapi.Patience]. It returns a [SetupError] if the two
// tokens belong to two apps.
// https://docs.slack.dev/reference/methods/auth.test
func (b *Bot) introduce(ctx context.Context, client *slackapi.Client) (self slackevent.Identity, app string, err error) {
	backOff, began := backoff.Exponential(b.cfg.Random, time.Second, 30*time.Second), time.Now()
	for attempt := 1; ; attempt++ {
		self, err = client.AuthTest(ctx)
		if err == nil {
			connected := b.log.Info().Str("team_id", self.TeamID).Str("bot", self.UserID)
			if self.OrgWide {
				connected.Strs("workspaces", self.Workspaces)
			}
			connected.Msg("bot: connected to the workspace")
			if self.OrgWide && len(self.Workspaces) == 0 {
				b.log.Warn().Str("hint", "an admin of the organisation must add the app to its workspaces").Msg("bot: the app has no access to any workspace")
			}
			if app, err = client.CheckApp(ctx, self); err != nil {
				return slackevent.Identity{}, "", err
			}
			return self, app, nil
		}
		failure := slackapi.Classify(err)
		refused := failure.Class == slackapi.Setup || failure.Class == slackapi.Rejected || slackapi.StatusCode(err) == http.StatusNotFound
		if refused || (failure.Class == slackapi.Unexpected && time.Since(began) >= slackapi.Patience) {
			return slackevent.Identity{}, "", &slackapi.SetupError{Err: err, Hint: cmp.Or(failure.Hint, "Slack does not accept SLACK_BOT_TOKEN: check SLACK_API_URL")}
		}
		wait := max(failure.RetryAfter, backOff(attempt))
		b.log.Warn().Err(err).Str("hint", failure.Hint).Float64("wait_seconds", wait.Seconds()).Msg("bot: Slack does not answer, retrying")
		if err := backoff.Sleep(ctx, wait); err != nil {
			return slackevent.Identity{}, "", fmt.Errorf("asking Slack who the bot is: %w", err)
		}
	}
}
