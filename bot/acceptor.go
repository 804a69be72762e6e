package bot

import (
	"context"

	"enjobridge/bot/deliver"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/interact"
	"enjobridge/bot/receive"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/socketmode"
	"enjobridge/bot/workspace"
	"enjobridge/storage"
)

// acceptor receives events, and stores what is decided about them before their acks. It lives
// as long as the bot runs.
type acceptor struct {
	*base
	intake   *intake.Intake
	interact *interact.Handler
	receiver *receive.Receiver
	sockets  *socketmode.Client
}

// links are what an acceptor hands on what it has stored to: the worker of the same process,
// or nothing if replicas share the store, which announces it.
type links struct {
	queue   *dispatch.Dispatcher
	deliver *deliver.Deliverer
	role    interact.Role
	// working returns the state of the worker, if there is one; nil with a queue.
	working func(user string) (dispatch.Stats, bool)
	effects workspace.Effects
	missed  func()
}

// newAcceptor connects the parts of an acceptor. An event goes from the sockets to the
// receiver, and from there to the intake, the interactions, or the workspace.
func (b *Bot) newAcceptor(background context.Context, c *base, to links) *acceptor {
	a := &acceptor{base: c}
	var queue intake.Queue
	if to.queue != nil {
		queue = to.queue
	}
	a.intake = intake.New(background, intake.Config{
		Store: b.store, Policy: c.policy, DailyLimit: c.daily, Slack: c.slack, Queue: queue,
		Command: func(m slackevent.Message, word string) { a.interact.Command(m, word) },
		Record:  c.journal.Add, Missed: to.missed, Panics: c.panics, Metrics: b.metrics, Log: b.log,
	})
	c.intake = a.intake
	a.interact = b.newInteract(background, c, b.store, c.slack, to)
	space := workspace.New(workspace.Config{
		Store: b.store, Slack: c.slack, Policy: c.policy, Effects: to.effects, Routes: b.cfg.Routes, Welcome: b.cfg.Welcome,
		Metrics: b.metrics, Log: b.log,
	})
	a.receiver = receive.New(receive.Config{
		Self: c.self, Intake: a.intake.Handle, Interact: a.interact.Handle, Workspace: space.Handle, Identify: c.identify,
		Missed: to.missed, Panics: c.panics, Metrics: b.metrics, Log: b.log,
	})
	a.sockets = socketmode.New(socketmode.Config{
		Slack: c.slack, App: c.app, Sockets: b.cfg.Sockets, Dial: b.cfg.Dial, Speed: b.cfg.SlackSpeed, Random: b.cfg.Random,
		Metrics: b.metrics, Health: b.health, Missed: to.missed, Panics: c.panics, Log: b.log,
	}, a.receiver.Take)
	return a
}

// newInteract returns what acts on interactions, or completes presses.
func (b *Bot) newInteract(ctx context.Context, c *base, store storage.Store, slack *slackapi.Client, to links) *interact.Handler {
	var questions interact.Questions
	if to.queue != nil {
		questions = to.queue
	}
	return interact.New(ctx, interact.Config{
		Store: store, Slack: slack, Self: c.self, Policy: c.policy, DailyLimit: c.daily, Agents: c.agents, Role: to.role, Questions: questions,
		Working: to.working, Deliver: to.deliver, Published: c.intake.AcceptEarlyReplies, Record: c.journal.Add,
		EscalateTo: b.cfg.EscalateTo, EscalateChannel: b.cfg.EscalateChannel, TicketPrompt: b.cfg.TicketPrompt,
		TicketStatusPrompt: b.cfg.TicketStatusPrompt, SuggestedPrompts: b.cfg.SuggestedPrompts,
		BackOff: c.backOff, Panics: c.panics, Metrics: b.metrics, Log: b.log,
	})
}

// finish waits until nothing is in progress. The order is that of the causes.
func (a *acceptor) finish() {
	a.interact.Close()
	a.intake.Wait()
	a.tokens.Wait()
}
