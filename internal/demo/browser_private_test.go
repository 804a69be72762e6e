package demo

import (
	"testing"

	"enjobridge/blocks"
)

// Ensure that a question by the slash command is answered to its asker alone, and that the
// answer can be shared, once, in a thread where the conversation goes on.
func TestBrowserPrivateAnswer(t *testing.T) {
	s := openScene(t, props{})
	alice, bob := s.see(s.alice, s.support), s.see(s.bob, s.support)
	alice.say("/enjo How do I reset my VPN password?")
	alice.See("#messages .ephemeral .body", "password.example.com")
	bob.Gone("#messages .ephemeral")
	bob.Await(`!document.querySelector("#messages").innerText.includes("password.example.com")`)

	alice.ClickLast(`#messages [data-action-id="answer_share"]`)
	bob.See("#messages .message .body", "alice asked: How do I reset my VPN password?")
	bob.See("#messages .message .body", "password.example.com")
	alice.See("#messages .ephemeral .body", blocks.SayShared.Text())
	alice.Await(`!document.querySelector('#messages [data-action-id="answer_share"]')`)

	var root string
	for _, m := range s.slack.Messages(s.support) {
		if m.BotID == s.slack.BotID() && m.EphemeralTo == "" {
			root = m.TS
		}
	}
	thread := s.lookAt(s.alice, s.support, root)
	thread.reply("And on Linux?")
	thread.See("#replies .body", "nmcli")
}
