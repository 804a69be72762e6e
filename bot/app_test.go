package bot_test

import (
	"errors"
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
