package enjo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What a [Config] that does not say otherwise means.
const (
	DefaultBaseURL = "https://api.enjo.ai"
	DefaultTimeout = 60 * time.Second
)

// Config is what a [Client] needs to know.
type Config struct {
	// BaseURL is where the API is; [DefaultBaseURL] if empty. It may have a path.
	// Plain http is for an API on the same machine only, as it bares the token.
	BaseURL string
	// Token is the personal access token, made in Enjo's dashboard.
	Token string
	// Timeout bounds one call, from the connection to the end of the reply;
	// [DefaultTimeout] if 0.
	Timeout time.Duration
	// Version is the program's, for the User-Agent header; "dev" if empty.
	Version string
	// Dial opens connections in place of a [net.Dialer], for tests that have a
	// network of their own. It is bounded by the same time.
	Dial func(ctx context.Context, network, address string) (net.Conn, error) `json:"-"`
	// Transport sends the requests; if nil the client has its own, which obeys
	// the environment's proxies. Another one must send each request once only, and
	// less is known of what it sent when it fails: more errors are OutcomeUnknown.
	Transport http.RoundTripper
}

// Client calls the Enjo API. It is safe for use by many goroutines at once.
type Client struct {
	base      *url.URL
	token     string
	userAgent string
	transport http.RoundTripper
	handle    handler
}

// New returns a client, or an error that says what is wrong with the
// configuration. It does not call the API.
func New(c Config) (*Client, error) {
	base, err := parseBaseURL(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("enjo: base URL: %w", err)
	}
	if err := CheckToken(c.Token); err != nil {
		return nil, fmt.Errorf("enjo: token: %w", err)
	}
	if c.Timeout < 0 {
		return nil, fmt.Errorf("enjo: timeout: %v is negative", c.Timeout)
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if !isVisible(c.Version) {
		return nil, fmt.Errorf("enjo: version: %q cannot stand in a header", c.Version)
	}
	if c.Transport == nil {
		c.Transport = newTransport(c.Dial)
	}
	return &Client{
		base:      base,
		token:     c.Token,
		userAgent: "enjobridge/" + c.Version,
		transport: c.Transport,
		handle:    assemble(c.Transport, c.Timeout, c.Token),
	}, nil
}

// Ask puts m to the agent with this bot ID and returns its reply.
//
// It makes one call and never repeats it. Its error is an [*Error], whose Code
// tells whether asking again is safe; only if ctx ended before the reply came,
// it wraps the context's error instead, and the agent may have been asked.
//
// See https://docs.enjo.ai/enjo-api.
func (c *Client) Ask(ctx context.Context, botID string, m Message) (Reply, error) {
	req, err := c.newRequest(ctx, botID, m)
	if err != nil {
		return Reply{}, err
	}
	resp, err := c.handle(req)
	if err != nil {
		return Reply{}, err
	}
	return resp.reply, nil
}

// Close closes the connections that are kept for later calls. Calls under way
// are not cut off.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// parseBaseURL returns the URL without a slash at its end.
func parseBaseURL(s string) (*url.URL, error) {
	if s == "" {
		s = DefaultBaseURL
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("it is not a URL") // err could repeat a password
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("it does not start with https://")
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	case u.User != nil:
		return nil, errors.New("it holds a user name, which the API does not know; the token is given on its own")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it goes on after the path")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("plain http to %s would bare the token; use https", u.Hostname())
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// CheckBaseURL returns what is wrong with a [Config]'s BaseURL, nil if nothing is.
func CheckBaseURL(s string) error {
	_, err := parseBaseURL(s)
	return err
}

// CheckToken finds what goes wrong when a token is copied; nil if nothing did. Its
// errors do not hold the token.
func CheckToken(token string) error {
	switch {
	case token == "":
		return errors.New("it is missing; make one in the Enjo dashboard, under Personal Access Token")
	case strings.HasPrefix(strings.ToLower(token), "bearer "):
		return errors.New(`it is given without "Bearer"`)
	case strings.ContainsAny(token, "\"'`\\"):
		return errors.New("it holds quotes or backslashes; give it as the dashboard shows it")
	case !isVisible(token):
		return errors.New("it holds spaces, line breaks or letters that are not ASCII; copy it again")
	}
	return nil
}

// isVisible reports whether s is made of visible ASCII characters only.
func isVisible(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
