package bot_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
)

// rotatingPlan is a house whose Slack tokens expire. The settings have the first ones.
func rotatingPlan(t *testing.T) plan {
	t.Helper()
	manifest, err := os.ReadFile("../manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	const off = "token_rotation_enabled: false"
	rotating := bytes.Replace(manifest, []byte(off), []byte("token_rotation_enabled: true\n  app_level_token_rotation_enabled: true"), 1)
	if bytes.Equal(rotating, manifest) {
		t.Fatalf("manifest.yml lacks %q", off)
	}
	return plan{slack: slacksandbox.Config{Manifest: rotating}}
}

// rotate creates a house whose Slack tokens expire, and starts the bot with the tokens of
// now, whatever they are later.
func rotate(t *testing.T, change ...func(*slacksandbox.Config)) *house {
	t.Helper()
	p := rotatingPlan(t)
	for _, c := range change {
		c(&p.slack)
	}
	h := foundation(t, p)
	h.configure(h.secrets())
	h.start()
	t.Cleanup(func() { h.wantNoSecrets() })
	return h
}

// secrets are the secrets that an operator finds on the app's page now.
func (h *house) secrets() bot.Secrets {
	return bot.Secrets{
		SlackAppToken: h.slack.AppToken(), SlackBotToken: h.slack.BotToken(), SlackClientID: h.slack.ClientID(), SlackClientSecret: h.slack.ClientSecret(),
		SlackAppRefreshToken: h.slack.AppRefreshToken(), SlackBotRefreshToken: h.slack.BotRefreshToken(),
	}
}

// configure makes the next bot have the secrets.
func (h *house) configure(s bot.Secrets) {
	h.config = func(c *bot.Config) {
		c.SlackAppToken, c.SlackBotToken, c.SlackClientID, c.SlackClientSecret = s.SlackAppToken, s.SlackBotToken, s.SlackClientID, s.SlackClientSecret
		c.SlackAppRefreshToken, c.SlackBotRefreshToken = s.SlackAppRefreshToken, s.SlackBotRefreshToken
	}
}

// wantNoSecrets fails the test if the log, the health or the metrics show a token, or the
// client secret.
func (h *house) wantNoSecrets() {
	h.t.Helper()
	_, health := h.serves("/readyz")
	_, metrics := h.serves("/metrics")
	shown := h.log.String() + health + metrics
	for _, secret := range h.slack.Secrets() {
		if strings.Contains(shown, secret) {
			h.t.Errorf("%.12s… is shown", secret)
		}
	}
}

// calls returns how many calls of a method ended with an error code; empty for those
// without.
func (h *house) calls(method, code string) (n int) {
	for _, call := range h.slack.Calls() {
		if call.Method == method && call.Error == code {
			n++
		}
	}
	return n
}

// asks fails the test unless a question is answered.
func (h *house) asks() {
	h.t.Helper()
	h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
}

// refused returns how many calls Slack refused because of the token.
func (h *house) refused() (n int) {
	for _, call := range h.slack.Calls() {
		switch call.Error {
		case "token_expired", "token_revoked", "invalid_auth":
			n++
		}
	}
	return n
}

// Ensure that the bot refreshes its tokens for days before they expire, across restarts with
// the same settings, so that Slack never refuses one.
func TestTokensAreRefreshed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := rotate(t)
		for range 6 {
			h.asks()
			time.Sleep(7 * time.Hour)
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
			h.start()
		}
		h.asks()
		if n := h.refused(); n > 0 {
			t.Errorf("%d calls were refused", n)
		}
		if n := h.calls("oauth.v2.access", ""); n < 10 || n > 14 {
			t.Errorf("%d refreshes in 42 hours", n)
		}
		if failed := h.calls("oauth.v2.access", "invalid_refresh_token"); failed > 0 {
			t.Errorf("%d refreshes failed", failed)
		}
	})
}

// Ensure that a bot that was stopped until its tokens expired refreshes them at its start.
func TestTokensExpireWhileStopped(t *testing.T) {
	for name, before := range map[string]time.Duration{"after a refresh": time.Hour, "before the first refresh": 0} {
		bubbles(t, name, func(t *testing.T) {
			h := foundation(t, rotatingPlan(t))
			h.configure(h.secrets())
			if before > 0 {
				h.start()
				time.Sleep(before)
				if err := h.stop(); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(48 * time.Hour)
			h.start()
			h.asks()
			h.wantNoSecrets()
		})
	}
}

// Ensure that tokens that stop working early are refreshed, that the calls are made again,
// and that open sockets stay.
func TestTokensExpireEarly(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := rotate(t)
		time.Sleep(time.Hour)
		opened := h.calls("apps.connections.open", "")
		h.slack.Faults().ExpireTokens()
		h.asks()
		if n := h.calls("apps.connections.open", ""); n != opened {
			t.Errorf("%d sockets were opened again", n-opened)
		}
		h.slack.Faults().CutSockets()
		h.asks()
		h.await("both sockets", func(v slacksandbox.View) bool { return v.Sockets() == 2 })
		if n := h.calls("oauth.v2.access", ""); n != 4 {
			t.Errorf("%d refreshes, want the first two and two more", n)
		}
	})
}

// Ensure that a lost response to a refresh does no harm within Slack's grace period, although
// the next refresh revokes the token that is in use.
func TestRefreshResponseIsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := rotate(t, func(c *slacksandbox.Config) { c.RefreshGrace = time.Minute })
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "oauth.v2.access", Times: 2}, slacksandbox.LoseResponse())
		time.Sleep(9 * time.Hour)
		if fault.Fired() != 2 {
			t.Fatalf("%d responses were lost", fault.Fired())
		}
		h.asks()
		h.isUp(true, true, "default", "")
	})
}

// Ensure that the bot works until its token expires although its refresh token is lost, that
// readiness tells the operator, and that new secrets save it without a restart.
func TestRefreshTokenIsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := rotate(t)
		h.slack.Faults().RevokeRefreshTokens()
		time.Sleep(11 * time.Hour)
		h.asks()
		status, health := h.serves("/readyz")
		for _, want := range []string{"the bot token cannot be refreshed, and expires at 2026-", "the app token cannot be refreshed", "reinstall the app for a new bot token"} {
			if status != http.StatusOK || !strings.Contains(health, want) {
				t.Errorf("readyz is %d %s, want %q", status, health, want)
			}
		}
		h.slack.ReissueTokens()
		h.bridge.SetSecrets(h.secrets())
		time.Sleep(24 * time.Hour)
		h.asks()
		if _, health := h.serves("/readyz"); strings.Contains(health, "token") {
			t.Errorf("readyz is still %s", health)
		}
	})
}

// Ensure that the bot ends with the fix when its token has expired and its refresh token is
// lost, and that its questions are answered once the settings have new tokens.
func TestTokensAreLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := rotate(t)
		h.enjo.Faults().Add(setupFaults["401"].fault) // a question waits
		ts := h.mention(h.alice, "How do I print?")
		h.await("the notice of the outage", h.shows(h.support, ts, "saved your question"))
		h.slack.Faults().RevokeRefreshTokens()
		time.Sleep(13 * time.Hour)
		err := h.wait()
		setup, ok := errors.AsType[*bot.SetupError](err)
		if !ok || !strings.Contains(setup.Hint, "SLACK_BOT_REFRESH_TOKEN") {
			t.Fatalf("the bot ended with %v", err)
		}
		for _, secret := range h.slack.Secrets() {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows %.12s…", secret)
			}
		}
		h.enjo.Faults().Clear()
		h.slack.ReissueTokens()
		h.configure(h.secrets())
		h.start()
		h.awaitAnswers(h.support, ts, 2)
	})
}

// Ensure that tokens that do not expire can be replaced while the bot runs.
func TestPermanentTokensAreReplaced(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		s := h.secrets()
		h.start()
		wrong := s
		wrong.SlackBotToken = "xoxb-wrong"
		h.bridge.SetSecrets(wrong)
		ts := h.mention(h.alice, "How do I print?")
		time.Sleep(time.Minute)
		h.bridge.SetSecrets(s)
		h.awaitAnswers(h.support, ts, 1)
	})
}
