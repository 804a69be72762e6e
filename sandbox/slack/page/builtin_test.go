package page_test

import (
	"slices"
	"testing"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// Ensure that people can add the app to a channel and remove it with Slack's own
// commands, and that the app gets no slash command.
func TestInvite(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	app := s.BotUserID()
	member := func(v slack.View) bool {
		c, _ := v.Channel(s.elsewhere)
		return slices.Contains(c.Members, app)
	}
	tab := chromium.Open(t, s.at(s.bob, s.elsewhere))
	tab.Type("#compose-text", "/inv")
	tab.See("#completions", "/invite [@name]")
	tab.Press("Enter")
	tab.Write("@helpdesk")
	tab.Await(`document.querySelector("#compose-text").value === "/invite @helpdesk"`)
	tab.Click("#compose .send")
	s.await("the app to join", member)
	tab.See(".message .body", "has joined the channel")

	tab.Type("#compose-text", "/remove @helpdesk")
	tab.Click("#compose .send")
	s.await("the app to leave", func(v slack.View) bool { return !member(v) })
	for _, e := range s.Traffic() {
		if e.Type == "slash_commands" {
			t.Errorf("the app got %s", e.Payload)
		}
	}
}
