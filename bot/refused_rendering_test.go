package bot_test

import (
	"strings"
	"testing"

	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that the log has Slack's pointers to the parts of an answer that it refused, and
// that the answer is shown in a simpler rendering.
func TestARefusedAnswerIsLoggedWithPointers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Unsupported("markdown"))
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitEnded(1)
		h.awaitLog("[ERROR] unsupported type: markdown [json-pointer:/blocks/0/type]", 1)
		if shown := texts(h.answers(h.slack.View, h.support, root)); !strings.Contains(shown, "expires every 180 days") {
			t.Errorf("the thread shows %s", shown)
		}
	})
}
