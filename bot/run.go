package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"enjobridge/bot/agents"
	"enjobridge/bot/backfill"
	"enjobridge/bot/backoff"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/journal"
	"enjobridge/bot/report"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/bot/tokens"
	"enjobridge/storage"
)

// maxBackOff is the longest wait before another attempt.
const maxBackOff = time.Minute

// Run serves the workspace until ctx ends. Then it finishes what is in progress, for
// at most the grace, and returns nil. It returns a [SetupError] if Slack refuses the
// app in a way that only a person can fix, and [supervise.ErrTooMany] if its own work
// panics again and again.
//
// If the store is a [storage.Replicated], the bot is one of several replicas: it accepts
// what people ask, and answers while it has the lease.
func (b *Bot) Run(ctx context.Context) error {
	// Work in progress continues after ctx has ended, until it is cut off.
	background, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	slack, refresher := b.client(background)
	defer slack.Close()
	defer refresher.Wait()
	m := b.newMember(refresher)
	base, err := b.connect(ctx, slack, refresher)
	switch {
	case errors.Is(err, errStopped):
		return nil
	case err != nil:
		return err
	case m != nil:
		err = b.runReplica(ctx, background, cut, base, m)
	default:
		err = b.runAlone(ctx, background, cut, base)
	}
	if errors.Is(err, errStopped) {
		return nil
	}
	return err
}

// errStopped means that the bot was stopped while it started.
var errStopped = errors.New("the bot was stopped")

// base is what accepting and working share.
type base struct {
	slack    *slackapi.Client
	tokens   *tokens.Refresher
	self     slackevent.Identity
	app      string
	agents   agents.Agents
	policy   intake.Policy
	daily    *intake.DailyLimit
	identify func(ctx context.Context, user string) (slackevent.Membership, error)
	panics   *supervise.Supervisor
	journal  *journal.Journal
	report   *report.Reporter
	backOff  backoff.Func
	intake   *intake.Intake // nil until there is an acceptor
}

// connect connects to the workspace. It returns errStopped if ctx ends before.
func (b *Bot) connect(ctx context.Context, slack *slackapi.Client, refresher *tokens.Refresher) (*base, error) {
	backOff := backoff.Exponential(b.cfg.Random, time.Second, maxBackOff)
	err := storage.Retry(b.log.WithContext(ctx), backOff, func() error { return b.tokens.Load(ctx) })
	var self slackevent.Identity
	var app string
	if err == nil {
		self, app, err = b.introduce(ctx, slack)
	}
	if ctx.Err() != nil {
		return nil, errStopped
	} else if err != nil {
		return nil, err
	}
	known := agents.Agents{List: b.cfg.Agents, Routes: b.cfg.Routes}
	_, shared := b.store.(storage.Replicated)
	return &base{
		slack: slack, tokens: refresher, self: self, app: app, agents: known, policy: b.policy(self, known),
		daily:    intake.NewDailyLimit(b.cfg.ChannelDailyLimit, shared),
		identify: b.identify(slack), panics: supervise.New(b.metrics, b.log), journal: journal.New(b.store, b.log),
		report: b.newReport(slack, b.store, self), backOff: backOff,
	}, nil
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

// newReport returns what reports on a store.
func (b *Bot) newReport(slack *slackapi.Client, store storage.Store, self slackevent.Identity) *report.Reporter {
	return report.New(report.Config{Store: store, Slack: slack, Self: self, Retention: b.cfg.Retention, Channel: b.cfg.ReportChannel, Log: b.log})
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

// runAlone runs the bot as the only process of its store, which accepts and works.
func (b *Bot) runAlone(ctx, background context.Context, cut context.CancelCauseFunc, c *base) error {
	limiter, err := dispatch.NewLimiter(b.log.WithContext(ctx), b.store, b.cfg.Limits, b.cfg.Jitter, c.backOff)
	if ctx.Err() != nil {
		return errStopped
	} else if err != nil {
		return err
	}
	w := b.newWorker(background, c, workerConfig{store: b.store, slack: c.slack, reopened: b.health.Reopened}, limiter)
	a := b.newAcceptor(background, c, links{queue: w.dispatcher, deliver: w.deliverer, effects: w.space, missed: w.missed.Send})
	w.presses = a.interact
	stopping := []step{
		{"cut off work in progress", func() { cut(dispatch.ErrShutDown) }},
		{"finish tasks, questions and notifications", func() { w.finish(); a.finish() }},
		{"finish deliveries", w.deliverer.Wait},
		{"close statuses", w.status.Close},
		{"store the journal", func() { c.journal.Store(context.Background()) }},
	}
	defer b.stop(stopping)
	defer b.offer(c, a)()
	if err := w.dispatcher.Resume(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	return b.serve(ctx, cut, a, func(soft context.Context) { w.run(soft, background) }, func() { w.finish(); a.finish() })
}

// offer offers operators what needs a connection to Slack, until the function that it returns
// is called.
func (b *Bot) offer(c *base, a *acceptor) (withdraw func()) {
	b.explainer.Store(b.newExplainer(c, a))
	b.report.Store(c.report)
	return func() {
		b.report.Store(nil)
		b.explainer.Store(nil)
	}
}

// serve accepts and works until ctx ends or Slack refuses the app. Then it receives
// nothing more, and has the parts finish; it cuts them off when the grace is over.
func (b *Bot) serve(ctx context.Context, cut context.CancelCauseFunc, a *acceptor, work func(soft context.Context), finish func()) error {
	soft, end := context.WithCancelCause(ctx)
	defer end(nil)
	// Before the bot listens: what is acked but not stored must be found in history.
	backfill.Begin(ctx, b.store, a.slack.Now(), b.log)

	var receiving, working sync.WaitGroup
	// The sockets outlive the receiver, so that it can ack its current events.
	online, disconnect := context.WithCancel(context.WithoutCancel(ctx))
	defer disconnect()
	receiving.Go(func() { a.receiver.Run(soft); disconnect() })
	receiving.Go(func() {
		if err := a.sockets.Run(online); err != nil {
			end(err)
		}
	})
	working.Go(func() { work(soft) })
	working.Go(func() { a.panics.Loop(soft, "probe store and clock", func() { b.probe(soft) }) })
	working.Go(func() { a.panics.Loop(soft, "store the journal", func() { a.journal.Run(soft) }) })
	working.Go(func() { a.panics.Loop(soft, "accept early replies", func() { a.intake.Run(soft) }) })
	for _, kind := range tokens.Kinds {
		working.Go(func() {
			a.panics.Loop(soft, "keep a token valid", func() {
				if err := a.tokens.Keep(soft, kind); err != nil {
					end(err)
				}
			})
		})
	}
	working.Go(func() {
		select {
		case err := <-a.panics.Failed():
			end(err)
		case <-soft.Done():
		}
	})

	receiving.Wait()
	b.log.Info().Float64("grace_seconds", b.cfg.Grace.Seconds()).Msg("bot: no longer receiving, finishing what is in progress")
	timer := time.AfterFunc(b.cfg.Grace, func() { cut(dispatch.ErrShutDown) })
	defer timer.Stop()
	working.Wait()
	finish()
	cause := context.Cause(soft)
	if fatal, ok := errors.AsType[*SetupError](cause); ok {
		return fatal
	} else if errors.Is(cause, supervise.ErrTooMany) {
		return cause
	}
	return nil
}

// step is a step of stopping.
type step struct {
	name string
	run  func()
}

// stop cuts off what is still in progress, and waits for each part.
func (b *Bot) stop(steps []step) {
	for _, s := range steps {
		b.log.Debug().Str("step", s.name).Msg("bot: stopping")
		s.run()
	}
}
