package bot_test

import (
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/blockkit"
)

// fullTicket is a ticket with all fields, with its status.
func fullTicket(status string) string {
	return withTicket(`{"Id":"IT-1","Status":"` + status + `","Priority":"High","Type":"Incident","Description":"My laptop is broken",` +
		`"Url":"https://acme.atlassian.net/browse/IT-1"}`)
}

// withCard are the calls of a method with Slack's card block.
func withCard(method string) slacksandbox.Calls {
	return slacksandbox.Calls{Method: method, If: func(c slacksandbox.Call) bool { return strings.Contains(c.Args["blocks"], `"type":"card"`) }}
}

// Ensure that a ticket is shown as a card with its subject, status and requester, that
// its text says the same, and that the requester is not pinged.
func TestATicketIsACard(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{agent: answering(fullTicket("In Progress"))})
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		card, cards := h.card(root, "IT-1")
		if cards != 1 {
			t.Fatalf("there are %d cards", cards)
		}
		const name = "alice"
		for _, want := range []string{`"type":"card"`, "IT-1 · My laptop is broken", "🟡 *In Progress*", "Requested by " + name, "Open in Jira"} {
			if !strings.Contains(string(card.Blocks), want) {
				t.Errorf("the card lacks %s: %s", want, card.Blocks)
			}
		}
		want := "Ticket IT-1: My laptop is broken. Status: In Progress. Priority: High. Type: Incident. Requested by: " + name +
			". Open in Jira: https://acme.atlassian.net/browse/IT-1"
		if card.Text != want {
			t.Errorf("the text is %q, want %q", card.Text, want)
		}
		if pings := blockkit.Pings(card.Blocks, card.Text); len(pings) > 0 {
			t.Errorf("the card pings %v", pings)
		}
	})
}

// Ensure that a ticket is shown as sections if Slack refuses the card, that the log has
// Slack's pointers, and that the sections are updated in place.
func TestARefusedCardIsShownAsSections(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{agent: inTurn(fullTicket("Open"), fullTicket("Resolved"))})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.*"}, slacksandbox.Unsupported("card"))
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		first, cards := h.card(root, "IT-1")
		if cards != 1 || strings.Contains(string(first.Blocks), `"type":"card"`) || !strings.Contains(string(first.Blocks), `"type":"section"`) {
			t.Fatalf("%d cards: %s", cards, first.Blocks)
		}
		h.awaitLog("[json-pointer:/blocks/0/type]", 1)
		h.say(h.support, h.alice, "and now?", slacksandbox.InThread(root))
		h.awaitEnded(2)
		second, cards := h.card(root, "IT-1")
		if cards != 1 || second.TS != first.TS || !strings.Contains(string(second.Blocks), "🟢 Resolved") {
			t.Errorf("%d cards, the last %s", cards, second.Blocks)
		}
	})
}

// Ensure that a card whose post has an unknown outcome is found again, in whichever
// rendering it is.
func TestACardIsFoundInAnyRendering(t *testing.T) {
	for name, fault := range map[string]slacksandbox.CallEffect{
		"the card": slacksandbox.LoseResponse(), "the sections": slacksandbox.Unsupported("card"),
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{agent: inTurn(fullTicket("Open"), fullTicket("Resolved"))})
			h.slack.Faults().OnCall(withCard("chat.postMessage"), fault)
			root := h.mention(h.alice, "Open a ticket")
			h.awaitEnded(1)
			h.say(h.support, h.alice, "and now?", slacksandbox.InThread(root))
			h.awaitEnded(2)
			card, cards := h.card(root, "IT-1")
			if cards != 1 || !strings.Contains(string(card.Blocks), `"type":"card"`) || !strings.Contains(string(card.Blocks), "🟢 *Resolved*") {
				t.Errorf("%d cards, the last %s", cards, card.Blocks)
			}
		})
	}
}

// Ensure that the button that opens a ticket is acknowledged and has no other effect,
// also for people who may not use the bot.
func TestOpeningATicketIsSilent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{agent: answering(fullTicket("Open"))})
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		card, _ := h.card(root, "IT-1")
		if err := h.slack.Invite(h.support, h.carol); err != nil {
			t.Fatal(err)
		}
		before, calls := len(h.slack.Messages(h.support)), len(h.slack.Calls())
		for _, user := range []string{h.bob, h.carol} {
			h.press(user, h.support, card.TS, blocks.ActionOpenTicket)
		}
		time.Sleep(time.Minute)
		if after := len(h.slack.Messages(h.support)); after != before {
			t.Errorf("opening the ticket caused %d messages", after-before)
		}
		for _, c := range h.slack.Calls()[calls:] {
			if strings.HasPrefix(c.Method, "chat.") || strings.HasPrefix(c.Method, "views.") {
				t.Errorf("opening the ticket caused a call of %s", c.Method)
			}
		}
	})
}

// Ensure that a status that the ticketing system counts as closed is shown as done,
// whatever it is called.
func TestACardKnowsClosedStatusesOfOtherNames(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		h.news(id, hookSecret, `{"fields":{"status":{"name":"Abgenommen","statusCategory":{"key":"done"}}},`+modified(time.Hour)+`}`)
		h.await("a card that shows the status", func(slacksandbox.View) bool {
			card, cards := h.card(root, id)
			return cards == 1 && strings.Contains(string(card.Blocks), "🟢 *Abgenommen*")
		})
	})
}
