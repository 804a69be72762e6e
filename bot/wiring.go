package bot

import (
	"context"

	"enjobridge/bot/agents"
	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/interact"
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

// newInteract wires what acts on interactions.
func (b *Bot) newInteract(
	background context.Context, client *slackapi.Client, self slackevent.Identity, backOff backoff.Func, questions *dispatch.Dispatcher,
) *interact.Interact {
	return interact.New(background, interact.Config{
		Store: b.store, Slack: client, Self: self, Policy: b.policy(self), Agents: b.agents(), Questions: questions,
		EscalateTo: b.cfg.EscalateTo, TicketPrompt: b.cfg.TicketPrompt, TicketStatusPrompt: b.cfg.TicketStatusPrompt,
		BackOff: backOff, Metrics: b.metrics, Log: b.log,
	})
}

// newClient returns the client of Slack's Web API.
func (b *Bot) newClient() *slackapi.Client {
	return slackapi.New(slackapi.Config{
		URL: b.cfg.SlackAPIURL, BotToken: b.cfg.SlackBotToken, AppToken: b.cfg.SlackAppToken,
		AgentView: b.cfg.AgentView, Speed: b.cfg.SlackSpeed, Dial: b.cfg.Dial, Random: b.cfg.Random,
		Metrics: b.metrics, Health: b.health, Log: b.log,
	})
}
