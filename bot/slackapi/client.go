// Package slackapi is the client of Slack's Web API: it paces and retries calls,
// posts each message exactly once, and decodes history leniently. It does not know
// what is posted, or why.
package slackapi

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

const (
	// callTimeout bounds one call.
	callTimeout = 30 * time.Second
	// maxBackOff is the longest wait before another attempt.
	maxBackOff = time.Minute
	// idleConnections is how many connections stay open for the next calls. With
	// Go's default of two, each burst of calls begins with many handshakes.
	idleConnections = 32
)

// Config configures a [Client]. A command outside the bot needs only the URL and a token.
type Config struct {
	// URL ends in a slash, such as https://slack.com/api/.
	URL      string
	BotToken string // xoxb-…
	AppToken string // xapp-…
	// Tokens are used in place of BotToken and AppToken; nil for those.
	Tokens Tokens
	// AgentView says that the app has Slack's Agents feature.
	AgentView bool
	// Speed is how many times faster than Slack the workspace is; 0 means 1.
	Speed float64
	// Dial opens connections in place of a [net.Dialer]; nil for that.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Transport makes the calls in place of the client's own; nil for that.
	Transport http.RoundTripper
	// Random returns a random number that is at least 0 and less than n; nil for [rand.Int64N].
	Random func(n int64) int64
	// Clock is set by Slack's responses; nil for a new one.
	Clock *Clock
	// Metrics counts the calls; nil for a registry that nobody reads.
	Metrics *telemetry.Registry
	// Health is given the missing scopes; nil for one that nobody reads.
	Health *telemetry.Health
	Log    zerolog.Logger
}

// Client calls Slack's Web API. It is safe for concurrent use.
type Client struct {
	*Reader
	*core
	// guard must agree right before a request is sent; nil for a client without one. See
	// [Client.Guarded].
	guard       func() error
	lateCounter *prometheus.CounterVec // outcome; nil without a guard
}

// core is what a client shares with its guarded ones.
type core struct {
	free      *Client // the client without a guard
	http      *http.Client
	cfg       Config
	backOff   backoff.Func
	pacer     *pacer
	repeating chan struct{} // holds a token for each call in turn that is repeated
	scopes    grantedScopes
	log       zerolog.Logger

	users    cache[slackevent.User]
	lookUps  *lookUps // of users
	panics   *supervise.Supervisor
	channels cache[slackevent.Conversation]
	links    cache[string] // by channel and timestamp
	// self is the bot, once AuthTest has returned. Its workspaces can change.
	self atomic.Pointer[slackevent.Identity]
	late *latePosts
}

// New returns a client. Close it after use.
func New(cfg Config) *Client {
	if cfg.Speed <= 0 {
		cfg.Speed = 1
	}
	if cfg.Clock == nil {
		cfg.Clock = NewClock()
	}
	if cfg.Random == nil {
		cfg.Random = rand.Int64N
	}
	if cfg.Metrics == nil {
		cfg.Metrics = telemetry.NewRegistry()
	}
	if cfg.Health == nil {
		cfg.Health = telemetry.NewHealth(0, time.Now)
	}
	if cfg.Tokens == nil {
		cfg.Tokens = fixedTokens{storage.BotToken: cfg.BotToken, storage.AppToken: cfg.AppToken}
	}
	transport := cfg.Transport
	if transport == nil {
		connections := http.DefaultTransport.(*http.Transport).Clone()
		connections.MaxIdleConnsPerHost = idleConnections
		if cfg.Dial != nil {
			connections.DialContext = cfg.Dial
		}
		transport = connections
	}
	c := &Client{core: &core{
		cfg: cfg, late: newLatePosts(), log: cfg.Log, lookUps: newLookUps(), panics: supervise.New(cfg.Metrics, cfg.Log),
		backOff:   backoff.Exponential(cfg.Random, time.Second, maxBackOff),
		pacer:     newPacer(time.Duration(float64(time.Second) / cfg.Speed)),
		repeating: make(chan struct{}, maxInTurn),
		http: &http.Client{
			Timeout: callTimeout, Transport: newCountingTransport(transport, cfg.Metrics),
			// A redirect would send the token, and what people wrote, to another host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}}
	c.free = c
	c.Reader = &Reader{client: c}
	return c
}

// Close ends the look-ups of users, waits a while for late posts, and closes the idle
// connections.
func (c *Client) Close() {
	c.lookUps.close()
	c.late.close()
	c.http.CloseIdleConnections()
}

// Now returns the time of Slack's clock, which message timestamps come from.
func (c *Client) Now() time.Time { return c.cfg.Clock.Now() }

// AuthTest returns the bot's identity, with the workspaces of an organisation in which the
// app is installed. From then on the client recognises the bot's posts.
// https://docs.slack.dev/reference/methods/auth.test
func (c *Client) AuthTest(ctx context.Context) (slackevent.Identity, error) {
	self, _, err := c.authTest(ctx)
	return self, err
}

// authTest is [Client.AuthTest], with Slack's response.
func (c *Client) authTest(ctx context.Context) (slackevent.Identity, slackevent.Object, error) {
	found, err := c.call(ctx, "auth.test", nil)
	if err != nil {
		return slackevent.Identity{}, nil, err
	}
	self, err := slackevent.DecodeIdentity(found)
	if err != nil {
		return slackevent.Identity{}, nil, err
	}
	if self.OrgWide {
		if self.Workspaces, err = c.workspaces(ctx); err != nil {
			return slackevent.Identity{}, nil, err
		}
	}
	c.self.Store(&self)
	return self, found, nil
}

// OpenConnection returns the URL of a new Socket Mode connection. The URL is a secret.
// https://docs.slack.dev/reference/methods/apps.connections.open
func (c *Client) OpenConnection(ctx context.Context) (url string, err error) {
	found, err := c.call(ctx, openMethod, nil)
	if err != nil {
		return "", err
	}
	url = found.Text("url")
	return url, c.trusted(url)
}
