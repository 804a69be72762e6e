package enjo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Defaults of a [Config].
const (
	DefaultBaseURL = "https://api.enjo.ai"
	DefaultTimeout = 60 * time.Second
)

// Config configures a [Client].
type Config struct {
	// BaseURL is the address of the API; [DefaultBaseURL] if empty. It may have a
	// path. Plain http is allowed only for an API on the same machine, because it
	// exposes the token.
	BaseURL string
	// Token is the personal access token from Enjo's dashboard.
	Token string
	// Timeout limits one call, from the connection to the end of the reply;
	// [DefaultTimeout] if 0.
	Timeout time.Duration
	// Version is the program's version, for the User-Agent header; "dev" if empty.
	Version string
	// Dial opens connections instead of a [net.Dialer], for tests with their own
	// network. The same timeout applies to it.
	Dial func(ctx context.Context, network, address string) (net.Conn, error) `json:"-"`
	// Transport sends the requests. If nil, the client has its own, which uses the
	// proxies from the environment. A custom transport must send each request only
	// once. The client cannot observe how far its requests got, so that more
	// failures are OutcomeUnknown.
	Transport http.RoundTripper
}

// Client calls the Enjo API. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	token     atomic.Pointer[string]
	userAgent string
	transport http.RoundTripper
	handle    handler
}

// New returns a client, or an error that describes what is wrong with the
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
		return nil, fmt.Errorf("enjo: version: %q is not valid in a header", c.Version)
	}
	if c.Transport == nil {
		c.Transport = newTransport(c.Dial)
	}
	client := &Client{
		base:      base,
		userAgent: "enjobridge/" + c.Version,
		transport: c.Transport,
		handle:    assemble(c.Transport, c.Timeout),
	}
	client.token.Store(&c.Token)
	return client, nil
}

// SetToken changes the token of the calls that begin from now on. If the token is invalid,
// it returns an error and changes nothing.
func (c *Client) SetToken(token string) error {
	if err := CheckToken(token); err != nil {
		return fmt.Errorf("enjo: token: %w", err)
	}
	c.token.Store(&token)
	return nil
}

// Ask sends m to the agent with this bot ID and returns its reply.
//
// It makes one call and never repeats it. Its error is an [*Error], whose Code
// says whether it is safe to ask again. If ctx ends before the reply arrives,
// the error wraps the context's error instead, and the agent may have received
// the question.
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

// Close closes idle connections. It does not interrupt calls in progress.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// parseBaseURL returns the URL without a trailing slash.
func parseBaseURL(s string) (*url.URL, error) {
	if s == "" {
		s = DefaultBaseURL
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("it is not a URL") // err could contain a password
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("it does not start with https://")
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	case u.User != nil:
		return nil, errors.New("it holds a user name, which the API does not use; pass the token separately")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it has a query or a fragment after the path")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("plain http to %s would expose the token; use https", u.Hostname())
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// CheckBaseURL returns what is wrong with the BaseURL of a [Config], or nil.
func CheckBaseURL(s string) error {
	_, err := parseBaseURL(s)
	return err
}

// CheckToken detects tokens that were copied incorrectly. Its errors do not
// contain the token.
func CheckToken(token string) error {
	switch {
	case token == "":
		return errors.New("it is missing; make one in the Enjo dashboard, under Personal Access Token")
	case strings.HasPrefix(strings.ToLower(token), "bearer "):
		return errors.New(`it is given without "Bearer"`)
	case strings.ContainsAny(token, "\"'`\\"):
		return errors.New("it contains quotes or backslashes; copy it exactly as the dashboard shows it")
	case !isVisible(token):
		return errors.New("it contains spaces, line breaks or letters that are not ASCII; copy it again")
	}
	return nil
}

// isVisible reports whether s consists of visible ASCII characters.
func isVisible(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
