package settings

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// Ensure that a token that expires needs what it is refreshed with, that all of it is named
// with where to get it, and that no secret is shown.
func TestRotationProblems(t *testing.T) {
	whole := map[string]string{
		"SLACK_APP_TOKEN": "xoxe.xapp-1-hunter2", "SLACK_APP_REFRESH_TOKEN": "xoxe-1-hunter2",
		"SLACK_BOT_TOKEN": "xoxe.xoxb-1-hunter2", "SLACK_BOT_REFRESH_TOKEN": "xoxe-1-hunter2",
		"SLACK_CLIENT_ID": "12.34", "SLACK_CLIENT_SECRET": "hunter2", "ENJO_TOKEN": "token", "ENJO_BOT_ID": "bot",
	}
	for name, test := range map[string]struct {
		change map[string]string
		want   []string
	}{
		"everything is set": {nil, nil},
		"no token expires": {map[string]string{
			"SLACK_APP_TOKEN": "xapp-1-hunter2", "SLACK_BOT_TOKEN": "xoxb-1-hunter2", "SLACK_APP_REFRESH_TOKEN": "", "SLACK_BOT_REFRESH_TOKEN": "",
			"SLACK_CLIENT_ID": "", "SLACK_CLIENT_SECRET": "",
		}, nil},
		"only one token expires": {map[string]string{"SLACK_APP_TOKEN": "xapp-1-hunter2", "SLACK_APP_REFRESH_TOKEN": ""}, nil},
		"nothing to refresh with": {
			map[string]string{"SLACK_APP_REFRESH_TOKEN": "", "SLACK_BOT_REFRESH_TOKEN": "", "SLACK_CLIENT_ID": "", "SLACK_CLIENT_SECRET": ""},
			[]string{
				"SLACK_APP_REFRESH_TOKEN is missing: SLACK_APP_TOKEN expires (xoxe.…), and is refreshed with its refresh token, xoxe-1-…, from https://api.slack.com/apps, your app, Basic Information",
				"SLACK_BOT_REFRESH_TOKEN is missing: SLACK_BOT_TOKEN expires (xoxe.…), and is refreshed with its refresh token, xoxe-1-…, from https://api.slack.com/apps, your app, OAuth & Permissions",
				"SLACK_CLIENT_ID is missing: a Slack token that expires (xoxe.…) is refreshed with the app's client ID, from https://api.slack.com/apps, your app, Basic Information, App Credentials",
				"SLACK_CLIENT_SECRET is missing: a Slack token that expires",
			},
		},
		"a refresh token for a token that does not expire": {
			map[string]string{"SLACK_BOT_TOKEN": "xoxb-1-hunter2"},
			[]string{"SLACK_BOT_REFRESH_TOKEN is set, but SLACK_BOT_TOKEN does not expire"},
		},
		"an access token as refresh token":    {map[string]string{"SLACK_BOT_REFRESH_TOKEN": "xoxe.xoxb-1-hunter2"}, []string{"SLACK_BOT_REFRESH_TOKEN is a bot token that expires"}},
		"a placeholder as refresh token":      {map[string]string{"SLACK_APP_REFRESH_TOKEN": "xoxe-…"}, []string{"SLACK_APP_REFRESH_TOKEN is a placeholder"}},
		"another text as client ID":           {map[string]string{"SLACK_CLIENT_ID": "A0123"}, []string{"SLACK_CLIENT_ID must be two numbers with a dot"}},
		"a client secret in quotes":           {map[string]string{"SLACK_CLIENT_SECRET": `"hunter2"`}, []string{"SLACK_CLIENT_SECRET has quotes around its value"}},
		"tokens that are swapped":             {map[string]string{"SLACK_BOT_TOKEN": "xoxe.xapp-1-hunter2"}, []string{"which belongs in SLACK_APP_TOKEN: are the two swapped?"}},
		"a refresh token as the access token": {map[string]string{"SLACK_BOT_TOKEN": "xoxe-1-hunter2"}, []string{"SLACK_BOT_TOKEN is a refresh token", "SLACK_BOT_REFRESH_TOKEN is set, but"}},
	} {
		t.Run(name, func(t *testing.T) {
			for name, value := range whole {
				t.Setenv(name, value)
			}
			for name, value := range test.change {
				t.Setenv(name, value)
			}
			c, err := Read()
			problems, invalid := errors.AsType[*Error](err)
			switch {
			case len(test.want) == 0 && err != nil:
				t.Fatal(err)
			case len(test.want) == 0:
				got := [4]string{c.Bot.SlackClientID, c.Bot.SlackClientSecret, c.Bot.SlackAppRefreshToken, c.Bot.SlackBotRefreshToken}
				if want := [4]string{os.Getenv("SLACK_CLIENT_ID"), os.Getenv("SLACK_CLIENT_SECRET"), os.Getenv("SLACK_APP_REFRESH_TOKEN"), os.Getenv("SLACK_BOT_REFRESH_TOKEN")}; got != want {
					t.Errorf("the bot gets %q, want %q", got, want)
				}
				return
			case !invalid || len(problems.problems) != len(test.want):
				t.Fatalf("the error is %v", err)
			}
			for i, want := range test.want {
				if !strings.Contains(problems.problems[i], want) {
					t.Errorf("the problem is %q, want %q", problems.problems[i], want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}
