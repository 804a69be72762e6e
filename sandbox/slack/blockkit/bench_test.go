package blockkit

import (
	"encoding/json"
	"testing"
)

// answer is a typical message of a bot: Markdown, sources, buttons.
func answer() json.RawMessage {
	return json.RawMessage(`[
		{"type":"markdown","text":"## VPN\n\nOpen **Settings**, choose *Network* and ` + "`connect`" + `.\n\n1. first\n2. second\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"},
		{"type":"context","elements":[{"type":"mrkdwn","text":"<https://example.com/1|VPN guide> · <https://example.com/2|Network>"}]},
		{"type":"context_actions","elements":[{"type":"feedback_buttons","action_id":"fb",
			"positive_button":{"text":{"type":"plain_text","text":"Good"},"value":"1"},"negative_button":{"text":{"type":"plain_text","text":"Bad"},"value":"0"}}]}]`)
}

func BenchmarkCheck(b *testing.B) {
	raw := answer()
	b.ReportAllocs()
	for b.Loop() {
		if problems := Check(raw, Message); problems != nil {
			b.Fatal(problems)
		}
	}
}

func BenchmarkHTML(b *testing.B) {
	raw := answer()
	b.ReportAllocs()
	for b.Loop() {
		HTML(raw, workspace{})
	}
}

func BenchmarkText(b *testing.B) {
	raw := answer()
	b.ReportAllocs()
	for b.Loop() {
		Text(raw, workspace{})
	}
}
