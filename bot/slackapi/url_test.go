package slackapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/telemetry"
)

var testMessage = blocks.Notice(blocks.NoticeView{Text: "hello"})

// foreignURLs are URLs that do not lead to Slack over TLS, if its API is at
// https://slack.com/api/.
var foreignURLs = []string{
	"https://evil.example/hook", "http://hooks.slack.com/commands/1", "https://hooks.slack.com.evil.example/", "https://hooks.slack.com@evil.example/",
	"https://evilslack.com/", "https://evil.example/slack.com", "http://slack.com/x", "ws://wss.slack.com/link", "ftp://files.slack.com/",
	"file:///etc/passwd", "//", "::", "",
}

// Ensure that URLs in Slack's responses that do not lead to Slack are not called.
func TestForeignURLs(t *testing.T) {
	for _, address := range foreignURLs {
		encoded, err := json.Marshal(address)
		if err != nil {
			t.Fatal(err)
		}
		for name, call := range map[string]func(c *Client) error{
			"response": func(c *Client) error { return c.Respond(t.Context(), address, testMessage) },
			"upload": func(c *Client) error {
				return c.upload(t.Context(), testThread, "a.md", blocks.File{Content: "secret"})
			},
			"socket": func(c *Client) error {
				_, err := c.OpenConnection(t.Context())
				return err
			},
		} {
			transport := &bodies{body: `{"ok":true,"url":` + string(encoded) + `,"upload_url":` + string(encoded) + `}`}
			calls := 0
			c := New(Config{
				URL: "https://slack.com/api/", Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
				Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					calls++
					if r.URL.Host != "slack.com" {
						t.Errorf("%s: %s is called", name, r.URL)
					}
					return transport.RoundTrip(r)
				}),
			})
			if err := call(c); !errors.Is(err, errForeignURL) || calls > 1 {
				t.Errorf("%s %q: error %v after %d calls", name, address, err, calls)
			}
		}
	}
}

// roundTrip is a function as a transport.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Ensure that URLs of Slack and of the API's host are trusted.
func TestTrusted(t *testing.T) {
	for api, addresses := range map[string][]string{
		"https://slack.com/api/": {
			"https://hooks.slack.com/commands/1", "https://files.slack.com/upload/v1/x", "wss://wss-primary.slack.com/link/?ticket=1", "https://slack.com/x",
			"wss://wss.slack-gov.com/",
		},
		"https://proxy.example/slack/api/": {"https://proxy.example/upload", "wss://proxy.example/link", "https://files.slack.com/"},
		"http://127.0.0.1:8080/api/":       {"http://127.0.0.1:8080/upload/F1", "ws://127.0.0.1:8080/link", "wss://127.0.0.1:8080/link"},
	} {
		c := &Client{core: &core{cfg: Config{URL: api}}}
		for _, address := range addresses {
			if err := c.trusted(address); err != nil {
				t.Errorf("API %s: %s: %v", api, address, err)
			}
		}
	}
	c := &Client{core: &core{cfg: Config{URL: "http://127.0.0.1:8080/api/"}}}
	for _, address := range []string{"http://127.0.0.1:8081/", "http://127.0.0.1/", "ws://slack.com/"} {
		if c.trusted(address) == nil {
			t.Errorf("%s is trusted", address)
		}
	}
}
