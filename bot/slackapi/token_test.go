package slackapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/storage"
)

// changing are tokens whose owner replaces them when they are refused.
type changing struct {
	current string
	next    []string
	err     error
	refused []string
}

func (c *changing) Token(kind storage.TokenKind) string { return string(kind) + " " + c.current }

func (c *changing) Refused(_ context.Context, _ storage.TokenKind, token string) (bool, error) {
	c.refused = append(c.refused, token)
	if len(c.next) == 0 {
		return false, c.err
	}
	c.current, c.next = c.next[0], c.next[1:]
	return true, nil
}

// Ensure that a call whose token is refused is made again, with the new token of its kind, a few
// times, and that a failure to get one is the error of the call.
func TestCall_TokenRefused(t *testing.T) {
	const ok, expired, revoked, unknown = `{"ok":true,"url":"wss://slack.com"}`, `{"ok":false,"error":"token_expired"}`, `{"ok":false,"error":"token_revoked"}`, `{"ok":false,"error":"invalid_auth"}`
	limited := &ResponseError{Status: 429}
	for name, test := range map[string]struct {
		responses []string
		tokens    changing
		code      string
		err       error
	}{
		"expired":              {[]string{expired, ok}, changing{next: []string{"new"}}, "", nil},
		"revoked":              {[]string{revoked, ok}, changing{next: []string{"new"}}, "", nil},
		"forgotten":            {[]string{unknown, ok}, changing{next: []string{"new"}}, "", nil},
		"the next one, too":    {[]string{expired, unknown}, changing{next: []string{"new"}}, "invalid_auth", nil},
		"the next one expired": {[]string{expired, expired, ok}, changing{next: []string{"new", "newer"}}, "", nil},
		"no token works":       {[]string{expired, expired, expired}, changing{next: []string{"new", "newer", "newest"}}, "token_expired", nil},
		"no other token":       {[]string{expired}, changing{}, "token_expired", nil},
		"no other token now":   {[]string{expired}, changing{err: limited}, "", limited},
		"another error":        {[]string{`{"ok":false,"error":"fatal_error"}`}, changing{next: []string{"new"}}, "fatal_error", nil},
		"a missing permission": {[]string{`{"ok":false,"error":"missing_scope"}`}, changing{next: []string{"new"}}, "missing_scope", nil},
	} {
		for kind, call := range map[storage.TokenKind]func(c *Client) error{
			storage.BotToken: func(c *Client) error { return c.React(t.Context(), "C1", "1.1", "eyes") },
			storage.AppToken: func(c *Client) error { _, err := c.OpenConnection(t.Context()); return err },
		} {
			t.Run(name+", "+string(kind), func(t *testing.T) {
				var responses []func(http.ResponseWriter)
				for _, body := range test.responses {
					responses = append(responses, text(body))
				}
				c, r := newTestClient(t, responses...)
				tokens := test.tokens
				tokens.current = "old"
				c.cfg.Tokens = &tokens
				err := call(c)
				if ErrorCode(err) != test.code || test.err != nil && !errors.Is(err, test.err) || test.code == "" && test.err == nil && err != nil {
					t.Errorf("the error is %v", err)
				}
				if len(r.requests) != len(test.responses) {
					t.Fatalf("%d calls", len(r.requests))
				}
				for i, want := range []string{"old", "new", "newer"}[:len(r.requests)] {
					if got := r.requests[i].Header.Get("Authorization"); got != "Bearer "+string(kind)+" "+want {
						t.Errorf("call %d has the token %q", i+1, got)
					}
				}
			})
		}
	}
}

var testApp = Credentials{ClientID: "12.34", ClientSecret: "hunter2-client"}

// Ensure that a refresh sends what Slack needs, without a token, and that the life of the new
// token begins before the response.
func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, r := newTestClient(t, text(`{"ok":true,"access_token":"xoxe.xoxb-1-new","refresh_token":"xoxe-1-new","expires_in":3600,"token_type":"bot"}`))
		began := time.Now()
		fresh, err := c.Refresh(t.Context(), storage.BotToken, testApp, "xoxe-1-hunter2")
		want := storage.Token{Kind: storage.BotToken, Access: "xoxe.xoxb-1-new", Refresh: "xoxe-1-new", IssuedAt: began.Round(0), ExpiresAt: began.Add(time.Hour).Round(0)}
		if err != nil || fresh != want {
			t.Errorf("got %#v from %s to %s, %v", fresh, fresh.IssuedAt, fresh.ExpiresAt, err)
		}
		if got := r.forms[0].Encode(); got != "client_id=12.34&client_secret=hunter2-client&grant_type=refresh_token&refresh_token=xoxe-1-hunter2" {
			t.Errorf("the form is %s", got)
		}
		if got := r.requests[0].Header.Get("Authorization") + r.requests[0].URL.String(); got != "https://slack.example/api/oauth.v2.access" {
			t.Errorf("the call is %s", got)
		}
	})
}

// Ensure that new tokens are not lost if their response does not say how long they are valid.
func TestRefresh_UnknownLife(t *testing.T) {
	for _, field := range []string{``, `,"expires_in":0`, `,"expires_in":"soon"`, `,"expires_in":1e300`} {
		c, _ := newTestClient(t, text(`{"ok":true,"access_token":"xoxe.xoxb-1-new","refresh_token":"xoxe-1-new"`+field+`}`))
		fresh, err := c.Refresh(t.Context(), storage.BotToken, testApp, "xoxe-1-hunter2")
		if life := fresh.ExpiresAt.Sub(fresh.IssuedAt); err != nil || life != 12*time.Hour {
			t.Errorf("with %q, it is valid for %v, %v", field, life, err)
		}
	}
}

// Ensure that a refresh that fails has its class, that its error shows no secret, and that a
// response without a token of the right kind is an error.
func TestRefresh_Errors(t *testing.T) {
	for body, want := range map[string]struct {
		class Class
		hint  string
	}{
		`{"ok":false,"error":"invalid_refresh_token"}`:                      {Setup, "reinstall the app for a new bot token"},
		`{"ok":false,"error":"invalid_client_id"}`:                          {Setup, "SLACK_CLIENT_ID"},
		`{"ok":false,"error":"bad_client_secret"}`:                          {Setup, "SLACK_CLIENT_SECRET"},
		`{"ok":false,"error":"internal_error"}`:                             {Unknown, ""},
		`{"ok":true}`:                                                       {Unknown, ""},
		`{"ok":true,"access_token":"xoxe.xoxb-hunter2","expires_in":43200}`: {Unknown, ""},

		`{"ok":true,"access_token":"xoxe.xapp-hunter2","refresh_token":"hunter2","expires_in":43200}`: {Setup, "may be swapped"},
	} {
		c, _ := newTestClient(t, text(body))
		_, err := c.Refresh(t.Context(), storage.BotToken, testApp, "xoxe-1-hunter2")
		failure := Classify(err)
		if failure.Class != want.class || !strings.Contains(failure.Hint, want.hint) {
			t.Errorf("%s: %v is %+v", body, err, failure)
		}
		if err == nil || strings.Contains(err.Error()+failure.Hint, "hunter2") {
			t.Errorf("%s: the error is %v", body, err)
		}
	}
}
