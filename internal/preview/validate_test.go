package preview

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"enjobridge/blocks"
)

// fakeSlack serves blocks.validate.
func fakeSlack(t *testing.T, validate http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/blocks.validate" || r.Header.Get("Authorization") != "Bearer xoxb-1" {
			t.Errorf("there is a call of %s", r.URL.Path)
		}
		validate(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api/"
}

// Ensure that the examples that Slack refuses are listed with its pointers, and that the
// others are validated, too.
func TestValidateListsWhatSlackRefuses(t *testing.T) {
	seen := 0
	address := fakeSlack(t, func(w http.ResponseWriter, r *http.Request) {
		seen++
		switch {
		case strings.Contains(r.FormValue("message"), `"type":"card"`):
			_, _ = io.WriteString(w, `{"ok":false,"error":"invalid_message","errors":[{"code":"failed_constraint","message":"unsupported type: card","pointer":"/blocks/0/type"}]}`)
		case strings.Contains(r.FormValue("view"), `"type":"home"`):
			_, _ = io.WriteString(w, `{"ok":false,"error":"invalid_view"}`)
		default:
			_, _ = io.WriteString(w, `{"ok":true}`)
		}
	})
	var out bytes.Buffer
	err := Validate(t.Context(), address, "xoxb-1", &out)
	if err == nil || !strings.HasPrefix(err.Error(), "slack refuses ") {
		t.Errorf("the error is %v", err)
	}
	for _, want := range []string{
		"\nticket\n  message 1: /blocks/0/type unsupported type: card\n", "\nticket-system\n  /blocks/0/type unsupported type: card\n", "\nhome\n  invalid_view\n",
	} {
		if !strings.Contains("\n"+out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "notice") || seen < len(blocks.Gallery()) {
		t.Errorf("%d calls:\n%s", seen, &out)
	}
}

// Ensure that other errors end the validation, and that the token follows no redirect.
func TestValidateEndsWithErrors(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	for want, answer := range map[string]http.HandlerFunc{
		"SLACK_BOT_TOKEN is wrong": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"ok":false,"error":"invalid_auth"}`)
		},
		"redirect to the host": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"503 Service Unavailable: check SLACK_API_URL": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"reading the response of blocks.validate":      func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `<html>`) },
	} {
		err := Validate(t.Context(), fakeSlack(t, answer), "xoxb-1", io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "example answer") || strings.Contains(err.Error(), "xoxb-1") {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}
