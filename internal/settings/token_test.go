package settings

import (
	"strings"
	"testing"
)

// Ensure that tokens that were copied wrongly are explained, and never shown.
func TestTokenProblems(t *testing.T) {
	const bot, app = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"
	for name, test := range map[string]struct{ setting, value, want string }{
		"bot token":          {bot, "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy", ""},
		"app-level token":    {app, "xapp-1-A0123456789-1234567890123-0123456789abcdef", ""},
		"xs in a real token": {bot, "xoxb-17653672481-19874698323-xxxxKVeTuE8sk7oOcBrzbqgy", ""},

		"app-level token as bot token": {bot, "xapp-1-hunter2", "is an app-level token (xapp-…), which belongs in SLACK_APP_TOKEN: are the two swapped?"},
		"bot token as app-level token": {app, "xoxb-1-hunter2", "is a bot token (xoxb-…), which belongs in SLACK_BOT_TOKEN: are the two swapped?"},
		"user token":                   {bot, "xoxp-1-hunter2", "is a user token (xoxp-…): it must be the bot token"},
		"refresh token":                {bot, "xoxe-1-hunter2", "is a refresh token (xoxe-…)"},
		"configuration token":          {bot, "xoxe.xoxp-1-hunter2", "is a token for app manifests"},
		"rotating bot token":           {bot, "xoxe.xoxb-1-hunter2", "is a bot token that expires"},
		"another text":                 {bot, "hunter2", "does not begin with xoxb-: it must be the bot token"},

		"quotes":                 {bot, `"xoxb-1-hunter2"`, "has quotes around its value: remove them"},
		"single quotes":          {app, `'xapp-1-hunter2'`, "has quotes around its value: remove them"},
		"Bearer":                 {bot, "Bearer xoxb-1-hunter2", `without "Bearer"`},
		"its name":               {bot, "SLACK_BOT_TOKEN=xoxb-1-hunter2", "begins with its own name"},
		"variable":               {bot, "${hunter2}", "begins with $"},
		"space":                  {bot, "xoxb-1 hunter2", "contains spaces"},
		"line break":             {bot, "xoxb-1\nhunter2", "contains spaces, line breaks"},
		"beginning":              {bot, "xoxb-", "is only the beginning of a token"},
		"ellipsis":               {bot, "xoxb-…", "is a placeholder: set the real value, from https://api.slack.com/apps"},
		"dots":                   {app, "xapp-...", "is a placeholder"},
		"dots at the end":        {app, "xapp-1-A01...", "is a placeholder"},
		"your token":             {bot, "xoxb-your-token", "is a placeholder"},
		"your bot token":         {bot, "xoxb-your-bot-token-here", "is a placeholder"},
		"bot token as words":     {bot, "xoxb-bot-token", "is a placeholder"},
		"xs":                     {bot, "xoxb-xxx-xxx", "is a placeholder"},
		"angle brackets":         {bot, "<token>", "is a placeholder"},
		"prefix and brackets":    {bot, "xoxb-<token>", "is a placeholder"},
		"change me":              {bot, "changeme", "is a placeholder"},
		"underscore, upper case": {app, "YOUR_APP_TOKEN", "is a placeholder"},
	} {
		t.Run(name, func(t *testing.T) {
			r, prefix := reader{}, map[string]string{bot: "xoxb-", app: "xapp-"}[test.setting]
			got := r.token(test.setting, secret{value: test.value}, prefix)
			checkProblem(t, &r, test.setting, test.want)
			if got != test.value {
				t.Error("the token was changed")
			}
		})
	}
}

// Ensure that a list of prefixes is accepted.
func TestTokenPrefixes(t *testing.T) {
	for value, want := range map[string]string{
		"xoxb-1-hunter2": "", "xoxe.xoxb-1-hunter2": "", "xoxe-1-hunter2": "is a refresh token", "xoxe.xoxb-": "is only the beginning",
	} {
		r := reader{}
		r.token("SLACK_BOT_TOKEN", secret{value: value}, "xoxb-", "xoxe.xoxb-")
		checkProblem(t, &r, "SLACK_BOT_TOKEN", want)
	}
}

// Ensure that Enjo's token and chosen secrets that were copied wrongly are explained, and
// never shown.
func TestOtherSecretProblems(t *testing.T) {
	for name, test := range map[string]struct{ setting, value, want string }{
		"Enjo's token":           {"ENJO_TOKEN", "pat-hunter2", ""},
		"a short word":           {"ENJO_TOKEN", "token", ""},
		"Slack's in Enjo's":      {"ENJO_TOKEN", "xoxb-1-hunter2", "is a token of Slack (xoxb-…): it must be the personal access token of Enjo"},
		"Enjo's with Bearer":     {"ENJO_TOKEN", "bearer hunter2", `without "Bearer"`},
		"Enjo's in quotes":       {"ENJO_TOKEN", `"hunter2"`, "has quotes"},
		"Enjo's with spaces":     {"ENJO_TOKEN", "hunter2 hunter2", "is invalid: it contains spaces"},
		"example of Enjo's":      {"ENJO_TOKEN", "<hunter2>", "is a placeholder: set the real value, from the Enjo dashboard"},
		"chosen":                 {"ADMIN_TOKEN", "correct-horse-battery-staple", ""},
		"chosen with your":       {"ADMIN_TOKEN", "horse-ate-your-battery", ""},
		"none":                   {"ADMIN_TOKEN", "", ""},
		"short":                  {"ADMIN_TOKEN", "hunter2", "must have at least 16 characters"},
		"placeholder":            {"ADMIN_TOKEN", "change-me-to-hunter2", "is a placeholder: set the real value"},
		"command in place of it": {"TICKET_WEBHOOK_SECRET", "$(openssl rand -hex 32)", "begins with $"},
	} {
		t.Run(name, func(t *testing.T) {
			r := reader{}
			if test.setting == "ENJO_TOKEN" {
				r.enjoToken(test.setting, secret{value: test.value})
			} else {
				r.chosenSecret(test.setting, secret{value: test.value})
			}
			checkProblem(t, &r, test.setting, test.want)
		})
	}
}

// checkProblem checks that a reader has one problem of a setting with a text, or none if
// the text is empty, and that the problem does not show the secret hunter2.
func checkProblem(t *testing.T, r *reader, setting, want string) {
	t.Helper()
	switch {
	case want == "" && len(r.problems) != 0:
		t.Errorf("it has the problems %q", r.problems)
	case want != "" && (len(r.problems) != 1 || !strings.HasPrefix(r.problems[0], setting) || !strings.Contains(r.problems[0], want)):
		t.Errorf("it has the problems %q, want one with %q", r.problems, want)
	}
	if strings.Contains(strings.Join(r.problems, "\n"), "hunter2") {
		t.Errorf("the secret is shown: %q", r.problems)
	}
}
