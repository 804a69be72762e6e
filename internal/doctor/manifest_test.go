package doctor

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Ensure that the app's manifest is read as Slack writes it, with emoji as two escapes.
func TestCheckManifest_Escapes(t *testing.T) {
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"ok":true,"manifest":{"display_information":{"name":"bot \ud83e\udd16"},"settings":{"event_subscriptions":{"bot_events":["message.im"]}}}}`)
	}))
	defer slack.Close()
	d := &doctor{Options: Options{ConfigToken: "xoxe.xoxp-1", Manifest: []byte("settings:\n  event_subscriptions:\n    bot_events: [app_mention, message.im]\n")}}
	d.Config.Bot.SlackAPIURL = slack.URL + "/"
	d.checkManifest(t.Context(), "A1")
	if len(d.findings) == 0 || d.findings[0].Message != "the app does not subscribe to events, which are not received then: app_mention" {
		t.Errorf("it finds %+v", d.findings)
	}
}
