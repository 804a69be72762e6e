package main

import (
	"strings"
	"testing"

	"enjobridge/internal/doctor"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that doctor takes tokens of the settings that have expired for no mistake if the bot
// can refresh them, and that it does not use up their refresh tokens.
func TestDoctorWithTokensThatExpire(t *testing.T) {
	w := openWard(t, func(c *slacksandbox.Config) {
		c.Manifest = []byte(strings.Replace(string(c.Manifest), "token_rotation_enabled: false", "token_rotation_enabled: true\n  app_level_token_rotation_enabled: true", 1))
	})
	w.env["SLACK_CLIENT_ID"], w.env["SLACK_CLIENT_SECRET"] = w.slack.ClientID(), w.slack.ClientSecret()
	w.env["SLACK_BOT_REFRESH_TOKEN"], w.env["SLACK_APP_REFRESH_TOKEN"] = w.slack.BotRefreshToken(), w.slack.AppRefreshToken()
	findings, _ := w.examine()
	for _, f := range findings {
		if f.Level != doctor.OK {
			t.Errorf("before their end: %+v", f)
		}
	}
	w.slack.Faults().ExpireTokens()
	unchecked := 0
	findings, status := w.examine()
	if status != 0 {
		t.Errorf("exit status %d", status)
	}
	for _, f := range findings {
		if f.Level != doctor.OK {
			t.Errorf("after their end: %+v", f)
		}
		if strings.Contains(f.Message, "has expired, as it does after 12 hours") {
			unchecked++
		}
	}
	if unchecked != 2 {
		t.Errorf("%d tokens have expired, want both", unchecked)
	}
	for _, call := range w.slack.Calls() {
		if call.Method == "oauth.v2.access" {
			t.Error("doctor has refreshed a token")
		}
	}
}
