package settings

import (
	"slices"
	"strings"
	"testing"
)

// Ensure that the demo's own agent needs a token and a bot ID, and that none is no error.
func TestOwnAgent(t *testing.T) {
	for name, test := range map[string]struct{ token, botID, problem string }{
		"none":     {"", "", ""},
		"blank":    {" ", " ", ""},
		"both":     {"hunter2", "b1", ""},
		"no token": {"", "b1", "ENJO_TOKEN is missing"},
		"no bot":   {"hunter2", "", "ENJO_BOT_ID is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("ENJO_TOKEN", test.token)
			t.Setenv("ENJO_BOT_ID", test.botID)
			own, err := OwnAgent()
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) || own != nil {
					t.Errorf("the agent is %v, error %v", own, err)
				}
				return
			}
			if err != nil || (own != nil) != (name == "both") {
				t.Errorf("the agent is %v, error %v", own, err)
			}
		})
	}
}

// Ensure that the access to Enjo needs no setting of Slack, and takes what is set.
func TestReadEnjo(t *testing.T) {
	for name, value := range map[string]string{
		"ENJO_TOKEN": "hunter2", "ENJO_BOT_ID": "b1", "ENJO_AGENTS": "hr:b2", "ENJO_API_URL": "https://enjo.example.com", "ENJO_LIMITS": "1/1s",
		"SLACK_SOCKETS": "many",
	} {
		t.Setenv(name, value)
	}
	got, err := ReadEnjo()
	if err != nil {
		t.Fatal(err)
	}
	if got.Client.BaseURL != "https://enjo.example.com" || got.Client.Token != "hunter2" || len(got.Agents) != 2 || got.Agents[1].BotID != "b2" || len(got.Limits) != 1 {
		t.Errorf("the access is %+v", got)
	}
	t.Setenv("ENJO_LIMITS", "fast")
	if _, err := ReadEnjo(); err == nil || !strings.Contains(err.Error(), "ENJO_LIMITS is invalid") {
		t.Errorf("the error is %v", err)
	}
}

// Ensure that the valid settings are known although others have problems, which name their
// settings first.
func TestInspect(t *testing.T) {
	t.Setenv("SLACK_BOT_TOKEN", "xoxb-1-2-abc")
	t.Setenv("SLACK_SOCKETS", "many")
	c, problems, err := Inspect()
	if err != nil || c.Bot.SlackBotToken != "xoxb-1-2-abc" {
		t.Errorf("the bot token is %q, error %v", c.Bot.SlackBotToken, err)
	}
	for _, want := range []string{"SLACK_APP_TOKEN is missing", "SLACK_SOCKETS must be a number", "ENJO_TOKEN is missing"} {
		if !slices.ContainsFunc(problems, func(p string) bool { return strings.HasPrefix(p, want) }) {
			t.Errorf("no problem begins with %q: %q", want, problems)
		}
	}
}
