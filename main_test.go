package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain makes the test binary able to be enjobridge itself.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"enjobridge": main})
}

// suite is all tests, after which the browser is closed and nothing may run any more.
type suite struct{ tests *testing.M }

// Run runs the tests.
func (s suite) Run() int {
	code := s.tests.Run()
	chromium.Close()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Ensure that the command line is as testdata/script shows it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: filepath.Join("testdata", "script")})
}

// Ensure that a secret shows itself nowhere.
func TestSecretIsRedacted(t *testing.T) {
	var s secret
	if err := s.Decode("xoxb-hush"); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if shown := fmt.Sprintf(format+format+format, s, &s, struct{ S secret }{s}); strings.Contains(shown, "hush") {
			t.Errorf("%s shows %s", format, shown)
		}
	}
	if s.reveal() != "xoxb-hush" {
		t.Error("the secret cannot be used")
	}
}

// Ensure that docs/configuration.md has every setting, with its default.
func TestConfigurationIsDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings() {
		row := "| `" + s.name + "` |"
		_, rest, ok := strings.Cut(string(doc), row)
		line, _, _ := strings.Cut(rest, "\n")
		switch {
		case !ok:
			t.Errorf("docs/configuration.md has no row for %s", s.name)
		case s.preset != "" && !strings.Contains(line, "`"+s.preset+"`"):
			t.Errorf("docs/configuration.md does not say that %s is %s by default", s.name, s.preset)
		}
	}
}

// command is enjobridge as a process of its own, with an environment of its own.
func command(ctx context.Context, t *testing.T, env []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// testscript.Main runs the command that the binary's name says.
	link := filepath.Join(t.TempDir(), "enjobridge")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, link, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	return cmd, &output
}

// Ensure that no setting is read and then forgotten: another value of it makes
// another configuration, or is a problem.
func TestEverySettingCounts(t *testing.T) {
	given := map[string]string{
		"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "xoxb-1", "ENJO_TOKEN": "token", "ENJO_BOT_ID": "bot", "ENJO_AGENTS": "hr:bot-2",
	}
	for name, value := range given {
		t.Setenv(name, value)
	}
	before, err := readConfig()
	if err != nil {
		t.Fatal(err)
	}
	another := map[string]string{
		"SLACK_APP_TOKEN": "xapp-2", "SLACK_BOT_TOKEN": "xoxb-2", "ENJO_AGENTS": "it:bot-3", "ENJO_ROUTES": "C1:hr",
		"ENJO_API_URL": "https://enjo.example.com", "SLACK_API_URL": "https://slack.example.com/api/", "ENJO_LIMITS": "1/1s",
		"SLACK_AGENT": "false", "ALLOW_EXTERNAL": "true", "TICKET_BUTTON": "false", "SLACK_SOCKETS": "3",
		"ENJO_JITTER": "1s", "ENJO_TIMEOUT": "10s", "STALE_AFTER": "1h", "RETENTION": "100h",
		"MAX_WAITING": "7", "MAX_WAITING_PER_USER": "7", "CHANNEL_DAILY_LIMIT": "7",
		"ALLOWED_CHANNELS": "C1", "ALLOWED_USERS": "U1", "ALLOWED_BOTS": "B1", "ESCALATE_TO": "S1",
		"TICKET_STATUS_PROMPT": "How is {id}?", "TICKET_WEBHOOK_SECRET": "secret-of-16-chars", "ADMIN_TOKEN": "an-admin-of-16-chars",
		"HTTP_ADDR": "off", "LOG_LEVEL": "debug", "LOG_FORMAT": "json",
	}
	for _, s := range settings() {
		t.Run(s.name, func(t *testing.T) {
			t.Setenv(s.name, cmp.Or(another[s.name], "another"))
			if after, err := readConfig(); err != nil || reflect.DeepEqual(before, after) {
				t.Errorf("%s=%s makes no difference (%v)", s.name, os.Getenv(s.name), err)
			}
		})
	}
}
