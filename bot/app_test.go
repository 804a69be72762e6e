package bot_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that tokens of two apps end the bot at its start, before it listens, and that the
// error names the fix.
func TestTokensOfTwoApps(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		second := h.slack.SecondApp()
		h.config = func(c *bot.Config) { c.SlackAppToken = second }
		err := h.runAlone()
		if _, ok := errors.AsType[*bot.SetupError](err); !ok {
			t.Fatalf("the bot ended with %v, want a SetupError", err)
		}
		for _, want := range []string{
			"SLACK_BOT_TOKEN belongs to the app " + h.slack.AppID(), "copy both tokens from the page of the same app, https://api.slack.com/apps/" + h.slack.AppID(),
		} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error %q lacks %q", err, want)
			}
		}
		if strings.Contains(err.Error(), second) {
			t.Errorf("the error has the token: %q", err)
		}
	})
}

// Ensure that the bot starts if Slack does not say which app its token belongs to.
func TestAppOfTokenIsUnknown(t *testing.T) {
	for name, effect := range map[string]slacksandbox.CallEffect{
		"a missing scope": slacksandbox.Fail("missing_scope"),
		"no answer":       slacksandbox.Hang(),
		"no app":          slacksandbox.Rewrite(func(body map[string]any) { delete(body, "bot") }),
	} {
		bubbles(t, name, func(t *testing.T) {
			h := foundation(t, plan{})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "bots.info"}, effect)
			h.start()
			h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
		})
	}
}

// Ensure that the admin socket tells the bot's health, whether it is ready or not.
func TestAdminHealth(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		for _, ready := range []bool{true, false} {
			if !ready {
				h.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open"}, slacksandbox.Status(http.StatusServiceUnavailable))
				h.slack.Faults().CutSockets()
				h.awaitLog("socket could not be opened", 2)
			}
			w := httptest.NewRecorder()
			h.admin.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/health", nil))
			var health bot.Health
			if err := json.Unmarshal(w.Body.Bytes(), &health); err != nil || w.Code != http.StatusOK || health.Ready != ready {
				t.Errorf("ready %v: status %d, %v: %s", ready, w.Code, err, w.Body)
			}
		}
	})
}
