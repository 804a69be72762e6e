package preview

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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
		"slack answered invalid_auth": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"ok":false,"error":"invalid_auth"}`)
		},
		"slack answered invalid_arguments: must provide": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"ok":false,"error":"invalid_arguments","response_metadata":{"messages":["must provide exactly one"]}}`)
		},
		"307 Temporary Redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"503 Service Unavailable":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"reading slack's response": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `<html>`) },
	} {
		err := Validate(t.Context(), fakeSlack(t, answer), "xoxb-1", io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "example answer") || strings.Contains(err.Error(), "xoxb-1") {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}

// Ensure that a rate limit is waited for as long as Slack says, but not forever.
func TestValidateKeepsTheRateLimit(t *testing.T) {
	limits := 2
	address := fakeSlack(t, func(w http.ResponseWriter, _ *http.Request) {
		if limits == 0 {
			_, _ = io.WriteString(w, `{"ok":true}`)
			return
		}
		limits--
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	var waited time.Duration
	v := validator{url: address + "blocks.validate", token: "xoxb-1", client: http.DefaultClient, wait: func(_ context.Context, d time.Duration) error {
		waited += d
		return nil
	}}
	if err := v.gallery(t.Context(), io.Discard); err != nil || waited != time.Minute {
		t.Errorf("it waited for %v, then %v", waited, err)
	}
	limits = 1000
	if err := v.gallery(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "try again later") {
		t.Errorf("the error is %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
}
