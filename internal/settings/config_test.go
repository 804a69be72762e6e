package settings

import (
	"cmp"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Ensure that every setting has an effect: another value gives another Config.
func TestEverySettingCounts(t *testing.T) {
	given := map[string]string{
		"SLACK_APP_TOKEN": "xoxe.xapp-1", "SLACK_BOT_TOKEN": "xoxe.xoxb-1", "SLACK_APP_REFRESH_TOKEN": "xoxe-1", "SLACK_BOT_REFRESH_TOKEN": "xoxe-2",
		"SLACK_CLIENT_ID": "1.1", "SLACK_CLIENT_SECRET": "secret", "ENJO_TOKEN": "token", "ENJO_BOT_ID": "bot", "ENJO_AGENTS": "hr:bot-2",
		"TICKET_WEBHOOK_SECRET": "secret-of-16-characters", // WEBHOOK_ADDR requires it
	}
	for name, value := range given {
		t.Setenv(name, value)
	}
	before, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	another := map[string]string{
		"SLACK_APP_TOKEN": "xoxe.xapp-2", "SLACK_BOT_TOKEN": "xoxe.xoxb-2", "SLACK_APP_REFRESH_TOKEN": "xoxe-3", "SLACK_BOT_REFRESH_TOKEN": "xoxe-4", "SLACK_CLIENT_ID": "2.2", "ENJO_AGENTS": "it:bot-3", "ENJO_ROUTES": "C1:hr",
		"ENJO_API_URL": "https://enjo.example.com", "SLACK_API_URL": "https://slack.example.com/api/", "ENJO_LIMITS": "1/1s",
		"SLACK_AGENT": "false", "ALLOW_EXTERNAL": "true", "TICKET_BUTTON": "false", "SLACK_SOCKETS": "3",
		"ENJO_JITTER": "1s", "ENJO_TIMEOUT": "10s", "STALE_AFTER": "1h", "RETENTION": "100h",
		"MAX_WAITING": "7", "MAX_WAITING_PER_USER": "7", "CHANNEL_DAILY_LIMIT": "7",
		"ALLOWED_CHANNELS": "C1", "ALLOWED_USERS": "U1", "ALLOWED_BOTS": "B1", "ESCALATE_TO": "S1", "ESCALATE_CHANNEL": "C1", "REPORT_CHANNEL": "C1",
		"FOLLOW_UPS": "mention", "WELCOME": "false", "SHARE_EMAIL": "true", "TICKET_STATUS_PROMPT": "How is {id}?", "TICKET_WEBHOOK_SECRET": "secret-of-16-chars", "ADMIN_TOKEN": "an-admin-of-16-chars", "ADMIN_SOCKET": "off",
		"HTTP_ADDR": "off", "WEBHOOK_ADDR": "127.0.0.1:9091", "LOG_LEVEL": "debug", "LOG_FORMAT": "json",
		"STORAGE_LISTEN": "postgres://direct/bot",
	}
	for _, s := range all() {
		t.Run(s.name, func(t *testing.T) {
			before := before
			if s.name == "STORAGE_LISTEN" {
				before = withDatabase(t)
			}
			t.Setenv(s.name, cmp.Or(another[s.name], "another"))
			after, err := Read()
			after.given = before.given // it differs anyway
			if err != nil || reflect.DeepEqual(before, after) {
				t.Errorf("%s=%s makes no difference (%v)", s.name, os.Getenv(s.name), err)
			}
		})
	}
}

// withDatabase sets STORAGE to a database, and returns the settings.
func withDatabase(t *testing.T) Config {
	t.Helper()
	t.Setenv("STORAGE", "postgres://pooler/bot")
	c, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Ensure that docs/configuration.md lists every setting with its default, in the order of the
// help.
func TestConfigurationIsDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	before := 0 // the place of the last row
	for _, s := range all() {
		row := "| `" + s.name + "` |"
		above, rest, ok := strings.Cut(string(doc), row)
		line, _, _ := strings.Cut(rest, "\n")
		switch {
		case ok && len(above) < before:
			t.Errorf("docs/configuration.md has %s at another place than the help", s.name)
		case !ok:
			t.Errorf("docs/configuration.md has no row for %s", s.name)
		case s.preset != "" && !strings.Contains(line, "`"+s.preset+"`"):
			t.Errorf("docs/configuration.md does not say that %s is %s by default", s.name, s.preset)
		}
		if ok {
			before = len(above)
		}
	}
}

// Ensure that docs/configuration.md says which settings can be in separate files, and
// that a running bot can use all of these and the others that it names.
func TestSecretsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, files, _ := strings.Cut(string(doc), "## Files with secrets")
	files, _, _ = strings.Cut(files, "## ")
	for _, s := range all() {
		if s.secret && !strings.Contains(files, "`"+s.name+"`") {
			t.Errorf("docs/configuration.md does not say that %s can be in a file", s.name)
		}
		if live := s.secret && !strings.HasPrefix(s.name, "STORAGE") || s.name == "SLACK_CLIENT_ID" || s.name == "LOG_LEVEL"; live != s.live {
			t.Errorf("docs/configuration.md says of %s that a running bot can use another value: %t", s.name, live)
		}
	}
}

// Ensure that suggested questions are separated by bars, and that there are at most four.
func TestReader_Prompts(t *testing.T) {
	for value, want := range map[string][]string{
		"":                             nil,
		" | ":                          nil,
		"How do I get VPN?":            {"How do I get VPN?"},
		" Reset, please | Open a bug ": {"Reset, please", "Open a bug"},
	} {
		r := reader{}
		if got := r.prompts("SUGGESTED_PROMPTS", value); !slices.Equal(got, want) || r.err() != nil {
			t.Errorf("%q: got %q, %v", value, got, r.err())
		}
	}
	r := reader{}
	if r.prompts("SUGGESTED_PROMPTS", "1|2|3|4|5"); r.err() == nil || !strings.Contains(r.err().Error(), "SUGGESTED_PROMPTS has 5 questions") {
		t.Errorf("five questions: got %v", r.err())
	}
}
