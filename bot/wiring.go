package bot

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"enjobridge/bot/agents"
	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/ticket"
)

// policy is who may ask, and where.
func (b *Bot) policy(self slackevent.Identity) intake.Policy {
	return intake.Policy{
		Self:            self,
		AgentView:       b.cfg.AgentView,
		AllowExternal:   b.cfg.AllowExternal,
		AllowedChannels: b.cfg.AllowedChannels,
		AllowedUsers:    b.cfg.AllowedUsers,
		AllowedBots:     b.cfg.AllowedBots,
		MaxWaiting:      b.cfg.MaxWaiting,
		MaxWaitingMine:  b.cfg.MaxWaitingPerUser,
		ChannelDaily:    b.cfg.ChannelDailyLimit,
		StaleAfter:      b.cfg.StaleAfter,
		AgentOf:         b.agents().OfChannel,
	}
}

// newDispatcher wires the dispatcher.
func (b *Bot) newDispatcher(
	background context.Context, client *slackapi.Client, self slackevent.Identity, limiter *queue.Limiter,
	deliverer *deliver.Deliverer, status *deliver.Status, backOff backoff.Func,
) *dispatch.Dispatcher {
	return dispatch.New(background, dispatch.Config{
		Store: b.store, Agent: b.agent, Agents: b.agents(), Slack: client, Limiter: limiter, Deliver: deliverer, Status: status,
		Self: self, AllowExternal: b.cfg.AllowExternal, ProbeEvery: b.cfg.ProbeEvery, BackOff: backOff,
		Recovered: b.health.Recovered, Metrics: b.metrics, Log: b.log,
	})
}

// agents are the configured ones.
func (b *Bot) agents() agents.Agents { return agents.Agents{List: b.cfg.Agents, Routes: b.cfg.Routes} }

// newDeliverer wires the deliverer.
func (b *Bot) newDeliverer(client *slackapi.Client, signs *deliver.Status, cards *ticket.Cards, backOff backoff.Func) *deliver.Deliverer {
	return deliver.New(deliver.Config{
		Slack: client, Store: b.store, Status: signs, Cards: cards, BackOff: backOff, Metrics: b.metrics,
		AgentName:   b.agents().DisplayName,
		OfferTicket: !b.cfg.NoTicketButton, OfferPerson: len(b.cfg.EscalateTo) > 0,
	})
}

// newDesk wires the desk, whose errands end with hard, with what the worker works with.
func (b *Bot) newDesk(hard context.Context, client *slackapi.Client, self slackevent.Identity, backOff backoff.Func, questions *dispatch.Dispatcher) *desk {
	return &desk{
		cfg: b.cfg, self: self, policy: b.policy(self), slack: client, store: b.store,
		backOff: backOff, errands: newErrands(hard, b.log), metrics: newInteractMetrics(b.metrics), log: b.log,
		questions: questions,
	}
}

// newSweeper reads history at less than Slack's 50 calls a minute of a method.
func (b *Bot) newSweeper(client *slackapi.Client, self slackevent.Identity, l *intake.Intake) *sweeper {
	return &sweeper{
		slack: client.Paced(rate.NewLimiter(rate.Limit(40*b.cfg.SlackSpeed/60), 5)), store: b.store, self: self, accept: l.Accept, now: client.Now,
		home: func(ctx context.Context, user string) string {
			if u, ok := client.User(ctx, user); ok && !u.Outside {
				return self.TeamID
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
