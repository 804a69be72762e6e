package slackapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withScopes responds with the scopes of the token.
func withScopes(scopes, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("X-OAuth-Scopes", scopes)
		text(body)(w)
	}
}

const testAuth = `{"ok":true,"team":"Acme","user":"enjobridge","team_id":"T1","user_id":"U1","bot_id":"B1"}`

// Ensure that the installation is known with its app and the scopes that it lacks.
func TestInstallation(t *testing.T) {
	all := strings.Join(allScopes(), ",")
	without := func(scope string) string { return strings.Replace(all, scope+",", "", 1) }
	bot := text(`{"ok":true,"bot":{"app_id":"A1"}}`)
	for name, test := range map[string]struct {
		auth, bot func(http.ResponseWriter)
		want      Installation
	}{
		"complete":          {withScopes(all, testAuth), bot, Installation{"Acme", "enjobridge", "A1", nil}},
		"unknown scopes":    {text(testAuth), bot, Installation{"Acme", "enjobridge", "A1", nil}},
		"lacks a scope":     {withScopes(without("im:history"), testAuth), bot, Installation{"Acme", "enjobridge", "A1", []string{"im:history"}}},
		"lacks a minor one": {withScopes(without("files:write"), testAuth), bot, Installation{"Acme", "enjobridge", "A1", []string{"files:write"}}},
		"without agents":    {withScopes(without("assistant:write"), testAuth), bot, Installation{"Acme", "enjobridge", "A1", nil}},
		"lacks users:read": {
			withScopes(strings.TrimSuffix(all, ",users:read"), testAuth), text(`{"ok":false,"error":"missing_scope"}`),
			Installation{"Acme", "enjobridge", "", []string{"users:read"}},
		},
	} {
		c, r := newTestClient(t, test.auth, test.bot)
		got, err := c.Installation(t.Context())
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v\n%s", name, err, diff)
		}
		if r.forms[1].Get("bot") != "B1" {
			t.Errorf("%s: Slack got %v", name, r.forms[1])
		}
	}
}

// Ensure that an app that an organisation has added to no workspace yet is installed.
func TestInstallation_NoWorkspace(t *testing.T) {
	auth := text(`{"ok":true,"team":"Acme","user":"enjobridge","enterprise_id":"E1","is_enterprise_install":true,"user_id":"U1","bot_id":"B1"}`)
	c, _ := newTestClient(t, auth, text(`{"ok":true,"teams":[]}`))
	got, err := c.Installation(t.Context())
	if diff := cmp.Diff(Installation{Workspace: "Acme", BotName: "enjobridge"}, got); diff != "" || err != nil {
		t.Errorf("error %v\n%s", err, diff)
	}
}

// Ensure that an installation that Slack does not describe is an error.
func TestInstallation_Refused(t *testing.T) {
	for want, responses := range map[string][]func(http.ResponseWriter){
		"invalid_auth":           {text(`{"ok":false,"error":"invalid_auth"}`)},
		"not_allowed_token_type": {text(`{"ok":true,"team_id":"T1","user_id":"U1"}`)}, // of a person
		"fatal_error":            {text(testAuth), text(`{"ok":false,"error":"fatal_error"}`)},
	} {
		c, _ := newTestClient(t, responses...)
		if _, err := c.Installation(t.Context()); ErrorCode(err) != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}
