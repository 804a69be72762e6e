package slack_test

import (
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that more events than Slack delivers in an hour are not delivered, and
// that the app is told so.
func TestDeluge(t *testing.T) {
	// What Slack allows an hour must not refill while a busy machine posts.
	w, err := slack.Open(slack.Config{History: 40_000, Speed: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ada := w.AddUser(slack.User{Name: "ada"})
	general := w.AddChannel(slack.Channel{Name: "general", Members: []string{ada, w.BotUserID()}})
	for range 30_100 {
		if _, err := w.Post(general, ada, "."); err != nil {
			t.Fatal(err)
		}
	}
	told := 0
	for _, e := range w.Traffic() {
		if e.Inner == "app_rate_limited" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the app was told %d times", told)
	}
}
