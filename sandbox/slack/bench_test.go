package slack_test

import (
	"testing"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"

	"enjobridge/sandbox/slack"
)

func benchmark(b *testing.B, speed float64) (w *slack.Workspace, api *slackgo.Client, ada, general string) {
	b.Helper()
	w, err := slack.Open(slack.Config{Speed: speed})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	ada = w.AddUser(slack.User{Name: "ada"})
	general = w.AddChannel(slack.Channel{Name: "general", Members: []string{ada, w.BotUserID()}})
	return w, slackgo.New(w.BotToken(), slackgo.OptionAPIURL(w.APIURL()), slackgo.OptionAppLevelToken(w.AppToken())), ada, general
}

// BenchmarkPostMessage measures chat.postMessage with slack-go.
func BenchmarkPostMessage(b *testing.B) {
	_, api, _, general := benchmark(b, 1e9) // without rate limits
	for b.Loop() {
		if _, _, err := api.PostMessage(general, slackgo.MsgOptionText("hello", false)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDelivery measures a person's mention until both of its events are
// acknowledged.
func BenchmarkDelivery(b *testing.B) {
	w, api, ada, general := benchmark(b, 1) // keeps the connections alive
	_, url, err := api.StartSocketModeContext(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	conn, response, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		b.Fatal(err)
	}
	_ = response.Body.Close()
	defer conn.Close()
	var envelope struct {
		ID string `json:"envelope_id"`
	}
	if err := conn.ReadJSON(&envelope); err != nil { // hello
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := w.Post(general, ada, slack.Mention(w.BotUserID())+" hello"); err != nil {
			b.Fatal(err)
		}
		for range 2 {
			if err := conn.ReadJSON(&envelope); err != nil {
				b.Fatal(err)
			}
			if err := conn.WriteJSON(map[string]string{"envelope_id": envelope.ID}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
