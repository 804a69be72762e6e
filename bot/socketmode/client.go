// Package socketmode keeps Socket Mode connections open without gaps, and hands on
// what they bring. It does not know what the payload of an envelope means.
package socketmode

import (
	"cmp"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack/socketmode"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/telemetry"
)

// The times of connections at Slack's speed.
const (
	// openEvery is the time from one call of apps.connections.open to the next, of
	// all sockets together: a Slack that says hello and hangs up would be asked for a
	// new connection thousands of times a second.
	openEvery = time.Second
	// openMost is the longest wait before another attempt.
	openMost = time.Minute
	// youngAge is how old a connection must get for its end to be no failure.
	youngAge = time.Minute
	// linger is how long a connection that is replaced may still ack what it brought.
	linger = 2 * time.Second
	// forgetAge is how long Slack may count a connection that is gone.
	forgetAge = 3 * time.Minute
	// recountMost is the longest time until connections are counted again.
	recountMost = time.Hour
)

// replaceAfter is the part of its life after which a connection is replaced,
// before Slack does so.
const replaceAfter = 0.9

// Config configures a [Client].
type Config struct {
	Slack *slackapi.Client
	// Sockets is how many connections are held open.
	Sockets int
	// Dial opens connections in place of a [net.Dialer]; nil for that.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Speed is how many times faster than Slack the workspace is.
	Speed float64
	// Random returns a random number that is at least 0 and less than n.
	Random  func(n int64) int64
	Metrics *telemetry.Registry
	// Health is told how the sockets are.
	Health *telemetry.Health
	// Missed is called when a connection breaks, because envelopes may be lost with it.
	// It must not block.
	Missed func()
	Log    zerolog.Logger
}

// Client holds Socket Mode connections open.
// https://docs.slack.dev/apis/events-api/using-socket-mode
type Client struct {
	cfg     Config
	opening *rate.Limiter
	backOff backoff.Func
	silence time.Duration // see silenceTimeout
	metrics *metrics
	// take is given each envelope. It must not block.
	take func(Envelope)
	// places holds a token for each connection that is open or being opened: one
	// more than there are sockets, so that one can be replaced at a time.
	places      chan struct{}
	unaccounted unaccounted

	mu         sync.Mutex
	retryAfter time.Time // Slack accepts no call of apps.connections.open before
}

// New returns a client that is not connected yet. take is given each envelope, and
// must not block: Slack closes a connection that is not read.
func New(cfg Config, take func(Envelope)) *Client {
	c := &Client{cfg: cfg, take: take, silence: silenceTimeout, metrics: newMetrics(cfg.Metrics), places: make(chan struct{}, cfg.Sockets+1)}
	c.opening = rate.NewLimiter(rate.Every(c.scaled(openEvery)), 1)
	c.backOff = backoff.Exponential(cfg.Random, c.scaled(openEvery), c.scaled(openMost))
	c.unaccounted = unaccounted{after: c.scaled(forgetAge), most: c.scaled(recountMost)}
	return c
}

// Run holds the connections open until ctx ends; nil then. It returns a
// [slackapi.SetupError] if Slack refuses the app in a way that only a person can fix.
func (c *Client) Run(ctx context.Context) error {
	sockets, ctx := errgroup.WithContext(ctx)
	for n := range c.cfg.Sockets {
		sockets.Go(func() error { return c.socket(n).run(ctx) })
	}
	return sockets.Wait()
}

// scaled returns one of Slack's times at the workspace's speed.
func (c *Client) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.cfg.Speed)
}

// socket holds one connection open, and replaces it before it ends: the next one
// is open before the one before is closed, so that no event is lost in between.
type socket struct {
	*Client
	number int // from 0
	log    zerolog.Logger
	first  float64 // the part of its life after which the first connection is replaced
}

// socket returns the socket with a number. Their first connections are replaced at
// different ages, so that the replacements never meet.
func (c *Client) socket(number int) *socket {
	return &socket{
		Client: c, number: number, log: c.cfg.Log.With().Int("socket", number).Logger(),
		first: replaceAfter * float64(number+1) / float64(c.cfg.Sockets),
	}
}

// run holds the socket open until ctx ends; nil then. It returns an error only
// for what only a person can fix.
func (s *socket) run(ctx context.Context) error {
	var reading sync.WaitGroup
	defer reading.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var before *conn
	renewal := s.first
	for failures := 0; ; {
		conn, err := s.open(ctx, failures)
		if ctx.Err() != nil {
			if conn != nil {
				s.drop(conn)
			}
			return nil
		}
		if _, fatal := errors.AsType[*slackapi.SetupError](err); fatal {
			return err
		}
		if err != nil {
			failures++
			s.failed(err, failures)
			continue
		}
		opened := time.Now()
		reading.Go(func() { s.read(ctx, conn) })
		if old := before; old != nil {
			reading.Go(func() { s.retire(ctx, old) })
		}
		before = conn
		s.hold(ctx, conn, renewal)
		renewal = replaceAfter
		if failures++; time.Since(opened) >= s.scaled(youngAge) {
			failures = 0
		}
	}
}

// open opens a connection, once there is a place for it and its turn has come.
func (s *socket) open(ctx context.Context, failures int) (*conn, error) {
	if failures > 0 {
		if err := backoff.Sleep(ctx, s.backOff(failures)); err != nil {
			return nil, err
		}
	}
	select {
	case s.places <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	conn, err := s.call(ctx)
	if err != nil {
		<-s.places
	}
	return conn, err
}

// call asks Slack where to connect, and does.
// https://docs.slack.dev/reference/methods/apps.connections.open
func (s *socket) call(ctx context.Context) (*conn, error) {
	if err := s.waitForTurn(ctx); err != nil {
		return nil, err
	}
	url, err := s.cfg.Slack.OpenConnection(ctx)
	if failure := slackapi.Classify(err); failure.Class == slackapi.RateLimited {
		s.mu.Lock()
		s.retryAfter = time.Now().Add(failure.RetryAfter)
		s.mu.Unlock()
	}
	if err != nil {
		return nil, openError(err)
	}
	return connect(ctx, s.cfg.Dial, url, s.silence)
}

// waitForTurn waits until any socket may call apps.connections.open again.
func (c *Client) waitForTurn(ctx context.Context) error {
	for {
		if err := c.opening.Wait(ctx); err != nil {
			return err
		}
		c.mu.Lock()
		wait := time.Until(c.retryAfter)
		c.mu.Unlock()
		if wait <= 0 {
			return nil
		}
		if err := backoff.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// failed reports that a connection could not be opened.
func (s *socket) failed(err error, attempt int) {
	s.metrics.failures.Inc()
	s.cfg.Health.SocketFailed(s.number, err.Error())
	event := s.log.Warn()
	if refused, ok := errors.AsType[*disconnectError](err); ok {
		event = s.log.Error().Str("hint", disconnectHints[refused.reason])
	}
	event.Err(err).Int("attempt", attempt).Msg("socket could not be opened, trying again")
}

// hold returns when the connection needs a successor: when it has ended, when
// Slack says that it will, when it is old, or when connections are to be counted again.
func (s *socket) hold(ctx context.Context, conn *conn, renewal float64) {
	wait := time.Duration(float64(conn.life) * renewal)
	if conn.life <= 0 {
		wait = s.scaled(recountMost)
	}
	if again := s.countUnaccounted(conn); again > 0 {
		wait = min(wait, again)
	}
	timer := time.NewTimer(max(wait, s.scaled(youngAge)))
	defer timer.Stop()
	select {
	case <-conn.ended:
	case <-conn.leaving:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// read reads a connection until it ends, or ctx does and Slack has said goodbye.
func (s *socket) read(ctx context.Context, conn *conn) {
	stop := context.AfterFunc(ctx, func() { conn.bye(endStopped) })
	defer stop()
	s.cfg.Health.SocketOpened(s.number)
	s.metrics.opened.Inc()
	s.metrics.live.Set(float64(s.cfg.Health.LiveSockets()))
	s.log.Info().Int("connections", conn.counted).Dur("life", conn.life).Msg("socket is open")

	why := conn.read(func(r socketmode.Request) { s.receive(conn, r) })
	s.ended(why)
	<-s.places
}

// ended reports that a connection has ended.
func (s *socket) ended(why string) {
	switch why {
	case endSilent, endClosed, endCut, endAck:
		s.cfg.Missed()
	}
	hint := disconnectHints[why]
	s.cfg.Health.SocketEnded(s.number, cmp.Or(hint, why))
	s.metrics.live.Set(float64(s.cfg.Health.LiveSockets()))
	s.metrics.ended.WithLabelValues(telemetry.Label(why)).Inc()
	if hint != "" {
		s.log.Error().Str("why", why).Str("hint", hint).Msg("socket has ended")
		return
	}
	s.log.Info().Str("why", why).Msg("socket has ended")
}

// receive hands an envelope on.
func (s *socket) receive(conn *conn, r socketmode.Request) {
	kind := r.Type
	switch kind {
	case socketmode.RequestTypeEventsAPI, socketmode.RequestTypeInteractive, socketmode.RequestTypeSlashCommands:
	default:
		kind = "other"
		s.log.Warn().Str("envelope", r.EnvelopeID).Msg("socket brought an envelope that cannot be read, it is acknowledged and passed over")
	}
	s.metrics.envelopes.WithLabelValues(kind).Inc()
	s.take(Envelope{ID: r.EnvelopeID, Type: r.Type, Payload: r.Payload, Retry: r.RetryAttempt, Ack: func(payload any) error {
		return conn.ack(r.EnvelopeID, payload)
	}})
}

// retire lets a connection go that has a successor, after it could acknowledge
// what it brought.
func (s *socket) retire(ctx context.Context, conn *conn) {
	timer := time.NewTimer(s.scaled(linger))
	defer timer.Stop()
	select {
	case <-conn.ended:
		return
	case <-timer.C:
	case <-ctx.Done():
	}
	conn.bye(endRenewed)
}

// drop closes a connection that came too late to be used.
func (s *socket) drop(conn *conn) {
	_ = conn.ws.Close() // nobody reads it
	<-s.places
}

// countUnaccounted compares how many connections Slack counts with how many are
// held, and returns when to count again; 0 for not at all. Slack reports its count
// only when a connection is opened.
func (s *socket) countUnaccounted(conn *conn) time.Duration {
	// Those being opened count as held, so that none of ours counts as unaccounted.
	excess := conn.counted - len(s.places)
	again, certain := s.unaccounted.counted(excess, time.Now())
	s.metrics.unaccounted.Set(float64(certain))
	s.cfg.Health.SetUnaccounted(certain)
	if certain > 0 {
		s.log.Warn().Int("counted", conn.counted).Int("ghosts", certain).Str("hint", unaccountedHint).Msg("slack counts more connections than there are")
	}
	return again
}

const unaccountedHint = "each takes its share of the events: is another process using the same SLACK_APP_TOKEN? If not, make a new app-level token to be rid of them"
