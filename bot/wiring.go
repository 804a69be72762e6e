package bot

import (
	"context"
	"net/http"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// policy is who may ask, and where.
func (b *Bot) policy(self slackevent.Identity) policy {
	return policy{
		self:            self,
		agentView:       b.cfg.AgentView,
		allowExternal:   b.cfg.AllowExternal,
		allowedChannels: b.cfg.AllowedChannels,
		allowedUsers:    b.cfg.AllowedUsers,
		allowedBots:     b.cfg.AllowedBots,
		maxWaiting:      b.cfg.MaxWaiting,
		maxWaitingMine:  b.cfg.MaxWaitingPerUser,
		channelDaily:    b.cfg.ChannelDailyLimit,
		staleAfter:      b.cfg.StaleAfter,
		agentOf:         agents{list: b.cfg.Agents, routes: b.cfg.Routes}.ofChannel,
	}
}

// newWorker wires the worker with what it works with.
func (b *Bot) newWorker(api *slack.Client, self slackevent.Identity, post *poster, signs *indicators, backOff func(int) time.Duration) *worker {
	known := agents{list: b.cfg.Agents, routes: b.cfg.Routes}
	return &worker{
		store:  b.store,
		agent:  b.agent,
		agents: known,
		slots:  newSlots(b.store, b.cfg.Limits, b.cfg.Jitter),
		scribe: &scribe{api: api, directory: newDirectory(api, self), self: self, allowExternal: b.cfg.AllowExternal},
		deliver: &deliverer{
			api: api, post: post, store: b.store, indicators: signs, metrics: newDeliverMetrics(b.metrics), agentName: known.shownName, backOff: backOff,
			cards:       newCards(b.store, post, backOff),
			delivered:   make(map[storage.MessageID]int),
			offerTicket: !b.cfg.NoTicketButton, offerPerson: len(b.cfg.EscalateTo) > 0,
		},
		indicators: signs,
		metrics:    newAskMetrics(b.metrics),
		log:        b.log,
		backOff:    backOff,
		line:       newLine(),
		breakers:   newBreakers(b.cfg.ProbeEvery),
		turns:      newTurns(),
		stops:      make(map[storage.MessageID]context.CancelCauseFunc),
		texts:      make(map[storage.MessageID]prepared),
		wake:       make(chan struct{}, 1),
		preparing:  make(chan struct{}, maxPreparing),
		atWork:     make(chan struct{}, maxAtWork),
	}
}

// newIndicators paces the signs as Slack does: 600 statuses, 50 changes of
// sessions and 20 removals of reactions a minute, less a reserve. https://docs.slack.dev/apis/web-api/rate-limits/
func (b *Bot) newIndicators(api *slack.Client) *indicators {
	aMinute := func(calls float64, atOnce int) *rate.Limiter {
		return rate.NewLimiter(rate.Limit(calls*b.cfg.SlackSpeed/60), atOnce)
	}
	var sessions *rate.Limiter
	if b.cfg.AgentView {
		sessions = aMinute(40, 10)
	}
	return newIndicators(api, aMinute(360, signsAtOnce), sessions, aMinute(18, 10), b.log)
}

// newDesk wires the desk, whose errands end with hard, with what the worker works with.
func (b *Bot) newDesk(hard context.Context, self slackevent.Identity, w *worker) *desk {
	return &desk{
		cfg: b.cfg, self: self, policy: b.policy(self), api: w.deliver.api, store: b.store, post: w.deliver.post,
		deliver: w.deliver, scribe: w.scribe, errands: newErrands(hard, b.log), turns: newTurns(), metrics: newInteractMetrics(b.metrics), log: b.log,
		asked:  func(q storage.Question) { w.enter(hard, q) },
		report: w.report,
		load:   w.load,
	}
}

// newSweeper reads history at less than Slack's 50 calls a minute of a method.
func (b *Bot) newSweeper(api *slack.Client, l *listener, w *worker) *sweeper {
	directory := w.scribe.directory
	return &sweeper{
		api: api, store: b.store, self: l.policy.self, take: l.takeFound, told: l.awaitTold, now: b.clock.now,
		home: func(ctx context.Context, user string) string {
			if p, ok := directory.person(ctx, user); ok && !p.stranger {
				return l.policy.self.TeamID
			}
			return ""
		},
		pace:    rate.NewLimiter(rate.Limit(40*b.cfg.SlackSpeed/60), 5),
		every:   b.cfg.SweepEvery,
		failing: make(map[string]bool),
		backOff: exponential(b.cfg.Random, 5*time.Second, 5*time.Minute),
		opened:  b.health.Reopened,
		log:     b.log,
	}
}

// slackWithin bounds one call of Slack's Web API. slack-go's own client waits for ever.
const slackWithin = 30 * time.Second

func (b *Bot) slackClient(connections http.RoundTripper) *slack.Client {
	return slack.New(b.cfg.SlackBotToken,
		slack.OptionAPIURL(b.cfg.SlackAPIURL),
		slack.OptionAppLevelToken(b.cfg.SlackAppToken),
		slack.OptionOnResponseHeaders(b.responded),
		slack.OptionHTTPClient(&http.Client{
			Timeout:   slackWithin,
			Transport: &slackTransport{next: connections, metrics: newAPIMetrics(b.metrics)},
		}),
	)
}
