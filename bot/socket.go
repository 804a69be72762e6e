package bot

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/telemetry"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack/socketmode"
)

// The times of the sockets at Slack's speed.
const (
	// openEvery is the time from one call of apps.connections.open to the next.
	openEvery = time.Second
	// openMost is the longest wait before another try.
	openMost = time.Minute
	// youngAge is how old a connection must get for its end to be no failure.
	youngAge = time.Minute
	// linger is how long a connection that is replaced may still acknowledge what it brought.
	linger = 2 * time.Second
	// ghostAge is how long Slack may count a connection that is gone.
	ghostAge = 3 * time.Minute
	// ghostMost is the longest time until ghosts are looked for again.
	ghostMost = time.Hour
)

// replaceAfter is the part of its life after which a connection is replaced,
// before Slack does so.
const replaceAfter = 0.9

// sockets are what the sockets of a bot have in common.
type sockets struct {
	slack   *slackapi.Client
	dial    dialFunc // nil for that of a net.Dialer
	gate    *gate
	backOff func(attempt int) time.Duration
	speed   float64       // how many times faster than Slack the workspace is
	silence time.Duration // see silenceWithin
	health  *telemetry.Health
	metrics *socketMetrics
	log     zerolog.Logger
	// take is given each envelope. It must not block.
	take func(envelope)

	// places holds a token for each connection that is open or being opened:
	// one more than there are sockets, so that one can be replaced at a time.
	places chan struct{}
	ghosts ghosts
}

// newSockets returns what n sockets have in common.
func (b *Bot) newSockets(client *slackapi.Client, n int, take func(envelope)) *sockets {
	s := &sockets{
		slack: client, dial: b.cfg.Dial, speed: b.cfg.SlackSpeed, silence: silenceWithin,
		health: b.health, metrics: newSocketMetrics(b.metrics), log: b.log, take: take,
		places: make(chan struct{}, n+1),
	}
	s.gate = &gate{every: s.scaled(openEvery)}
	s.backOff = backoff.Exponential(b.cfg.Random, s.scaled(openEvery), s.scaled(openMost))
	s.ghosts = ghosts{after: s.scaled(ghostAge), most: s.scaled(ghostMost)}
	return s
}

// scaled returns one of Slack's times at the workspace's speed.
func (s *sockets) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.speed)
}

// socket holds one connection open, and replaces it before it ends: the next
// one is open before the one before is let go, so that no event falls between.
type socket struct {
	*sockets
	number int // from 0
	log    zerolog.Logger
	first  float64 // the part of its life after which the first connection is replaced
}

// socket returns the socket with a number, of n. Their first connections are
// replaced at different ages, so that the replacements never meet.
func (s *sockets) socket(number, n int) *socket {
	return &socket{
		sockets: s, number: number, log: s.log.With().Int("socket", number).Logger(),
		first: replaceAfter * float64(number+1) / float64(n),
	}
}

// run holds the socket open until ctx ends; nil then. It returns an error only
// for what a person has to cure.
func (s *socket) run(ctx context.Context) error {
	var reading sync.WaitGroup
	defer reading.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var before *connection
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
func (s *socket) open(ctx context.Context, failures int) (*connection, error) {
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
func (s *socket) call(ctx context.Context) (*connection, error) {
	if err := s.gate.pass(ctx); err != nil {
		return nil, err
	}
	url, err := s.slack.OpenConnection(ctx)
	if failure := slackapi.Classify(err); failure.Class == slackapi.RateLimited {
		s.gate.shut(failure.RetryAfter)
	}
	if err != nil {
		return nil, socketFailure(err)
	}
	return connect(ctx, s.dial, url, s.silence)
}

// failed tells that a connection could not be opened.
func (s *socket) failed(err error, attempt int) {
	s.metrics.failures.Inc()
	s.health.SocketFailed(s.number, err.Error())
	event := s.log.Warn()
	if refused, ok := errors.AsType[*disconnectError](err); ok {
		event = s.log.Error().Str("hint", disconnectCures[refused.reason])
	}
	event.Err(err).Int("attempt", attempt).Msg("socket could not be opened, trying again")
}

// hold returns when the connection needs a successor: when it has ended, when
// Slack says that it will, when it is old, or when ghosts are to be looked for.
func (s *socket) hold(ctx context.Context, conn *connection, renewal float64) {
	wait := time.Duration(float64(conn.life) * renewal)
	if conn.life <= 0 {
		wait = s.scaled(ghostMost)
	}
	if again := s.lookForGhosts(conn); again > 0 {
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
func (s *socket) read(ctx context.Context, conn *connection) {
	stop := context.AfterFunc(ctx, func() { conn.bye(endStopped) })
	defer stop()
	s.health.SocketOpened(s.number)
	s.metrics.opened.Inc()
	s.metrics.live.Set(float64(s.health.LiveSockets()))
	s.log.Info().Int("connections", conn.counted).Dur("life", conn.life).Msg("socket is open")

	why := conn.read(func(r socketmode.Request) { s.receive(conn, r) })
	s.ended(why)
	<-s.places
}

// ended tells that a connection has ended.
func (s *socket) ended(why string) {
	cure := disconnectCures[why]
	s.health.SocketEnded(s.number, cmp.Or(cure, why))
	s.metrics.live.Set(float64(s.health.LiveSockets()))
	s.metrics.ended.WithLabelValues(telemetry.Label(why)).Inc()
	if cure != "" {
		s.log.Error().Str("why", why).Str("hint", cure).Msg("socket has ended")
		return
	}
	s.log.Info().Str("why", why).Msg("socket has ended")
}

// receive hands an envelope on.
func (s *socket) receive(conn *connection, r socketmode.Request) {
	kind := r.Type
	switch kind {
	case socketmode.RequestTypeEventsAPI, socketmode.RequestTypeInteractive, socketmode.RequestTypeSlashCommands:
	default:
		kind = "other"
		s.log.Warn().Str("envelope", r.EnvelopeID).Msg("socket brought an envelope that cannot be read, it is acknowledged and passed over")
	}
	s.metrics.envelopes.WithLabelValues(kind).Inc()
	s.take(envelope{id: r.EnvelopeID, kind: r.Type, payload: r.Payload, retry: r.RetryAttempt, ack: func(payload any) error {
		return conn.ack(r.EnvelopeID, payload)
	}})
}

// retire lets a connection go that has a successor, after it could acknowledge
// what it brought.
func (s *socket) retire(ctx context.Context, conn *connection) {
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
func (s *socket) drop(conn *connection) {
	_ = conn.ws.Close() // nobody reads it
	<-s.places
}

// lookForGhosts compares what Slack counts with what is held, and returns when
// to look again; 0 for not at all. Slack counts only when a connection is opened.
func (s *socket) lookForGhosts(conn *connection) time.Duration {
	// Those being opened count as held, so that none of ours is taken for a ghost.
	excess := conn.counted - len(s.places)
	again, certain := s.ghosts.counted(excess, time.Now())
	s.metrics.ghosts.Set(float64(certain))
	s.health.SetUnaccounted(certain)
	if certain > 0 {
		s.log.Warn().Int("counted", conn.counted).Int("ghosts", certain).Str("hint", ghostHint).Msg("slack counts more connections than there are")
	}
	return again
}

const ghostHint = "each takes its share of the events: is another process using the same SLACK_APP_TOKEN? If not, make a new app-level token to be rid of them"
