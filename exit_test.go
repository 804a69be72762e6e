package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that a token that Slack rejects ends the process with status 3 and a hint.
func TestExitStatusOfRejectedToken(t *testing.T) {
	for method, hint := range map[string]string{
		"apps.connections.open": "SLACK_APP_TOKEN is wrong",
		"auth.test":             "SLACK_BOT_TOKEN is wrong",
	} {
		t.Run(method, func(t *testing.T) {
			slack, err := slacksandbox.Open(slacksandbox.Config{Manifest: manifest, Speed: 60})
			if err != nil {
				t.Fatal(err)
			}
			defer slack.Close()
			agent, err := enjosandbox.Open(enjosandbox.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer agent.Close()
			slack.Faults().OnCall(slacksandbox.Calls{Method: method}, slacksandbox.Fail("invalid_auth"))
			cmd, output := command(t.Context(), t, []string{
				"SLACK_API_URL=" + slack.APIURL(), "SLACK_APP_TOKEN=" + slack.AppToken(), "SLACK_BOT_TOKEN=" + slack.BotToken(),
				"ENJO_API_URL=" + agent.URL(), "ENJO_TOKEN=" + agent.Token(), "ENJO_BOT_ID=" + agent.BotID(),
				"STORAGE=" + filepath.Join(t.TempDir(), "bot.db"), "HTTP_ADDR=off",
			})
			exit, ok := errors.AsType[*exec.ExitError](cmd.Run())
			if !ok || exit.ExitCode() != exitSetup || !strings.Contains(output.String(), hint) {
				t.Errorf("it ended with %v, want status %d and %q:\n%s", exit, exitSetup, hint, output)
			}
		})
	}
}
