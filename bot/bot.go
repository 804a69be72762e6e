package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/agents"
	"enjobridge/bot/backfill"
	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/interact"
	"enjobridge/bot/queue"
	"enjobridge/bot/receive"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/socketmode"
	"enjobridge/bot/telemetry"
	"enjobridge/bot/ticket"
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
	log     zerolog.Logger
}

// New returns a bot that is not connected to anything yet. The store and the
// agent's client stay the caller's, to be closed after [Bot.Run] has returned.
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
	if cfg.Sockets <= 0 {
		cfg.Sockets = 2
	}
	if cfg.Random == nil {
		cfg.Random = rand.Int64N
	}
	if cfg.SlackSpeed <= 0 {
		cfg.SlackSpeed = 1
	}
	if cfg.Retention <= 0 {
		cfg.Retention = 30 * 24 * time.Hour
	}
	cfg.TicketPrompt = cmp.Or(cfg.TicketPrompt, "Please create a ticket for this.")
	cfg.TicketStatusPrompt = cmp.Or(cfg.TicketStatusPrompt, "What is the status of ticket {id}?")
	if cfg.StaleAfter <= 0 {
		cfg.StaleAfter = 15 * time.Minute
	}
	if cfg.SweepEvery <= 0 {
		cfg.SweepEvery = time.Hour
	}
	if cfg.ProbeEvery <= 0 {
		cfg.ProbeEvery = 30 * time.Second
	}
	if cfg.Grace <= 0 {
		cfg.Grace = 20 * time.Second
	}
	metrics, state := telemetry.NewRegistry(), telemetry.NewHealth(cfg.Sockets, time.Now)
	telemetry.WatchStore(store, metrics, state)
	return &Bot{cfg: cfg, store: store, agent: agent, metrics: metrics, health: state, log: log, webhook: ticket.NewWebhook(cfg.TicketWebhookSecret, store, log)}, nil
}

// Run serves the workspace until ctx ends, and then until what is under way is
// done, for at most the grace. It returns nil after that, and an error if Slack
// refuses the app in a way that only a person can cure.
func (b *Bot) Run(ctx context.Context) error {
	client := b.newClient()
	defer client.Close()
	self, err := b.introduce(ctx, client)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	hard, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)

	indicators := deliver.NewStatus(client, b.cfg.SlackSpeed, b.cfg.AgentView, b.log)
	defer indicators.Close()
	backOff := backoff.Exponential(b.cfg.Random, time.Second, maxBackOff)
	limiter, err := dispatch.NewLimiter(b.log.WithContext(ctx), b.store, b.cfg.Limits, b.cfg.Jitter, backOff)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	cards := ticket.NewCards(b.store, client, backOff)
	deliverer := b.newDeliverer(client, indicators, cards, backOff)
	dispatcher := b.newDispatcher(hard, client, self, limiter, deliverer, indicators, backOff)
	interactions := b.newInteract(hard, client, self, backOff, dispatcher)
	listener := intake.New(hard, intake.Config{
		Store: b.store, Policy: b.policy(self), Slack: client, Queue: dispatcher, Metrics: b.metrics, Log: b.log,
	})
	receiver := receive.New(self, listener.Handle, interactions.Handle, b.metrics, b.log)
	p := parts{client, self, listener, receiver, dispatcher, interactions, ticket.NewReconciler(cards, b.store, client, b.log)}
	defer func() {
		cut(dispatch.ErrShutDown)
		p.wait()
		deliverer.Wait()
	}()

	if err := dispatcher.Resume(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	return b.serve(ctx, hard, cut, p)
}

// parts are what works side by side.
type parts struct {
	slack        *slackapi.Client
	self         slackevent.Identity
	listener     *intake.Intake
	receiver     *receive.Receiver
	dispatcher   *dispatch.Dispatcher
	interactions *interact.Interact
	reconciler   *ticket.Reconciler
}

// wait waits until nothing is under way any more. It is for when nothing new
// comes: what the listener took last may begin after everything else has ended.
func (p parts) wait() {
	p.interactions.Close()
	p.dispatcher.Wait()
	p.listener.Wait()
}

// maxBackOff is the longest wait before another attempt.
const maxBackOff = time.Minute

// serve runs the parts until ctx ends or a socket fails for good, and then stops
// them in the order of a question's way. It cuts hard off when the grace is over.
func (b *Bot) serve(ctx, hard context.Context, cut context.CancelCauseFunc, p parts) error {
	soft, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	history := backfill.New(backfill.Config{
		Slack: p.slack, Store: b.store, Self: p.self, Every: b.cfg.SweepEvery, Speed: b.cfg.SlackSpeed, Random: b.cfg.Random,
		Reopened: b.health.Reopened, Log: b.log,
	}, p.listener.Accept)
	history.Begin(ctx)

	var taking, working sync.WaitGroup
	// The sockets outlive the listener, so that it can acknowledge what it has at hand.
	online, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	taking.Go(func() { p.receiver.Run(soft); hangUp() })
	sockets := socketmode.New(socketmode.Config{
		Slack: p.slack, Sockets: b.cfg.Sockets, Dial: b.cfg.Dial, Speed: b.cfg.SlackSpeed, Random: b.cfg.Random,
		Metrics: b.metrics, Health: b.health, Log: b.log,
	}, p.receiver.Take)
	taking.Go(func() {
		if err := sockets.Run(online); err != nil {
			stop(err)
		}
	})
	working.Go(func() { p.dispatcher.Run(soft) })
	working.Go(func() { history.Run(soft) })
	working.Go(func() { p.reconciler.Run(soft, hard, b.webhook.Updated()) })
	working.Go(func() { probe(soft, b.store, probeStoreEvery, b.log) })
	working.Go(func() {
		forget(soft, b.store, max(seenFor, queue.CallsMatterFor(b.cfg.Limits, b.cfg.Jitter)), b.cfg.Retention, b.log)
	})

	taking.Wait()
	b.log.Info().Dur("grace", b.cfg.Grace).Msg("stopped taking, finishing what is under way")
	timer := time.AfterFunc(b.cfg.Grace, func() { cut(dispatch.ErrShutDown) })
	defer timer.Stop()
	working.Wait()
	p.wait()
	if fatal, ok := errors.AsType[*slackapi.SetupError](context.Cause(soft)); ok {
		return fatal
	}
	return nil
}

// introduce asks Slack who the bot is, until Slack answers.
// https://docs.slack.dev/reference/methods/auth.test
func (b *Bot) introduce(ctx context.Context, client *slackapi.Client) (slackevent.Identity, error) {
	backOff := backoff.Exponential(b.cfg.Random, time.Second, 30*time.Second)
	for attempt := 1; ; attempt++ {
		self, err := client.AuthTest(ctx)
		if err == nil {
			b.log.Info().Str("team_id", self.TeamID).Str("bot", self.UserID).Msg("slack knows the bot")
			return self, nil
		}
		failure := slackapi.Classify(err)
		if failure.Class == slackapi.Setup || failure.Class == slackapi.Rejected || slackapi.StatusCode(err) == http.StatusNotFound {
			return slackevent.Identity{}, &slackapi.SetupError{Err: err, Hint: cmp.Or(failure.Hint, "Slack does not take SLACK_BOT_TOKEN: is SLACK_API_URL right?")}
		}
		wait := max(failure.RetryAfter, backOff(attempt))
		b.log.Warn().Err(err).Dur("wait", wait).Msg("slack does not answer, trying again")
		if err := backoff.Sleep(ctx, wait); err != nil {
			return slackevent.Identity{}, fmt.Errorf("asking Slack who the bot is: %w", err)
		}
	}
}
