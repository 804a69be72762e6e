package demo

import (
	"testing"

	"enjobridge/blocks"
	"enjobridge/internal/browser"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that a question in a channel is answered in its thread, with links to the
// sources, and that a reply there continues the conversation.
func TestBrowserAsk(t *testing.T) {
	s := openScene(t, props{})
	tab := s.see(s.alice, s.support)

	tab.say("@enjobridge How do I reset my VPN password?")
	tab.See("#messages .message .body", "@enjobridge How do I reset my VPN password?")
	tab.See("#messages .replies", "1 reply")
	tab.Click("#messages .replies")
	tab.See("#replies .message .by .label", "App")
	tab.See("#replies .body", "Choose Forgot my password")
	tab.See("#replies .body", "Source:")
	tab.See(`#replies a[href="https://help.example.com/it/vpn-password"]`, "Reset your VPN password")
	tab.See("#replies .body", "AI-generated")
	tab.Gone("#working .stop")

	tab.reply("And on Linux?")
	tab.See("#reply-count", "3 replies")
	tab.See("#replies .body", "nmcli")
	if n := len(s.enjo.Conversations()); n != 1 {
		t.Errorf("the agent had %d conversations, not one", n)
	}
}

// Ensure that a ticket is shown as a card, and that its buttons work.
func TestBrowserTicket(t *testing.T) {
	s := openScene(t, props{})
	tab := s.lookAt(s.alice, s.support, s.ask(s.alice, "Open a ticket: my laptop screen is broken"))

	tab.See("#replies .body", "I have opened IT-1042")
	tab.See("#replies .bk-card-title", "IT-1042 · my laptop screen is broken")
	tab.See("#replies .bk-card-subtitle", "🔵 Open · Priority: Medium · Incident")
	tab.See("#replies .bk-card-body", "Requested by alice")
	tab.See("#replies .bk-container summary", "Details")
	tab.Gone(`#replies [data-action-id="ticket_create"]`)

	// Slack opens the address itself, and tells the bot. Here the address must not be opened.
	open := `#replies .bk-card a[href="https://jira.example.com/browse/IT-1042"]`
	tab.See(open, "Open in Jira")
	browser.Eval[any](tab.Tab, "document.querySelector(`"+open+"`).removeAttribute('href')")
	tab.press("ticket_open")
	s.await("the press of Open in Jira", func(slacksandbox.View) bool { return s.acknowledged("block_actions", "ticket_open") })

	tab.press("ticket_check")
	tab.See("#replies .bk-card-subtitle", "🟡 In Progress")
	tab.See("#replies .message:last-child .body", "Open → In Progress")
}

// Ensure that a direct message is answered without a mention, in a new thread.
func TestBrowserDirect(t *testing.T) {
	s := openScene(t, props{})
	tab := s.see(s.alice, s.slack.DM(s.alice))
	tab.say("How do I connect to the wifi?")
	tab.See("#thread #replies .body", "Source:")
	tab.Gone("#working .stop")
	tab.reply("Thanks!")
	tab.See("#replies .reaction", "👍")
}

// Ensure that a person of another organisation is refused, and that only they see it.
func TestBrowserStranger(t *testing.T) {
	s := openScene(t, props{})
	carol, alice := s.see(s.carol, s.shared), s.see(s.alice, s.shared)
	carol.say("@enjobridge What is our VPN's address?")
	carol.See(".ephemeral .only", "Only visible to you")
	carol.See(".ephemeral .body", blocks.SayStranger.Text())
	alice.See(".message .body", "What is our VPN's address?")
	alice.Gone(".ephemeral")
	if n := len(s.enjo.Requests()); n != 0 {
		t.Errorf("the agent was asked %d times", n)
	}
	if n := browser.Eval[int](alice.Tab, `document.querySelectorAll("#messages .message").length`); n != 1 {
		t.Errorf("alice sees %d messages, not one", n)
	}
}

// Ensure that everything works on a phone, without scrolling sideways.
func TestBrowserPhone(t *testing.T) {
	s := openScene(t, props{})
	tab := s.see(s.alice, s.support, browser.Options{Size: browser.Phone})
	tab.say("@enjobridge How do I reset my VPN password?")
	tab.Click("#messages .replies")
	tab.See("#replies .body", "Reset your VPN password")
	tab.reply("Open a ticket: my VPN is locked")
	tab.See("#replies .body", "IT-1042")
	tab.press("ticket_check")
	tab.See("#replies .body", "In Progress")
	if over := browser.Eval[int](tab.Tab, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("the page is %d pixels wider than the phone", over)
	}
}

// Ensure that users can ask, follow up and rate an answer with the keyboard alone.
func TestBrowserKeyboard(t *testing.T) {
	s := openScene(t, props{})
	tab := s.see(s.alice, s.support)
	tab.Await(`document.querySelector("#compose-text")`)
	for browser.Eval[string](tab.Tab, `document.activeElement.id`) != "compose-text" {
		tab.Press("F6")
	}
	tab.Write("@enjo")
	tab.See("#completions", "enjobridge")
	tab.Press("Enter")
	tab.Write("How do I reset my VPN password?")
	tab.Press("Enter")
	tab.See("#messages .replies", "1 reply")
	tab.Press("Shift+Tab")
	tab.tabTo(`.replies`, "Shift+Tab")
	tab.Press("Enter")
	tab.See("#replies .body", "Source:")
	tab.tabTo(`[data-action-id="answer_feedback"]`, "Tab")
	tab.Press("Enter")
	tab.See("#replies .ephemeral .body", blocks.SayThanksGood.Text())
	tab.tabTo("#reply-text", "Tab")
	tab.Write("And on Linux?")
	tab.Press("Enter")
	tab.See("#replies .body", "nmcli")
	tab.Press("Escape")
	tab.Gone("#thread")
}

// tabTo presses the key until an element that matches the selector has the focus.
func (tab *tab) tabTo(selector, key string) {
	for range 100 {
		if browser.Eval[bool](tab.Tab, `document.activeElement.matches('`+selector+`')`) {
			return
		}
		tab.Press(key)
	}
	tab.Await(`document.activeElement.matches('` + selector + `')`)
}
