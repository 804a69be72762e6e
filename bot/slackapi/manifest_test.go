package slackapi

import (
	"errors"
	"net/http"
	"slices"
	"testing"
)

// Ensure that an app is created only after Slack has accepted its manifest.
func TestCreateApp(t *testing.T) {
	ok := text(`{"ok":true,"errors":[]}`)
	for name, test := range map[string]struct {
		responses []func(http.ResponseWriter)
		id, code  string
		reasons   []string
	}{
		"created":       {[]func(http.ResponseWriter){ok, text(`{"ok":true,"app_id":"A1","credentials":{"client_secret":"x"}}`)}, "A1", "", nil},
		"wrong token":   {[]func(http.ResponseWriter){text(`{"ok":false,"error":"token_expired"}`)}, "", "token_expired", nil},
		"not created":   {[]func(http.ResponseWriter){ok, text(`{"ok":false,"error":"failed_creating_app"}`)}, "", "failed_creating_app", nil},
		"without an ID": {[]func(http.ResponseWriter){ok, ok}, "", "", nil},
		"refused": {
			[]func(http.ResponseWriter){text(`{"ok":false,"error":"invalid_manifest","errors":[{"message":"must be a string","pointer":"/features"}]}`)},
			"", "",
			[]string{"/features must be a string"},
		},
	} {
		c, r := newTestClient(t, test.responses...)
		id, err := c.CreateApp(t.Context(), "{}")
		if id != test.id || (err == nil) != (id != "") || ErrorCode(err) != test.code {
			t.Errorf("%s: the ID is %q, error %v", name, id, err)
		}
		if refused, ok := errors.AsType[*ManifestError](err); ok != (test.reasons != nil) || ok && !slices.Equal(refused.Reasons, test.reasons) {
			t.Errorf("%s: the error is %v", name, err)
		}
		for _, form := range r.forms {
			if form.Get("manifest") != "{}" {
				t.Errorf("%s: Slack got %v", name, form)
			}
		}
	}
}

// Ensure that the manifest of an app is exported as JSON.
func TestExportManifest(t *testing.T) {
	c, r := newTestClient(t, text(`{"ok":true,"manifest":{"settings":{"socket_mode_enabled":true}}}`))
	got, err := c.ExportManifest(t.Context(), "A1")
	if err != nil || string(got) != `{"settings":{"socket_mode_enabled":true}}` || r.forms[0].Get("app_id") != "A1" {
		t.Errorf("it is %s, error %v; Slack got %v", got, err, r.forms)
	}
	c, _ = newTestClient(t, text(`{"ok":false,"error":"app_not_found"}`))
	if _, err := c.ExportManifest(t.Context(), "A2"); ErrorCode(err) != "app_not_found" {
		t.Errorf("the error is %v", err)
	}
}
