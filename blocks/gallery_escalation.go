package blocks

import (
	"slices"
	"strings"
)

// escalationExamples are calls for a person, and what leads to them and follows.
func escalationExamples() []Example {
	call := EscalationView{
		To: []string{"S012345", "U012345"}, By: "U067890", Name: "Alice Abara", First: "My VPN password does not work on Linux",
		Link: exampleLink, Question: exampleQuestion, Muted: true,
	}
	ticket := exampleTicket()
	exchange := call
	exchange.Latest, exchange.Reply, exchange.Ticket = "It still says that the password is wrong", "Open Settings, then Network, and choose VPN. Enter the new password there.", &ticket
	colleague := exchange
	colleague.For, colleague.Name, colleague.Waiting = "U024680", "Carol Chen", true
	hostile := exchange
	markup := strings.Repeat("<!channel> <@U0EVERY> <https://evil.example|bank> :pray: ", 20)
	odd := ticket
	odd.ID, odd.Status, odd.Description, odd.URL = "www.bank.example <!here>", "<!everyone>", markup, "https://evil.example/1"
	hostile.Name, hostile.First, hostile.Latest, hostile.Reply, hostile.Ticket = "<!channel> @here", markup, markup, markup, &odd
	hostile.Link = "javascript:alert(1)"
	rtl := call
	rtl.First, rtl.Latest = "كلمة المرور لا تعمل", "ما زالت لا تعمل"
	done := exchange
	done.DoneBy = "U012345"
	awake := call
	awake.DoneBy, awake.Muted = "U012345", false
	elsewhere := exchange
	elsewhere.To, elsewhere.Elsewhere, elsewhere.Muted, elsewhere.Link = nil, true, false, ""
	elsewhereDone := elsewhere
	elsewhereDone.DoneBy = "U012345"
	calls := func(name, description string, v EscalationView) Example {
		e := messageExample(name, description, Escalation(v))
		e.Calls = slices.DeleteFunc(append([]string{v.By, v.For, v.DoneBy}, v.To...), func(id string) bool { return id == "" })
		return e
	}
	called := messageExample("escalation-called", "Somebody was called from direct messages: what the asker sees.", Called(call.To, ""))
	called.Calls = call.To
	calledDone := messageExample("escalation-called-done", "The same after Done.", Called(call.To, "U012345"))
	calledDone.Calls = []string{"U012345"}
	calledPrivately := messageExample("escalation-called-privately", "Somebody was called from a private answer: what only its asker sees.", CalledPrivately(call.To))
	calledPrivately.Calls = call.To
	return []Example{
		messageExample("escalation-offer", "A person asked for a person in words.", OfferPerson(SayOfferPerson, exampleQuestion)),
		messageExample("escalation-offer-direct", "The same in a direct message.", OfferPerson(SayOfferPersonDirectly, exampleQuestion)),
		messageExample("escalation-offer-private", "The same after the slash command.", OfferPerson(SayOfferPersonPrivately, exampleQuestion)),
		calls("escalation", "People are asked to join a thread.", call),
		calls("escalation-exchange", "The same after more questions, with a ticket.", exchange),
		calls("escalation-colleague", "A colleague clicked the button while a question waits.", colleague),
		calls("escalation-bare", "The same without a known question.", EscalationView{To: []string{"U012345"}, By: "U067890", Muted: true}),
		calls("escalation-hostile", "Texts that try to ping everyone.", hostile),
		calls("escalation-right-to-left", "Questions in Arabic.", rtl),
		calls("escalation-done", "Somebody has clicked Done, and the bot is still quiet.", done),
		calls("escalation-done-awake", "The same after the bot was mentioned.", awake),
		calls("escalation-elsewhere", "People are called from a direct message, which they cannot read.", elsewhere),
		calls("escalation-elsewhere-done", "The same after Done.", elsewhereDone),
		called, calledDone, calledPrivately,
	}
}
