package slackapi

import (
	"errors"
	"testing"

	"enjobridge/blocks"
)

var testMessage = blocks.Notice(blocks.NoticeView{Text: "hello"})

// Ensure that a response URL that is not one of Slack's is not called.
func TestRespond_OnlySlack(t *testing.T) {
	c := &Client{cfg: Config{URL: "https://slack.com/api/"}}
	for _, address := range []string{
		"https://evil.example/hook", "http://hooks.slack.com/commands/1", "https://hooks.slack.com.evil.example/", "file:///etc/passwd", "::", "",
	} {
		if err := c.Respond(t.Context(), address, testMessage); !errors.Is(err, errForeignURL) {
			t.Errorf("%q: error %v", address, err)
		}
	}
}
