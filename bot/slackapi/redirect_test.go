package slackapi

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/telemetry"
)

// Ensure that no call follows a redirect, which would carry the token or people's words
// along, that only a person can fix it, and that the hint names where it leads, without
// the path.
func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was followed", r.Method, r.URL) }))
	defer elsewhere.Close()
	target := strings.TrimPrefix(elsewhere.URL, "http://")
	for _, code := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		mux := http.NewServeMux()
		mux.HandleFunc("/api/files.getUploadURLExternal", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"ok":true,"upload_url":"http://`+r.Host+`/upload"}`)
		})
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL+"/secret", code) })
		server := httptest.NewServer(mux)
		c := New(Config{
			URL: server.URL + "/api/", BotToken: testToken, AppToken: "xapp-secret", Random: func(int64) int64 { return 0 },
			Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
		})
		for name, call := range map[string]func() error{
			"auth.test":             func() error { _, err := c.AuthTest(t.Context()); return err },
			"chat.postMessage":      func() error { _, err := c.Post(t.Context(), "C1", "", testMessage, Marker{}); return err },
			"conversations.replies": func() error { _, _, err := c.Message(t.Context(), testThread, "2.1"); return err },
			"apps.connections.open": func() error { _, err := c.OpenConnection(t.Context()); return err },
			"views.open":            func() error { return c.OpenView(t.Context(), "1.2.3", blocks.Modal{}) },
			"the response URL":      func() error { return c.Respond(t.Context(), server.URL+"/respond/1", testMessage) },
			"the upload URL":        func() error { return c.upload(t.Context(), testThread, "a.md", blocks.File{Content: "secret"}) },
		} {
			err := call()
			failure := Classify(err)
			if failure.Class != Setup || !strings.Contains(failure.Hint, "SLACK_API_URL") || !strings.Contains(failure.Hint, target) {
				t.Errorf("%d of %s: %v is %+v", code, name, err, failure)
			}
			if shown := fmt.Sprint(err, failure.Hint); strings.Contains(shown, "secret") {
				t.Errorf("%d of %s: %s", code, name, shown)
			}
		}
		c.Close()
		server.Close()
	}
}
