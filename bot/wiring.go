package bot

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"enjobridge/bot/agents"
	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/ticket"
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
		agentOf:         agents.Agents{List: b.cfg.Agents, Routes: b.cfg.Routes}.OfChannel,
	}
}

// newLimiter returns a limiter that counts the calls of earlier processes.
func (b *Bot) newLimiter(ctx context.Context, backOff func(int) time.Duration) (*queue.Limiter, error) {
	var earlier []time.Time
	err := storage.Retry(b.log.WithContext(ctx), backOff, func() (err error) {
		earlier, err = b.store.Calls(ctx, time.Now().Add(-queue.CallsMatterFor(b.cfg.Limits, b.cfg.Jitter)))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the calls of earlier processes: %w", err)
	}
	return queue.NewLimiter(b.cfg.Limits, b.cfg.Jitter, earlier), nil
}

// newWorker wires the worker with what it works with.
func (b *Bot) newWorker(client *slackapi.Client, self slackevent.Identity, signs *deliver.Status, deliverer *deliver.Deliverer, limiter *queue.Limiter, backOff func(int) time.Duration) *worker {
	known := agents.Agents{List: b.cfg.Agents, Routes: b.cfg.Routes}
	return &worker{
		store:      b.store,
		agent:      b.agent,
		agents:     known,
		limiter:    limiter,
		scribe:     &scribe{slack: client, self: self, allowExternal: b.cfg.AllowExternal},
		slack:      client,
		deliver:    deliverer,
		indicators: signs,
		metrics:    newAskMetrics(b.metrics),
		log:        b.log,
		backOff:    backOff,
		line:       queue.New(),
		breakers:   queue.NewBreaker(b.cfg.ProbeEvery),
		stops:      make(map[storage.MessageID]context.CancelCauseFunc),
		texts:      make(map[storage.MessageID]prepared),
		wake:       make(chan struct{}, 1),
		preparing:  make(chan struct{}, maxPreparing),
		atWork:     make(chan struct{}, maxAtWork),
	}
}

// newDeliverer wires the deliverer.
func (b *Bot) newDeliverer(client *slackapi.Client, signs *deliver.Status, cards *ticket.Cards, backOff backoff.Func) *deliver.Deliverer {
	return deliver.New(deliver.Config{
		Slack: client, Store: b.store, Status: signs, Cards: cards, BackOff: backOff, Metrics: b.metrics,
		AgentName:   agents.Agents{List: b.cfg.Agents, Routes: b.cfg.Routes}.DisplayName,
		OfferTicket: !b.cfg.NoTicketButton, OfferPerson: len(b.cfg.EscalateTo) > 0,
	})
}

// newDesk wires the desk, whose errands end with hard, with what the worker works with.
func (b *Bot) newDesk(hard context.Context, self slackevent.Identity, w *worker) *desk {
	return &desk{
		cfg: b.cfg, self: self, policy: b.policy(self), slack: w.slack, store: b.store,
		backOff: w.backOff, scribe: w.scribe, errands: newErrands(hard, b.log), metrics: newInteractMetrics(b.metrics), log: b.log,
		asked:  func(q storage.Question) { w.enter(hard, q) },
		report: w.report,
		load:   w.load,
	}
}

// newSweeper reads history at less than Slack's 50 calls a minute of a method.
func (b *Bot) newSweeper(client *slackapi.Client, l *listener, w *worker) *sweeper {
	return &sweeper{
		slack: client.Paced(rate.NewLimiter(rate.Limit(40*b.cfg.SlackSpeed/60), 5)), store: b.store, self: l.policy.self, take: l.takeFound, told: l.awaitTold, now: client.Now,
		home: func(ctx context.Context, user string) string {
			if u, ok := client.User(ctx, user); ok && !u.Outside {
				return l.policy.self.TeamID
			}
			return ""
		},
		every:   b.cfg.SweepEvery,
		failing: make(map[string]bool),
		backOff: backoff.Exponential(b.cfg.Random, 5*time.Second, 5*time.Minute),
		opened:  b.health.Reopened,
		log:     b.log,
	}
}

// newClient returns the client of Slack's Web API.
func (b *Bot) newClient() *slackapi.Client {
	return slackapi.New(slackapi.Config{
		URL: b.cfg.SlackAPIURL, BotToken: b.cfg.SlackBotToken, AppToken: b.cfg.SlackAppToken,
		AgentView: b.cfg.AgentView, Speed: b.cfg.SlackSpeed, Dial: b.cfg.Dial, Random: b.cfg.Random,
		Metrics: b.metrics, Health: b.health, Log: b.log,
	})
}
