// Package socketmode keeps Socket Mode connections open without gaps, and passes on
// their envelopes. It does not know what the payload of an envelope means.
package socketmode

import (
	"cmp"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
)

// The times of connections at Slack's speed.
const (
	// openEvery is the shortest time between two calls of apps.connections.open, of
	// all sockets together: if Slack closes each connection after its hello, there
	// would be thousands of calls a second.
	openEvery = time.Second
	// maxBackOff is the longest wait before another attempt.
	maxBackOff = time.Minute
	// minLife is how long a connection must last for its end to be no failure.
	minLife = time.Minute
	// linger is how long a replaced connection stays open to acknowledge its envelopes.
	linger = 2 * time.Second
	// forgetAfter is how long Slack may count a connection that has ended.
	forgetAfter = 3 * time.Minute
	// maxRefusals is how often in a row a socket tries again after Slack has refused the
	// app, and refusalWait the wait before: in an incident Slack refuses valid tokens for
	// a while. The first connection is not tried again: a wrong setting must be visible.
	maxRefusals = 5
	refusalWait = 12 * time.Second
	// maxRecount is the longest time until connections are counted again.
	maxRecount = time.Hour
)

// replaceAfter is the fraction of its life after which a connection is replaced,
// before Slack ends it.
const replaceAfter = 0.9

// Config configures a [Client].
type Config struct {
	Slack *slackapi.Client
	// App is the ID of the app that the bot token belongs to; empty if it is not known.
	App string
	// Sockets is how many connections are held open, unless SetSockets says that there are
	// fewer.
	Sockets int
	// Dial opens connections in place of a [net.Dialer]; nil for that.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Speed is how many times faster than Slack the workspace is.
	Speed float64
	// Random returns a random number that is at least 0 and less than n.
	Random  func(n int64) int64
	Metrics *telemetry.Registry
	// Health is given the state of the sockets.
	Health *telemetry.Health
	// Missed is called when a connection breaks, because envelopes may be lost with it.
	// It must not block.
	Missed func()
	Panics *supervise.Supervisor
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
	handle  func(Envelope)
	// held holds a token for each connection that is open or being opened: one more
	// than there are sockets, so that one can be replaced at a time.
	held        chan struct{}
	unaccounted unaccounted
	connected   atomic.Bool // once a connection was open

	mu         sync.Mutex
	retryAfter time.Time // Slack accepts no call of apps.connections.open before
	share      share
}

// New returns a client that is not connected yet. It calls handle for each envelope.
// handle must not block: Slack closes a connection that is not read.
func New(cfg Config, handle func(Envelope)) *Client {
	c := &Client{cfg: cfg, handle: handle, silence: silenceTimeout, metrics: newMetrics(cfg.Metrics), held: make(chan struct{}, cfg.Sockets+1)}
	c.opening = rate.NewLimiter(rate.Every(c.scaled(openEvery)), 1)
	c.backOff = backoff.Exponential(cfg.Random, c.scaled(openEvery), c.scaled(maxBackOff))
	c.share = share{own: cfg.Sockets, changed: make(chan struct{})}
	c.unaccounted = unaccounted{after: c.scaled(forgetAfter), most: c.scaled(maxRecount)}
	return c
}

// Run holds the connections open until ctx ends; nil then. It returns a
// [slackapi.SetupError] if Slack refuses the app for something only a person can fix:
// at once, or after about a minute if it was connected before.
func (c *Client) Run(ctx context.Context) error {
	sockets, ctx := errgroup.WithContext(ctx)
	for n := range c.cfg.Sockets {
		sockets.Go(func() (err error) {
			c.cfg.Panics.Loop(ctx, "keep a socket open", func() { err = c.keep(ctx, n) })
			return err
		})
	}
	return sockets.Wait()
}

// scaled returns one of Slack's times at the workspace's speed.
func (c *Client) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.cfg.Speed)
}

// socket holds one connection open, and replaces it before it ends. It opens the next
// one before it closes the previous one, so that there is no gap.
type socket struct {
	*Client
	number int // from 0
	log    zerolog.Logger
	first  float64 // the fraction of its life after which the first connection is replaced
}

// socket returns the socket with a number. Their first connections are replaced at
// different ages, so that they are not replaced at the same time.
func (c *Client) socket(number int) *socket {
	return &socket{
		Client: c, number: number, log: c.cfg.Log.With().Int("socket", number).Logger(),
		first: replaceAfter * float64(number+1) / float64(c.cfg.Sockets),
	}
}

// run holds the socket open until ctx ends; nil then. It returns only errors that
// only a person can fix.
func (s *socket) run(ctx context.Context) error {
	var reading sync.WaitGroup
	defer reading.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var previous *conn
	renewal := s.first
	for failures, refusals := 0, 0; ; {
		conn, err := s.open(ctx, failures, refusals)
		if ctx.Err() != nil {
			if conn != nil {
				s.drop(conn)
			}
			return nil
		}
		if _, refused := errors.AsType[*slackapi.SetupError](err); refused {
			if refusals++; refusals > maxRefusals || !s.connected.Load() {
				return err
			}
		}
		if err != nil {
			failures++
			s.failed(err, failures)
			continue
		}
		refusals = 0
		s.connected.Store(true)
		opened := time.Now()
		s.cfg.Panics.Go(&reading, "read a socket", func() { s.read(ctx, conn) })
		if old := previous; old != nil {
			s.cfg.Panics.Go(&reading, "retire a socket", func() { s.retire(ctx, old) })
		}
		previous = conn
		s.awaitReplacement(ctx, conn, renewal)
		renewal = replaceAfter
		if failures++; time.Since(opened) >= s.scaled(minLife) {
			failures = 0
		}
	}
}

// open opens a connection, after a wait if attempts have failed or were refused.
func (s *socket) open(ctx context.Context, failures, refusals int) (*conn, error) {
	wait := time.Duration(0)
	switch {
	case refusals > 0:
		wait = s.scaled(refusalWait)
	case failures > 0:
		wait = s.backOff(failures)
	}
	if err := backoff.Sleep(ctx, wait); err != nil {
		return nil, err
	}
	select {
	case s.held <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	opened := false
	defer func() {
		if !opened {
			<-s.held
		}
	}()
	conn, err := s.call(ctx)
	opened = err == nil
	return conn, err
}

// call gets the URL of a new connection from Slack, and connects to it.
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
	event, hint := s.log.Warn(), slackapi.Classify(err).Hint
	if refused, ok := errors.AsType[*disconnectError](err); ok {
		event, hint = s.log.Error(), disconnectHints[refused.reason]
	} else if refused, ok := errors.AsType[*slackapi.SetupError](err); ok {
		event, hint = s.log.Error(), refused.Hint
	}
	event.Err(err).Str("hint", hint).Int("attempt", attempt).Msg("socketmode: socket could not be opened, trying again")
}

// awaitReplacement returns when the connection must be replaced: when it has ended,
// when Slack announces its end, when it is old, or when Slack's count is needed again.
func (s *socket) awaitReplacement(ctx context.Context, conn *conn, renewal float64) {
	wait := time.Duration(float64(conn.life) * renewal)
	if conn.life <= 0 {
		wait = s.scaled(maxRecount)
	}
	if again := s.countUnaccounted(conn); again > 0 {
		wait = min(wait, again)
	}
	timer := time.NewTimer(max(wait, s.scaled(minLife)))
	defer timer.Stop()
	select {
	case <-conn.ended:
	case <-conn.leaving:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// read reads a connection until it ends; after the end of ctx it closes it.
func (s *socket) read(ctx context.Context, conn *conn) {
	stop := context.AfterFunc(ctx, func() { conn.close(endOf(ctx)) })
	defer stop()
	s.cfg.Health.SocketOpened(s.number)
	s.metrics.opened.Inc()
	s.metrics.live.Set(float64(s.cfg.Health.LiveSockets()))
	s.log.Info().Int("connections", conn.counted).Float64("life_seconds", conn.life.Seconds()).Msg("socketmode: socket is open")
	s.compareApp(conn)

	why := endPanicked
	defer func() {
		_ = conn.ws.Close() // it may be closed already
		s.ended(why)
		<-s.held
	}()
	why = conn.read(func(r request) { s.receive(conn, r) })
}

// ended reports that a connection has ended.
func (s *socket) ended(why string) {
	switch why {
	case endSilent, endClosed, endCut, endAck, endPanicked:
		s.cfg.Missed()
	}
	hint := disconnectHints[why]
	s.cfg.Health.SocketEnded(s.number, cmp.Or(hint, why))
	s.metrics.live.Set(float64(s.cfg.Health.LiveSockets()))
	s.metrics.ended.WithLabelValues(telemetry.Label(why)).Inc()
	if hint != "" {
		s.log.Error().Str("why", why).Str("hint", hint).Msg("socketmode: socket has ended")
		return
	}
	s.log.Info().Str("why", why).Msg("socketmode: socket has ended")
}

// receive passes on an envelope.
func (s *socket) receive(conn *conn, r request) {
	kind := r.Type
	switch kind {
	case "events_api", "interactive", "slash_commands":
	default:
		kind = "other"
		s.log.Warn().Str("envelope", r.EnvelopeID).Msg("socketmode: socket brought an envelope that cannot be read, acknowledging and skipping it")
	}
	s.metrics.envelopes.WithLabelValues(kind).Inc()
	s.handle(Envelope{ID: r.EnvelopeID, Type: r.Type, Payload: r.Payload, Retry: r.RetryAttempt, Ack: func(payload any) error {
		return conn.ack(r.EnvelopeID, payload)
	}})
}

// retire closes a connection that was replaced, once it had time to acknowledge its
// envelopes.
func (s *socket) retire(ctx context.Context, conn *conn) {
	timer := time.NewTimer(s.scaled(linger))
	defer timer.Stop()
	select {
	case <-conn.ended:
		return
	case <-timer.C:
	case <-ctx.Done():
	}
	conn.close(endRenewed)
}

// drop closes a connection that was opened after the end of ctx.
func (s *socket) drop(conn *conn) {
	_ = conn.ws.Close() // nobody reads it
	<-s.held
}
