package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"enjobridge/bot/agents"
	"enjobridge/bot/backfill"
	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/interact"
	"enjobridge/bot/journal"
	"enjobridge/bot/queue"
	"enjobridge/bot/receive"
	"enjobridge/bot/report"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/socketmode"
	"enjobridge/bot/supervise"
	"enjobridge/bot/ticket"
	"enjobridge/bot/tokens"
	"enjobridge/bot/workspace"
	"enjobridge/storage"
)

// maxBackOff is the longest wait before another attempt.
const maxBackOff = time.Minute

// Run serves the workspace until ctx ends. Then it finishes what is in progress, for
// at most the grace, and returns nil. It returns a [SetupError] if Slack refuses the
// app in a way that only a person can fix, and [supervise.ErrTooMany] if its own work
// panics again and again.
func (b *Bot) Run(ctx context.Context) error {
	// Work in progress continues after ctx has ended, until it is cut off.
	background, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	slack, refresher := b.client(background)
	defer slack.Close()
	defer refresher.Wait()
	backOff := backoff.Exponential(b.cfg.Random, time.Second, maxBackOff)
	err := storage.Retry(b.log.WithContext(ctx), backOff, func() error { return b.tokens.Load(ctx) })
	if ctx.Err() != nil {
		return nil
	} else if err != nil {
		return err
	}
	self, app, err := b.introduce(ctx, slack)
	if ctx.Err() != nil {
		return nil
	} else if err != nil {
		return err
	}
	limiter, err := dispatch.NewLimiter(b.log.WithContext(ctx), b.store, b.cfg.Limits, b.cfg.Jitter, backOff)
	if ctx.Err() != nil {
		return nil
	} else if err != nil {
		return err
	}
	p := b.assemble(background, slack, self, app, limiter, backOff)
	p.tokens = refresher
	defer b.stop(p, cut)
	b.explainer.Store(b.newExplainer(slack, self, p))
	defer b.explainer.Store(nil)
	b.report.Store(p.report)
	defer b.report.Store(nil)
	if err := p.dispatcher.Resume(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	return b.serve(ctx, background, cut, p)
}

// client returns the client of Slack's Web API, and the refresher of its tokens, which itself
// calls Slack. Wait for the refresher before closing the client.
func (b *Bot) client(background context.Context) (slack *slackapi.Client, refresher *tokens.Refresher) {
	refresher = b.tokens.Refresher(background, func(ctx context.Context, kind storage.TokenKind, app slackapi.Credentials, refresh string) (storage.Token, error) {
		return slack.Refresh(ctx, kind, app, refresh)
	})
	slack = slackapi.New(slackapi.Config{
		URL: b.cfg.SlackAPIURL, Tokens: refresher, AgentView: b.cfg.AgentView,
		Speed: b.cfg.SlackSpeed, Dial: b.cfg.Dial, Random: b.cfg.Random, Clock: b.clock, Metrics: b.metrics, Health: b.health, Log: b.log,
	})
	return slack, refresher
}

// parts are the packages' parts of a running bot.
type parts struct {
	panics     *supervise.Supervisor
	tokens     *tokens.Refresher
	status     *deliver.Status
	deliverer  *deliver.Deliverer
	dispatcher *dispatch.Dispatcher
	intake     *intake.Intake
	interact   *interact.Handler
	receiver   *receive.Receiver
	sockets    *socketmode.Client
	history    *backfill.Backfill
	space      *workspace.Handler
	journal    *journal.Journal
	reconciler *ticket.Reconciler
	report     *report.Reporter
}

// assemble connects the parts. A question goes from the sockets to the receiver, the
// intake, the dispatcher and the deliverer.
func (b *Bot) assemble(
	background context.Context, slack *slackapi.Client, self slackevent.Identity, app string, limiter *queue.Limiter, backOff backoff.Func,
) *parts {
	known := agents.Agents{List: b.cfg.Agents, Routes: b.cfg.Routes}
	policy, dailyLimit := b.policy(self, known), intake.NewDailyLimit(b.cfg.ChannelDailyLimit, false)
	missed, panics := backfill.NewSignal(), supervise.New(b.metrics, b.log)
	identify := b.identify(slack)
	p := &parts{
		panics: panics, status: deliver.NewStatus(slack, b.cfg.SlackSpeed, b.cfg.AgentView, panics, b.log), journal: journal.New(b.store, b.log),
	}
	cards := ticket.NewCards(b.store, slack, backOff, b.metrics)
	p.deliverer = deliver.New(deliver.Config{
		Slack: slack, Store: b.store, Status: p.status, Cards: cards, BackOff: backOff, Panics: panics, Metrics: b.metrics,
		Agents: known.Names(), AgentName: known.DisplayName, OfferTicket: !b.cfg.NoTicketButton, OffersPerson: b.cfg.offersPerson,
	})
	p.dispatcher = dispatch.New(background, dispatch.Config{
		Store: b.store, Agent: b.agent, Agents: known, Slack: slack, Limiter: limiter, Deliver: p.deliverer, Status: p.status,
		Self: self, AllowExternal: b.cfg.AllowExternal, ShareEmail: b.cfg.ShareEmail, ProbeEvery: b.cfg.ProbeEvery, BackOff: backOff,
		Recovered: b.health.Recovered, Panics: panics, Metrics: b.metrics, Health: b.health, Log: b.log,
	})
	p.intake = intake.New(background, intake.Config{
		Store: b.store, Policy: policy, DailyLimit: dailyLimit, Slack: slack, Queue: p.dispatcher,
		Command: func(m slackevent.Message, word string) { p.interact.Command(m, word) },
		Record:  p.journal.Add, Missed: missed.Send, Panics: panics, Metrics: b.metrics, Log: b.log,
	})
	p.interact = interact.New(background, interact.Config{
		Store: b.store, Slack: slack, Self: self, Policy: policy, DailyLimit: dailyLimit, Agents: known, Questions: p.dispatcher, Deliver: p.deliverer,
		Published: p.intake.AcceptEarlyReplies, Record: p.journal.Add, EscalateTo: b.cfg.EscalateTo, EscalateChannel: b.cfg.EscalateChannel,
		TicketPrompt: b.cfg.TicketPrompt, TicketStatusPrompt: b.cfg.TicketStatusPrompt, SuggestedPrompts: b.cfg.SuggestedPrompts,
		BackOff: backOff, Panics: panics, Metrics: b.metrics, Log: b.log,
	})
	p.history = backfill.New(backfill.Config{
		Slack: slack, Store: b.store, Self: self, Identify: identify, Every: b.cfg.SweepEvery, Speed: b.cfg.SlackSpeed, Random: b.cfg.Random,
		Reopened: b.health.Reopened, Missed: missed, Panics: panics, Log: b.log,
	}, p.intake.Accept)
	p.space = workspace.New(background, workspace.Config{
		Store: b.store, Slack: slack, Policy: policy, History: p.history, Questions: p.dispatcher, Routes: b.cfg.Routes,
		AgentName: known.DisplayName, Welcome: b.cfg.Welcome, Panics: panics, Metrics: b.metrics, Log: b.log,
	})
	p.receiver = receive.New(receive.Config{
		Self: self, Intake: p.intake.Handle, Interact: p.interact.Handle, Workspace: p.space.Handle, Identify: identify,
		Missed: missed.Send, Panics: panics, Metrics: b.metrics, Log: b.log,
	})
	p.sockets = socketmode.New(socketmode.Config{
		Slack: slack, App: app, Sockets: b.cfg.Sockets, Dial: b.cfg.Dial, Speed: b.cfg.SlackSpeed, Random: b.cfg.Random,
		Metrics: b.metrics, Health: b.health, Missed: missed.Send, Panics: panics, Log: b.log,
	}, p.receiver.Take)
	p.reconciler = ticket.NewReconciler(cards, b.store, slack, panics, b.log)
	p.report = report.New(report.Config{Store: b.store, Slack: slack, Self: self, Retention: b.cfg.Retention, Channel: b.cfg.ReportChannel, Log: b.log})
	return p
}

// policy is who may ask, and where.
func (b *Bot) policy(self slackevent.Identity, known agents.Agents) intake.Policy {
	return intake.Policy{
		Self:            self,
		AgentView:       b.cfg.AgentView,
		AllowExternal:   b.cfg.AllowExternal,
		AllowedChannels: b.cfg.AllowedChannels,
		AllowedUsers:    b.cfg.AllowedUsers,
		AllowedBots:     b.cfg.AllowedBots,
		MaxWaiting:      b.cfg.MaxWaiting,
		MaxWaitingUser:  b.cfg.MaxWaitingPerUser,
		StaleAfter:      b.cfg.StaleAfter,
		FollowUps:       b.cfg.FollowUps,
		AgentOf:         known.OfChannel,
		OffersPerson:    b.cfg.offersPerson,
	}
}

// serve runs the parts until ctx ends or Slack refuses the app. Then it receives
// nothing more, and has the parts finish; it cuts them off when the grace is over.
func (b *Bot) serve(ctx, background context.Context, cut context.CancelCauseFunc, p *parts) error {
	soft, end := context.WithCancelCause(ctx)
	defer end(nil)
	// Before the bot listens: what is acked but not stored must be found in history.
	p.history.Begin(ctx)

	var receiving, working sync.WaitGroup
	// The sockets outlive the receiver, so that it can ack its current events.
	online, disconnect := context.WithCancel(context.WithoutCancel(ctx))
	defer disconnect()
	receiving.Go(func() { p.receiver.Run(soft); disconnect() })
	receiving.Go(func() {
		if err := p.sockets.Run(online); err != nil {
			end(err)
		}
	})
	working.Go(func() { p.dispatcher.Run(soft) })
	for name, run := range map[string]func(){
		"backfill":              func() { p.history.Run(soft) },
		"reconcile tickets":     func() { p.reconciler.Run(soft, background, b.webhook.Updated()) },
		"probe store and clock": func() { b.probe(soft) },
		"delete old records":    func() { b.forget(soft) },
		"erase kept answers":    func() { b.eraseAnswers(soft) },
		"complete presses":      func() { p.interact.Complete(soft) },
		"store the journal":     func() { p.journal.Run(soft) },
		"report each week":      func() { p.report.Run(soft) },
	} {
		working.Go(func() { p.panics.Loop(soft, name, run) })
	}
	for _, kind := range tokens.Kinds {
		working.Go(func() {
			p.panics.Loop(soft, "keep a token valid", func() {
				if err := p.tokens.Keep(soft, kind); err != nil {
					end(err)
				}
			})
		})
	}
	working.Go(func() {
		select {
		case err := <-p.panics.Failed():
			end(err)
		case <-soft.Done():
		}
	})

	receiving.Wait()
	b.log.Info().Float64("grace_seconds", b.cfg.Grace.Seconds()).Msg("bot: no longer receiving, finishing what is in progress")
	timer := time.AfterFunc(b.cfg.Grace, func() { cut(dispatch.ErrShutDown) })
	defer timer.Stop()
	working.Wait()
	p.finish()
	cause := context.Cause(soft)
	if fatal, ok := errors.AsType[*SetupError](cause); ok {
		return fatal
	} else if errors.Is(cause, supervise.ErrTooMany) {
		return cause
	}
	return nil
}

// finish waits until nothing is in progress. The order is that of the causes: what
// the intake has accepted last can begin after everything else has ended.
func (p *parts) finish() {
	p.interact.Close()
	p.space.Close()
	p.dispatcher.Wait()
	p.intake.Wait()
	p.tokens.Wait()
}

// stop cuts off what is still in progress, and waits for each part.
func (b *Bot) stop(p *parts, cut context.CancelCauseFunc) {
	for _, step := range []struct {
		name string
		run  func()
	}{
		{"cut off work in progress", func() { cut(dispatch.ErrShutDown) }},
		{"finish tasks, questions and notifications", p.finish},
		{"finish deliveries", p.deliverer.Wait},
		{"close statuses", p.status.Close},
		{"store the journal", func() { p.journal.Store(context.Background()) }},
	} {
		b.log.Debug().Str("step", step.name).Msg("bot: stopping")
		step.run()
	}
}
