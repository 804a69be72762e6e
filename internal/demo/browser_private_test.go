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

// Ensure that a private question that asks for a person in words gets the button, and that
// the one below a private answer first says what it shows, and then calls a person who reads
// the exchange.
func TestBrowserPrivateHandOver(t *testing.T) {
	s := openScene(t, props{})
	alice, bob := s.see(s.alice, s.support), s.see(s.bob, s.slack.DM(s.bob))
	alice.say("/enjo I want to talk to a human")
	alice.See("#messages .ephemeral .body", "I'll show them what you wrote to me here.")
	alice.say("/enjo How do I reset my VPN password?")
	alice.See("#messages .ephemeral .body", "password.example.com")
	alice.ClickLast(`#messages [data-action-id="answer_escalate"]`)
	alice.See("dialog.bk-confirm[open]", "my latest reply")
	alice.Click(`dialog.bk-confirm[open] button[value="deny"]`)
	alice.Gone("dialog.bk-confirm[open]")
	alice.ClickLast(`#messages [data-action-id="answer_escalate"]`)
	alice.Click(`dialog.bk-confirm[open] button[value="confirm"]`)
	alice.See("#messages .ephemeral .body", "I've asked @bob to help you")
	bob.See("#messages .body", "@alice would like to talk to a person.")
	bob.See("#messages .body", "How do I reset my VPN password?")
	bob.See("#messages .body", "It expires every 180 days")
	bob.ClickLast(`#messages [data-action-id="escalation_done_elsewhere"]`)
	bob.See("#messages .body", "@bob has taken care of this")
	if n := len(s.enjo.Requests()); n != 1 {
		t.Errorf("the agent was asked %d times", n)
	}
}
