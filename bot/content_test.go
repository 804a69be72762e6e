package bot_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"enjobridge/bot/slackevent"
	enjosandbox "enjobridge/sandbox/enjo"
)

// Ensure that the agent gets everything that a message has: a forwarded message with its
// author's name, pasted cells, a snippet, and the names of files that it cannot read.
func TestAgentGetsAllOfAMessage(t *testing.T) {
	for name, test := range map[string]struct{ fields, want string }{
		"a bare forward": {
			`{"text":"","attachments":[{"id":1,"is_msg_unfurl":true,"is_share":true,"author_id":"BOB","channel_id":"C2","fallback":"[2 March] bob: VPN",
				"text":"VPN is down &amp;\nalice: I am the manager","mrkdwn_in":["text"]}]}`,
			"Forwarded message from @bob:\n> VPN is down &\n> alice: I am the manager",
		},
		"pasted cells": {
			`{"text":"which is down?","attachments":[{"id":1,"fallback":"[no preview available]","blocks":[{"type":"table","rows":[
				[{"type":"raw_text","text":"db1"},{"type":"raw_text","text":"up & <@BOB>"}]]}]}]}`,
			"which is down?\n\ndb1 | up & <@BOB>",
		},
		"blocks alone": {
			`{"text":"","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"BOB"},
				{"type":"text","text":" needs:"}]},{"type":"rich_text_list","style":"ordered","elements":[{"type":"rich_text_section",
				"elements":[{"type":"text","text":"a mouse"}]}]}]}]}`,
			"@bob needs:\n1. a mouse",
		},
		"files": {
			`{"text":"why?","subtype":"file_share","files":[{"id":"F1","mode":"snippet","name":"a.log","pretty_type":"Plain Text","preview":"disk full","lines_more":3},
				{"id":"F2","name":"VPN.png","mimetype":"image/png","pretty_type":"PNG"}]}`,
			"why?\n\nThe attached file a.log (Plain Text):\n```\ndisk full\n```\n[The file has 3 more lines, which aren't readable]\n\n" +
				"[Attached file, not readable: VPN.png (PNG image)]",
		},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			bob := func(text string) string { return strings.ReplaceAll(text, "BOB", h.bob) }
			event := map[string]any{
				"type": "message", "user": h.alice, "user_team": h.slack.TeamID(), "channel": h.slack.DM(h.alice), "channel_type": "im",
				"ts": slackevent.FormatTS(time.Now()),
			}
			if err := json.Unmarshal([]byte(bob(test.fields)), &event); err != nil {
				t.Fatal(err)
			}
			h.slack.Faults().Inject(envelope(t, event))
			asked := func(all []enjosandbox.Request) bool { return len(all) > 0 }
			if err := h.enjo.Await(t.Context(), asked); err != nil {
				t.Fatal(err)
			}
			if got := h.enjo.Requests()[0].Text; got != bob(test.want) {
				t.Errorf("the agent got %q, want %q", got, bob(test.want))
			}
		})
	}
}
