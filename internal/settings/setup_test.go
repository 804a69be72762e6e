package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Ensure that a setup can begin with nothing, and uses what the environment and the files
// of secrets have.
func TestReadSetup(t *testing.T) {
	none := map[string]string{"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "ENJO_TOKEN": "", "ENJO_BOT_ID": ""}
	want := Setup{
		SlackURL: "https://slack.com/api/", EnjoURL: "https://api.enjo.ai", EnjoTimeout: time.Minute, AgentView: true,
		Given: none, Variables: map[string]string{}, Kept: map[string]string{},
	}
	got, err := ReadSetup()
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("the error is %v\n%s", err, diff)
	}

	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("xoxe.xoxp-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SLACK_CONFIG_TOKEN_FILE", file)
	t.Setenv("SLACK_BOT_TOKEN", " xoxb-1 ")
	t.Setenv("ENJO_BOT_ID", "bot")
	t.Setenv("ENJO_API_URL", "https://enjo.example.com")
	t.Setenv("SLACK_AGENT", "false")
	want.ConfigToken, want.EnjoURL, want.AgentView = "xoxe.xoxp-1", "https://enjo.example.com", false
	want.Given["SLACK_BOT_TOKEN"], want.Given["ENJO_BOT_ID"] = "xoxb-1", "bot"
	want.Variables["SLACK_BOT_TOKEN"], want.Variables["ENJO_BOT_ID"] = "SLACK_BOT_TOKEN", "ENJO_BOT_ID"
	want.Variables["SLACK_CONFIG_TOKEN"] = "SLACK_CONFIG_TOKEN_FILE"
	want.Kept["ENJO_API_URL"], want.Kept["SLACK_AGENT"] = "https://enjo.example.com", "false"
	got, err = ReadSetup()
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("the error is %v\n%s", err, diff)
	}
}

// Ensure that an env file can have what a setup needs, and does not count as the environment.
func TestReadSetup_EnvFile(t *testing.T) {
	t.Setenv("ENJO_BOT_ID", "bot")
	useFile(t, "SLACK_CONFIG_TOKEN=xoxe.xoxp-1\nENJO_TOKEN=token\nENJO_BOT_ID=other")
	got, err := ReadSetup()
	if err != nil || got.ConfigToken != "xoxe.xoxp-1" || got.Given["ENJO_TOKEN"] != "token" || got.Given["ENJO_BOT_ID"] != "bot" {
		t.Errorf("it reads %+v, %v", got, err)
	}
	if diff := cmp.Diff(map[string]string{"ENJO_BOT_ID": "ENJO_BOT_ID"}, got.Variables); diff != "" {
		t.Error(diff)
	}
}

// Ensure that invalid settings are all listed, without a token.
func TestReadSetup_Invalid(t *testing.T) {
	t.Setenv("SLACK_API_URL", "http://slack.example.com/")
	t.Setenv("ENJO_TIMEOUT", "never")
	t.Setenv("SLACK_CONFIG_TOKEN", "xoxe.xoxp-hunter2")
	t.Setenv("SLACK_CONFIG_TOKEN_FILE", "token")
	_, err := ReadSetup()
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("the error is %v", err)
	}
	for _, name := range []string{"SLACK_API_URL must be", "ENJO_TIMEOUT must be", "SLACK_CONFIG_TOKEN and SLACK_CONFIG_TOKEN_FILE are both set"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error is %v, want %s", err, name)
		}
	}
}

// Ensure that what a person enters is checked without showing it.
func TestProblem(t *testing.T) {
	for name, values := range map[string]map[string]string{
		"SLACK_BOT_TOKEN": {
			"xoxb-1-2-abc": "", "xapp-1-A1-2-hunter2": "is an app-level token", "xoxb-hunter2 x": "contains", "xoxb-hunter2$": "contains",
			"xoxb-hunter2#": "contains", "xoxb-": "is only the beginning", "hunter2": "does not begin with xoxb-",
		},
		"SLACK_APP_TOKEN": {"xapp-1-A1-2-abc": "", "xoxb-hunter2": "is a bot token"},
		"ENJO_TOKEN":      {"eyJ0.a+b/c_d-e=": "", "Bearer hunter2": "is invalid", "xoxb-hunter2": "is a token of Slack", "hunter2`": "is invalid"},
		"ENJO_BOT_ID":     {"bot-1": "", "hunter2 ": "contains", "'hunter2'": "contains", "hunter2\x00": "contains", "hünter2": "contains"},
	} {
		for value, want := range values {
			got := Problem(name, value)
			if (got == "") != (want == "") || !strings.HasPrefix(got, want) || strings.Contains(got, "hunter2") {
				t.Errorf("%s=%q: %q, want %q", name, value, got, want)
			}
		}
	}
}
