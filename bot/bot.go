package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// Config is what a [Bot] needs to know. Fields without a default are required.
type Config struct {
	// SlackAPIURL ends in a slash, such as https://slack.com/api/.
	SlackAPIURL   string
	SlackAppToken string // xapp-…
	SlackBotToken string // xoxb-…
	// Sockets is how many Socket Mode connections are held open; 2 by default.
	Sockets int
	// SlackSpeed is how many times faster than Slack the workspace lets the bot
	// post; 1 by default. Only a workspace in a test is faster.
	SlackSpeed float64
	// AgentView says that the app has Slack's Agents feature.
	AgentView bool

	// Agents are the Enjo agents; the first one is the default.
	Agents []Agent
	// Routes names the agent of a channel, by the channel's ID.
	Routes map[string]string

	AllowExternal   bool     // serve people of other organisations
	AllowedChannels []string // IDs; empty allows all
	AllowedUsers    []string // IDs; empty allows all
	AllowedBots     []string // bot IDs or their user IDs; empty allows none

	// Limits are the agent's call limits.
	Limits []enjo.Limit
	// Jitter is how much later one call may arrive than another, at most.
	Jitter time.Duration

	// MaxWaiting and MaxWaitingPerUser bound the questions in line, in all and of
	// one person; 0 is no bound.
	MaxWaiting, MaxWaitingPerUser int
	// ChannelDailyLimit bounds the questions of a channel in a day, UTC; 0 is no bound.
	ChannelDailyLimit int

	// NoTicketButton leaves "Create ticket" out below answers.
	NoTicketButton bool
	// TicketPrompt is what "Create ticket" asks the agent.
	TicketPrompt string
	// TicketStatusPrompt is what "Check status" asks the agent; {id} is the ticket's ID.
	TicketStatusPrompt string
	// EscalateTo are the IDs of the users and user groups that "Talk to a person"
	// calls; without any there is no such button.
	EscalateTo []string
	// TicketWebhookSecret is what a ticketing system bears to tell news of its
	// tickets; without it none are taken.
	TicketWebhookSecret string

	// StaleAfter is the age from which on a question that comes late is answered
	// only when its asker says that it is still needed; 15 min by default.
	StaleAfter time.Duration
	// SweepEvery is how often history is read for what Slack did not tell; 1 h by default.
	SweepEvery time.Duration
	// ProbeEvery is how often an agent that is down is tried; 30 s by default.
	ProbeEvery time.Duration
	// Retention is how long idle threads, tickets and ended questions are
	// remembered; 30 days by default.
	Retention time.Duration
	// Grace is how long what is under way may go on once the bot is stopped; 20 s by default.
	Grace time.Duration
}

// Agent is an Enjo agent under the name that people call it by.
type Agent struct {
	Name  string
	BotID string
}

// agents are the configured agents.
type agents struct {
	list   []Agent
	routes map[string]string
}

// ofChannel returns the name of a channel's agent.
func (a agents) ofChannel(channel string) string {
	if name, ok := a.routes[channel]; ok {
		return name
	}
	return a.list[0].Name
}

// botID returns the bot ID of an agent; false if there is none of the name.
func (a agents) botID(name string) (string, bool) {
	for _, agent := range a.list {
		if agent.Name == name {
			return agent.BotID, true
		}
	}
	return "", false
}

// shownName is the agent's name for people; empty if there is only one.
func (a agents) shownName(name string) string {
	if len(a.list) == 1 {
		return ""
	}
	return name
}

// Bot is the bridge between one Slack workspace and Enjo's agents.
type Bot struct {
	cfg     Config
	store   storage.Store
	agent   *meteredAgent
	metrics *metrics
	health  *health
	news    *ticketNews // nil if none are taken
	scopes  scopeWatch
	log     zerolog.Logger
}

// New returns a bot that is not connected to anything yet. The store and the
// agent's client stay the caller's, to be closed after [Bot.Run] has returned.
func New(cfg Config, store storage.Store, agent *enjo.Client, log zerolog.Logger) (*Bot, error) {
	if len(cfg.Agents) == 0 {
		return nil, errors.New("there is no agent: set ENJO_BOT_ID")
	}
	known := agents{list: cfg.Agents}
	for channel, name := range cfg.Routes {
		if _, ok := known.botID(name); !ok {
			return nil, fmt.Errorf("the route of channel %s leads to the agent %q, which is not configured", channel, name)
		}
	}
	if cfg.Sockets <= 0 {
		cfg.Sockets = 2
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
	figures, state := newMetrics(store), newHealth(cfg.Sockets, time.Now)
	store = &meteredStore{store, figures, state}
	return &Bot{cfg: cfg, store: store, agent: &meteredAgent{agent, figures}, metrics: figures, health: state, log: log, news: newTicketNews(cfg.TicketWebhookSecret, store, log)}, nil
}

// Run serves the workspace until ctx ends, and then until what is under way is
// done, for at most the grace. It returns nil after that, and an error if Slack
// refuses the app in a way that only a person can cure.
func (b *Bot) Run(ctx context.Context) error {
	connections := newConnections()
	defer connections.CloseIdleConnections()
	api := b.slackClient(connections)
	self, err := b.introduce(ctx, api)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	hard, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)

	indicators := b.newIndicators(api)
	defer indicators.close()
	backOff := exponential(time.Second, mostBackOff)
	post := newPoster(api, time.Duration(float64(time.Second)/b.cfg.SlackSpeed), backOff)
	worker := b.newWorker(api, self, post, indicators, backOff)
	teller := newTeller(api, post, b.log)
	defer func() {
		cut(errShutDown)
		worker.deliver.ending.Wait()
		teller.running.Wait()
	}()
	desk := b.newDesk(hard, self, worker)
	listener := newListener(b.store, b.policy(self), b.metrics, b.log)
	defer b.news.shownBy(desk)()
	listener.interact = desk.keep
	listener.asked = func(q storage.Question) { worker.enter(hard, q) }
	listener.tell = func(m message, v verdict, done func(bool)) { teller.tell(hard, m, v, done) }
	listener.load = worker.load
	listener.stopped = func(questions []storage.Question) { worker.stop(hard, questions) }
	listener.orphaned = func(q storage.Question) { worker.orphaned(hard, q) }
	listener.edited = func(q storage.Question) { worker.edit(hard, q) }
	listener.offerAgain = func(q storage.Question) { teller.offerAgain(hard, q) }

	if err := errors.Join(worker.resume(ctx, hard), desk.catchUpOnNews(ctx)); err != nil && ctx.Err() == nil {
		return err
	}
	return b.serve(ctx, hard, cut, parts{api, listener, worker, desk.errands, teller})
}

// parts are what works side by side.
type parts struct {
	api      *slack.Client
	listener *listener
	worker   *worker
	errands  *errands
	teller   *teller
}

// mostBackOff is the longest wait before something is tried again.
const mostBackOff = time.Minute

// serve runs the parts until ctx ends or a socket fails for good, and then stops
// them in the order of a question's way. It cuts hard off when the grace is over.
func (b *Bot) serve(ctx, hard context.Context, cut context.CancelCauseFunc, p parts) error {
	soft, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	var taking, working sync.WaitGroup
	// The sockets outlive the listener, so that it can acknowledge what it has at hand.
	online, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	taking.Go(func() { p.listener.run(soft); hangUp() })
	shared := b.newSockets(p.api, b.cfg.Sockets, p.listener.take)
	for n := range b.cfg.Sockets {
		taking.Go(func() {
			if err := shared.socket(n, b.cfg.Sockets).run(online); err != nil {
				stop(err)
			}
		})
	}
	working.Go(func() { p.worker.run(soft, hard) })
	working.Go(func() { b.newSweeper(p.api, p.listener, p.worker).run(soft) })
	working.Go(func() { p.worker.rejoin(soft, hard, b.health.recovered, b.log) })
	working.Go(func() { probe(soft, b.store, probeStoreEvery, b.log) })
	working.Go(func() { forget(soft, b.store, b.cfg.Retention, b.log) })

	taking.Wait()
	b.log.Info().Dur("grace", b.cfg.Grace).Msg("stopped taking, finishing what is under way")
	timer := time.AfterFunc(b.cfg.Grace, func() { cut(errShutDown) })
	defer timer.Stop()
	working.Go(p.errands.close)
	working.Wait()
	p.teller.running.Wait()
	if fatal, ok := errors.AsType[*SetupError](context.Cause(soft)); ok {
		return fatal
	}
	return nil
}

// introduce asks Slack who the bot is, until Slack answers.
// https://docs.slack.dev/reference/methods/auth.test
func (b *Bot) introduce(ctx context.Context, api *slack.Client) (identity, error) {
	backOff := exponential(time.Second, 30*time.Second)
	for attempt := 1; ; attempt++ {
		answer, err := api.AuthTestContext(ctx)
		if err == nil {
			b.log.Info().Str("team", answer.Team).Str("team_id", answer.TeamID).Str("bot", answer.User).Msg("slack knows the bot")
			return identity{TeamID: answer.TeamID, EnterpriseID: answer.EnterpriseID, UserID: answer.UserID, BotID: answer.BotID}, nil
		}
		what, wait, cure := troubleOf(err)
		if what == troubleSetup || what == troubleRefused {
			return identity{}, &SetupError{err, firstOf(cure, "Slack does not take SLACK_BOT_TOKEN: is SLACK_API_URL right?")}
		}
		wait = max(wait, backOff(attempt))
		b.log.Warn().Err(err).Dur("wait", wait).Msg("slack does not answer, trying again")
		if err := sleep(ctx, wait); err != nil {
			return identity{}, fmt.Errorf("asking Slack who the bot is: %w", err)
		}
	}
}

// policy is who may ask, and where.
func (b *Bot) policy(self identity) policy {
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
func (b *Bot) newWorker(api *slack.Client, self identity, post *poster, signs *indicators, backOff func(int) time.Duration) *worker {
	known := agents{list: b.cfg.Agents, routes: b.cfg.Routes}
	return &worker{
		store:  b.store,
		agent:  b.agent,
		agents: known,
		slots:  newSlots(b.store, b.cfg.Limits, b.cfg.Jitter),
		scribe: &scribe{api: api, directory: newDirectory(api, self), self: self, allowExternal: b.cfg.AllowExternal},
		deliver: &deliverer{
			api: api, post: post, store: b.store, indicators: signs, agentName: known.shownName, backOff: backOff,
			cards:       newCards(b.store, post, backOff),
			offerTicket: !b.cfg.NoTicketButton, offerPerson: len(b.cfg.EscalateTo) > 0,
		},
		indicators: signs,
		log:        b.log,
		backOff:    backOff,
		line:       newLine(),
		breakers:   newBreakers(b.cfg.ProbeEvery),
		stops:      make(map[storage.MessageID]context.CancelCauseFunc),
		texts:      make(map[storage.MessageID]string),
		wake:       make(chan struct{}, 1),
		preparing:  make(chan struct{}, maxPreparing),
		atWork:     make(chan struct{}, maxAtWork),
	}
}

// newIndicators paces the signs as Slack does: 600 statuses, and 50 changes of
// sessions, a minute. https://docs.slack.dev/apis/web-api/rate-limits/
func (b *Bot) newIndicators(api *slack.Client) *indicators {
	statuses := rate.NewLimiter(rate.Limit(10*b.cfg.SlackSpeed), 20)
	if !b.cfg.AgentView {
		return newIndicators(api, statuses, nil, b.log)
	}
	return newIndicators(api, statuses, rate.NewLimiter(rate.Limit(40*b.cfg.SlackSpeed/60), 10), b.log)
}

// newDesk wires the desk, whose errands end with hard, with what the worker works with.
func (b *Bot) newDesk(hard context.Context, self identity, w *worker) *desk {
	return &desk{
		cfg: b.cfg, self: self, policy: b.policy(self), api: w.deliver.api, store: b.store, post: w.deliver.post,
		deliver: w.deliver, scribe: w.scribe, errands: newErrands(hard, b.log), turns: newTurns(), metrics: b.metrics, log: b.log,
		asked:  func(q storage.Question) { w.enter(hard, q) },
		report: w.report,
		load:   w.load,
	}
}

// newSweeper reads history at less than Slack's 50 calls a minute of a method.
func (b *Bot) newSweeper(api *slack.Client, l *listener, w *worker) *sweeper {
	directory := w.scribe.directory
	return &sweeper{
		api: api, store: b.store, self: l.policy.self, take: l.takeFound,
		home: func(ctx context.Context, user string) string {
			if p, ok := directory.person(ctx, user); ok && !p.stranger {
				return l.policy.self.TeamID
			}
			return ""
		},
		pace:    rate.NewLimiter(rate.Limit(40*b.cfg.SlackSpeed/60), 5),
		every:   b.cfg.SweepEvery,
		backOff: exponential(5*time.Second, 5*time.Minute),
		opened:  b.health.reopened,
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
			Transport: &slackTransport{next: connections, metrics: b.metrics},
		}),
	)
}
