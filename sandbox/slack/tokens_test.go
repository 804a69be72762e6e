package slack_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"enjobridge/sandbox/slack"
)

// rotating turns on token rotation.
func rotating(c *slack.Config) {
	c.Manifest = []byte(manifest + "  token_rotation_enabled: true\n  app_level_token_rotation_enabled: true\n")
}

// renewal is the response of oauth.v2.access.
type renewal struct {
	OK        bool   `json:"ok"`
	Error     string `json:"error"`
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	Expires   int    `json:"expires_in"`
	Type      string `json:"token_type"`
	AppID     string `json:"app_id"`
	BotUserID string `json:"bot_user_id"`
	Scope     string `json:"scope"`
	Team      struct{ ID, Name string }
}

// oauth calls oauth.v2.access with a form, unless change makes something else of it.
func (f *fixture) oauth(refresh string, change ...func(url.Values, *http.Request)) (r renewal) {
	f.t.Helper()
	form := url.Values{
		"client_id": {f.ClientID()}, "client_secret": {f.ClientSecret()}, "grant_type": {"refresh_token"}, "refresh_token": {refresh},
	}
	request, err := http.NewRequestWithContext(f.ctx, http.MethodPost, f.APIURL()+"oauth.v2.access", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range change {
		c(form, request)
	}
	if request.Body == nil {
		body := form.Encode()
		request.Body, request.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	response, err := f.client.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&r); err != nil {
		f.t.Fatal(err)
	}
	return r
}

// as returns the error code of auth.test with a bot token.
func (f *fixture) as(token string) string {
	f.t.Helper()
	_, err := slackgo.New(token, slackgo.OptionAPIURL(f.APIURL()), slackgo.OptionHTTPClient(f.client)).AuthTestContext(f.ctx)
	return code(err)
}

// connectAs returns the error code of apps.connections.open with an app-level token.
func (f *fixture) connectAs(token string) string {
	f.t.Helper()
	api := slackgo.New("", slackgo.OptionAppLevelToken(token), slackgo.OptionAPIURL(f.APIURL()), slackgo.OptionHTTPClient(f.client))
	_, _, err := api.StartSocketModeContext(f.ctx)
	return code(err)
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Ensure that tokens rotate only if the manifest says so, each kind by itself, and that the
// first ones work.
func TestRotation_Manifest(t *testing.T) {
	for settings, want := range map[string][2]string{
		"":                                 {"xoxb-", "xapp-1-"},
		"token_rotation_enabled":           {"xoxe.xoxb-1-", "xapp-1-"},
		"app_level_token_rotation_enabled": {"xoxb-", "xoxe.xapp-1-"},
	} {
		bubbles(t, settings, func(t *testing.T) {
			f := open(t, func(c *slack.Config) {
				if settings != "" {
					c.Manifest = []byte(manifest + "  " + settings + ": true\n")
				}
			})
			if !strings.HasPrefix(f.BotToken(), want[0]) || !strings.HasPrefix(f.AppToken(), want[1]) {
				t.Errorf("the tokens are %s and %s", f.BotToken(), f.AppToken())
			}
			for token, refresh := range map[string]string{f.BotToken(): f.BotRefreshToken(), f.AppToken(): f.AppRefreshToken()} {
				if strings.HasPrefix(token, "xoxe.") != strings.HasPrefix(refresh, "xoxe-1-") {
					t.Errorf("the refresh token of %s is %q", token, refresh)
				}
			}
			if got := f.as(f.BotToken()) + f.connectAs(f.AppToken()); got != "" {
				t.Error(got)
			}
		})
	}
}

// Ensure that tokens expire after 12 hours, and that a refresh gives new ones of the same
// kind, while the old access token works until it expires.
func TestRotation_Refresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, rotating)
		bot, app := f.BotToken(), f.AppToken()
		f.listen(nil)
		time.Sleep(11 * time.Hour)
		fresh, freshApp := f.oauth(f.BotRefreshToken()), f.oauth(f.AppRefreshToken())
		if !fresh.OK || fresh.Expires != 43_200 || fresh.Type != "bot" || fresh.BotUserID != f.BotUserID() || fresh.Team.ID != f.TeamID() || !strings.Contains(fresh.Scope, "chat:write") {
			t.Errorf("the bot token's refresh is %+v", fresh)
		}
		if !freshApp.OK || freshApp.Expires != 43_200 || freshApp.Type != "app_level" || freshApp.AppID != f.AppID() {
			t.Errorf("the app-level token's refresh is %+v", freshApp)
		}
		if fresh.Access != f.BotToken() || fresh.Refresh != f.BotRefreshToken() || freshApp.Access != f.AppToken() || freshApp.Refresh != f.AppRefreshToken() {
			t.Error("the workspace returns other tokens than oauth.v2.access")
		}
		if got := []string{f.as(bot), f.as(fresh.Access), f.connectAs(app), f.connectAs(freshApp.Access)}; strings.Join(got, "") != "" {
			t.Errorf("old and new tokens after the refresh: %q", got)
		}
		time.Sleep(time.Hour)
		want := []string{"token_expired", "", "token_expired", ""}
		if got := []string{f.as(bot), f.as(fresh.Access), f.connectAs(app), f.connectAs(freshApp.Access)}; !slices.Equal(got, want) {
			t.Errorf("old and new tokens after the old ones' life: %q", got)
		}
		if f.Sockets() != 1 {
			t.Errorf("%d sockets are open, whose token has expired", f.Sockets())
		}
	})
}

// Ensure that a refresh token works once, or a little longer with a grace period.
func TestRotation_SingleUse(t *testing.T) {
	for name, test := range map[string]struct {
		grace, wait time.Duration
		code        string
	}{
		"without grace":    {0, 0, "invalid_refresh_token"},
		"within grace":     {time.Minute, 59 * time.Second, ""},
		"after grace":      {time.Minute, time.Minute, "invalid_refresh_token"},
		"long after grace": {time.Minute, 12 * time.Hour, "invalid_refresh_token"},
	} {
		bubbles(t, name, func(t *testing.T) {
			f := open(t, rotating, func(c *slack.Config) { c.RefreshGrace = test.grace })
			refresh := f.BotRefreshToken()
			first := f.oauth(refresh)
			time.Sleep(test.wait)
			if again := f.oauth(refresh); again.Error != test.code || again.OK != (test.code == "") {
				t.Errorf("the second use: %+v", again)
			}
			if next := f.oauth(first.Refresh); !next.OK {
				t.Errorf("the next refresh token: %+v", next)
			}
		})
	}
}

// Ensure that only the two latest access tokens of a kind are valid.
func TestRotation_TwoActiveTokens(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, rotating)
		first := f.BotToken()
		second := f.oauth(f.BotRefreshToken())
		third := f.oauth(second.Refresh)
		if got, want := []string{f.as(first), f.as(second.Access), f.as(third.Access)}, []string{"token_revoked", "", ""}; !slices.Equal(got, want) {
			t.Errorf("the three tokens: %q", got)
		}
		if got := f.connectAs(f.AppToken()); got != "" {
			t.Errorf("the token of the other kind: %s", got)
		}
	})
}

// Ensure that oauth.v2.access authenticates the app, by its arguments or with HTTP basic
// authentication, and that a refused call uses up nothing.
func TestRotation_Credentials(t *testing.T) {
	set := func(name, value string) func(url.Values, *http.Request) {
		return func(form url.Values, _ *http.Request) { form.Set(name, value) }
	}
	for name, test := range map[string]struct {
		change func(url.Values, *http.Request)
		code   string
	}{
		"another client ID":     {set("client_id", "1.2"), "invalid_client_id"},
		"no client ID":          {set("client_id", ""), "invalid_client_id"},
		"another client secret": {set("client_secret", "x"), "bad_client_secret"},
		"another grant type":    {set("grant_type", "password"), "invalid_grant_type"},
		"a code":                {set("grant_type", ""), "invalid_code"},
		"no refresh token":      {set("refresh_token", ""), "invalid_refresh_token"},
		"another refresh token": {set("refresh_token", "xoxe-1-x"), "invalid_refresh_token"},
		"JSON": {func(form url.Values, r *http.Request) {
			r.Header.Set("Content-Type", "application/json; charset=utf-8")
			r.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"grant_type":"refresh_token","refresh_token":%q}`,
				form.Get("client_id"), form.Get("client_secret"), form.Get("refresh_token"))))
		}, "invalid_client_id"},
		"basic authentication": {func(form url.Values, r *http.Request) {
			r.SetBasicAuth(form.Get("client_id"), form.Get("client_secret"))
			form.Del("client_id")
			form.Del("client_secret")
		}, ""},
		"basic authentication with another secret": {func(form url.Values, r *http.Request) { r.SetBasicAuth(form.Get("client_id"), "x") }, "bad_client_secret"},
	} {
		bubbles(t, name, func(t *testing.T) {
			f := open(t, rotating)
			refresh := f.BotRefreshToken()
			if got := f.oauth(refresh, test.change); got.Error != test.code || got.OK != (test.code == "") {
				t.Errorf("got %+v", got)
			}
			if test.code != "" && !f.oauth(refresh).OK {
				t.Error("the refused call has used up the refresh token")
			}
		})
	}
}

// Ensure that a test can make tokens expire, make refresh tokens invalid, and issue new ones
// as a person does.
func TestRotation_Surprises(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, rotating)
		f.Faults().ExpireTokens()
		if got := []string{f.as(f.BotToken()), f.connectAs(f.AppToken())}; !slices.Equal(got, []string{"token_expired", "token_expired"}) {
			t.Errorf("after their end: %q", got)
		}
		lost := f.BotRefreshToken()
		f.Faults().RevokeRefreshTokens()
		if got := f.oauth(lost); got.Error != "invalid_refresh_token" {
			t.Errorf("a revoked refresh token: %+v", got)
		}
		f.ReissueTokens()
		if got := f.as(f.BotToken()) + f.connectAs(f.AppToken()); got != "" || f.BotRefreshToken() == lost || !f.oauth(f.BotRefreshToken()).OK {
			t.Errorf("the new tokens: %s", got)
		}
	})
}

// Ensure that Slack's times for tokens are as much faster as the workspace.
func TestRotation_Speed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, rotating, func(c *slack.Config) { c.Speed, c.TokenLife = 60, time.Hour })
		if got := f.oauth(f.BotRefreshToken()); got.Expires != 60 {
			t.Errorf("it expires in %d s", got.Expires)
		}
		time.Sleep(time.Minute)
		if got := f.as(f.BotToken()); got != "token_expired" {
			t.Errorf("after a minute: %q", got)
		}
	})
}

// Ensure that the log of calls shows no secret.
func TestRotation_Log(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, rotating)
		f.oauth(f.BotRefreshToken())
		f.oauth(f.AppRefreshToken())
		secrets := f.Secrets()
		if len(secrets) != 9 {
			t.Errorf("%d secrets were issued, not 9", len(secrets))
		}
		shown := pretty(f.Calls())
		for _, secret := range secrets {
			if strings.Contains(shown, secret) {
				t.Errorf("the log shows %s", secret)
			}
		}
	})
}
