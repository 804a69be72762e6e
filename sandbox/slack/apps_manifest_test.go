package slack_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/sandbox/slack"
)

// created is a manifest of an app that uses Socket Mode.
const created = `{
	"display_information": {"name": "Helper"},
	"features": {"bot_user": {"display_name": "helper"}},
	"oauth_config": {"scopes": {"bot": ["chat:write", "users:read"], "bot_optional": ["users:read.email"]}},
	"settings": {"event_subscriptions": {"bot_events": ["app_mention"]}, "interactivity": {"is_enabled": true}, "socket_mode_enabled": true}
}`

func noApp(c *slack.Config) { c.Manifest, c.NoApp = nil, true }

// Ensure that an app goes from its manifest to an installed bot with an open connection, and
// that no token is valid before a person has made it.
func TestCreateApp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, noApp)
		if _, err := f.InstallApp(); err == nil {
			t.Error("an app that does not exist is installed")
		}
		if _, err := f.GenerateAppToken("connections:write"); err == nil {
			t.Error("an app that does not exist has an app-level token")
		}
		config := f.GenerateConfigToken()
		if !strings.HasPrefix(config, "xoxe.xoxp-1-") {
			t.Errorf("the configuration token is %s", config)
		}
		want(t, f.call("apps.manifest.validate", "token", config, "manifest", created).raw, map[string]any{"ok": true, "errors": []any{}})
		made := f.call("apps.manifest.create", "token", config, "manifest", created)
		want(t, made.raw, map[string]any{"ok": true, "app_id": f.AppID(), "team_id": f.TeamID(), "team_domain": "acme"})
		var response struct {
			Credentials map[string]string `json:"credentials"`
			Authorize   string            `json:"oauth_authorize_url"`
		}
		if err := json.Unmarshal(made.raw, &response); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"client_id", "client_secret", "verification_token", "signing_secret"} {
			if response.Credentials[name] == "" {
				t.Errorf("there is no %s", name)
			}
		}
		authorize, err := url.Parse(response.Authorize)
		if err != nil || authorize.Query().Get("client_id") != response.Credentials["client_id"] || authorize.Query().Get("scope") != "chat:write,users:read,users:read.email" {
			t.Errorf("the address to authorize the app is %s, error %v", response.Authorize, err)
		}

		if f.BotToken() != "" || f.AppToken() != "" {
			t.Error("there are tokens before the installation")
		}
		if _, known := f.User(f.BotUserID()); known {
			t.Error("there is a bot user before the installation")
		}
		bot, err := f.InstallApp()
		if bot == "" || bot != f.BotToken() || err != nil {
			t.Errorf("the bot token is %s, error %v", bot, err)
		}
		want(t, f.call("auth.test", "token", bot).raw, map[string]any{"ok": true, "user": "helper", "user_id": f.BotUserID()})
		want(t, f.call("bots.info", "token", bot, "bot", f.BotID()).raw, map[string]any{"bot.app_id": f.AppID()})
		if got := f.call("auth.test", "token", bot).header.Get("X-Oauth-Scopes"); got != "chat:write,users:read,users:read.email" {
			t.Errorf("the scopes are %s", got)
		}
		app, err := f.GenerateAppToken("authorizations:read")
		if !strings.HasPrefix(app, "xapp-1-"+f.AppID()+"-") || app != f.AppToken() || err != nil {
			t.Errorf("the app-level token is %s, error %v", app, err)
		}
		want(t, f.call("apps.connections.open", "token", app).raw, map[string]any{"error": "missing_scope", "needed": "connections:write", "provided": "authorizations:read"})
		if _, err := f.GenerateAppToken("connections:write"); err != nil {
			t.Error(err)
		}
		want(t, f.call("apps.connections.open", "token", app).raw, map[string]any{"ok": true})
	})
}

// Ensure that a person can create the app from a manifest, too, and that installing it
// again grants what the first installation lacked.
func TestCreateAppByHand(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, noApp)
		if err := f.CreateApp("{}"); err == nil {
			t.Error("an invalid manifest is accepted")
		}
		if err := f.CreateApp(created); err != nil {
			t.Fatal(err)
		}
		if f.Features().Name != "Helper" {
			t.Errorf("the app is named %q", f.Features().Name)
		}
		for range 2 {
			token, err := f.InstallApp()
			if err != nil {
				t.Fatal(err)
			}
			if got := f.call("auth.test", "token", token).header.Get("X-Oauth-Scopes"); !strings.Contains(got, "chat:write") {
				t.Errorf("the scopes are %s", got)
			}
			f.SetScopes("users:read")
		}
		bots := 0
		for _, u := range f.Users() {
			if u.ID == f.BotUserID() {
				bots++
			}
		}
		if bots != 1 {
			t.Errorf("there are %d bot users", bots)
		}
	})
}

// Ensure that an invalid manifest is refused with a pointer to each error.
func TestCreateRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, noApp)
		token := f.GenerateConfigToken()
		for _, test := range []struct {
			manifest string
			pointers []string
		}{
			{"display_information: {name: YAML}", []string{"/"}},
			{"[]", []string{"/"}},
			{`{"display_information": {}}`, []string{"/display_information/name"}},
			{
				`{"display_information": {"name": "x"}, "features": {"slash_commands": [{"command": "x", "description": "x"}], "tabs": 1}}`,
				[]string{"/features/slash_commands/0/command", "/features/tabs"},
			},
			{
				`{"display_information": {"name": "x"}, "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}, "interactivity": {"is_enabled": true}}}`,
				[]string{"/settings/event_subscriptions", "/settings/interactivity"},
			},
		} {
			for _, method := range []string{"apps.manifest.validate", "apps.manifest.create"} {
				found := f.call(method, "token", token, "manifest", test.manifest)
				var pointers []string
				for _, e := range found.Errors {
					if pointers = append(pointers, e.Pointer); e.Message == "" {
						t.Errorf("%s: the error at %s has no message", method, e.Pointer)
					}
				}
				if found.Error != "invalid_manifest" || !slices.Equal(pointers, test.pointers) {
					t.Errorf("%s of %s returns %s at %q, want %q", method, test.manifest, found.Error, pointers, test.pointers)
				}
				time.Sleep(time.Minute) // the rate limit; in a bubble this takes no time
			}
		}
	})
}

// Ensure that only a valid configuration token creates an app, once, and does nothing else.
func TestConfigTokens(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, noApp)
		want(t, f.call("apps.manifest.create", "token", "xoxe.xoxp-1-X", "manifest", created).raw, map[string]any{"error": "invalid_auth"})
		old := f.GenerateConfigToken()
		token := f.GenerateConfigToken()
		want(t, f.call("apps.manifest.create", "token", old, "manifest", created).raw, map[string]any{"error": "invalid_auth"})
		want(t, f.call("auth.test", "token", token).raw, map[string]any{"error": "not_allowed_token_type"})
		want(t, f.call("apps.connections.open", "token", token).raw, map[string]any{"error": "not_allowed_token_type"})
		want(t, f.call("apps.manifest.create", "token", token).raw, map[string]any{"error": "invalid_arguments"})
		want(t, f.call("apps.manifest.validate", "token", token, "manifest", created, "app_id", "A1").raw, map[string]any{"error": "invalid_app_id"})
		time.Sleep(time.Minute)
		want(t, f.call("apps.manifest.create", "token", token, "manifest", created).raw, map[string]any{"ok": true})
		want(t, f.call("apps.manifest.create", "token", token, "manifest", created).raw, map[string]any{"error": "ratelimited"})
		time.Sleep(time.Minute)
		want(t, f.call("apps.manifest.create", "token", token, "manifest", created).raw, map[string]any{"error": "failed_creating_app"})
		want(t, f.call("apps.manifest.validate", "token", token, "manifest", created, "app_id", f.AppID()).raw, map[string]any{"ok": true})
		time.Sleep(12 * time.Hour)
		want(t, f.call("apps.manifest.validate", "token", token, "manifest", created).raw, map[string]any{"error": "token_expired"})
	})
}

// Ensure that the tokens of an app are refused where a configuration token is needed, and
// that a workspace with an app has no room for another.
func TestConfigTokensNeeded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		want(t, f.call("apps.manifest.validate", "token", f.BotToken(), "manifest", created).raw, map[string]any{"error": "not_allowed_token_type"})
		want(t, f.call("apps.manifest.validate", "token", f.AppToken(), "manifest", created).raw, map[string]any{"error": "not_allowed_token_type"})
		want(t, f.call("apps.manifest.create", "token", f.GenerateConfigToken(), "manifest", created).raw, map[string]any{"error": "failed_creating_app"})
		if _, err := slack.Open(slack.Config{NoApp: true, Manifest: []byte(created)}); err == nil {
			t.Error("a workspace without an app has a manifest")
		}
	})
}
