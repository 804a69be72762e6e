package bot_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// card returns the message with the card of a ticket, and the number of such messages.
func (h *house) card(root, id string) (card slacksandbox.Message, cards int) {
	for _, m := range h.answers(h.slack.View, h.support, root) {
		if strings.Contains(string(m.Blocks), blocks.ActionCheckStatus) && strings.Contains(string(m.Blocks), id) {
			card = m
			cards++
		}
	}
	return card, cards
}

// openTicket makes the agent open a ticket for alice, and returns the thread and the
// ticket's ID.
func (h *house) openTicket() (root, id string) {
	h.t.Helper()
	root = h.mention(h.alice, "Open a ticket: my laptop is broken")
	h.awaitEnded(1)
	return root, h.enjo.Tickets()[0].ID
}

// told returns how many messages contain a text.
func occurrences(messages []slacksandbox.Message, text string) (n int) {
	for _, m := range messages {
		if strings.Contains(m.Text, text) || strings.Contains(string(m.Blocks), text) {
			n++
		}
	}
	return n
}

func TestATicketHasOneLivingCard(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root, id := h.openTicket()
		h.say(h.support, h.alice, "what is the status of "+id+"?", slacksandbox.InThread(root))
		h.awaitEnded(2)
		card, cards := h.card(root, id)
		if cards != 1 {
			t.Fatalf("there are %d cards", cards)
		}
		status := h.enjo.Tickets()[0].Status
		if !strings.Contains(string(card.Blocks), status) {
			t.Errorf("the card lacks %q: %s", status, card.Blocks)
		}
		if shown := texts(h.answers(h.slack.View, h.support, root)); !strings.Contains(shown, "Status: Open → "+status) {
			t.Errorf("the thread does not show the change: %s", shown)
		}
	})
}

// unchanged is the agent's response about a ticket that never changes.
const unchanged = `{"success":true,"data":{"answers":"It is open.","conversationId":"c1",` +
	`"ticketDetails":{"Id":"IT-1","Status":"Open","LastModifiedDate":"2026-11-22T10:00:00Z"}}}`

func TestABareRepeatChangesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{agent: answering(unchanged)})
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		h.say(h.support, h.alice, "and now?", slacksandbox.InThread(root))
		h.awaitEnded(2)
		if n := len(h.answers(h.slack.View, h.support, root)); n != 3 { // two answers, one card
			t.Errorf("the thread got %d messages", n)
		}
		if card, cards := h.card(root, "IT-1"); cards != 1 || card.Edited != nil {
			t.Errorf("there are %d cards, edited %v", cards, card.Edited)
		}
	})
}

func TestSeveralTicketsInOneThreadHaveACardEach(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root, _ := h.openTicket()
		h.say(h.support, h.alice, "Open another ticket: my phone is broken", slacksandbox.InThread(root))
		h.awaitEnded(2)
		for _, ticket := range h.enjo.Tickets() {
			if _, cards := h.card(root, ticket.ID); cards != 1 {
				t.Errorf("%s has %d cards", ticket.ID, cards)
			}
		}
	})
}

func TestADeletedCardIsPostedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root, id := h.openTicket()
		card, _ := h.card(root, id)
		if err := h.slack.Delete(h.support, card.TS); err != nil {
			t.Fatal(err)
		}
		h.say(h.support, h.alice, "what is the status of "+id+"?", slacksandbox.InThread(root))
		h.awaitEnded(2)
		if _, cards := h.card(root, id); cards != 1 {
			t.Errorf("there are %d cards", cards)
		}
	})
}

// inTurn is an agent that gives the responses in order, and then repeats the last one.
func inTurn(responses ...string) http.Handler {
	var given atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := int(given.Add(1))
		_, _ = io.WriteString(w, responses[min(n, len(responses))-1])
	})
}

// withTicket is a response with a ticket, given as JSON.
func withTicket(ticket string) string {
	return `{"success":true,"data":{"answers":"It is so.","conversationId":"c1","ticketDetails":` + ticket + `}}`
}

// Ensure that an ID that cannot be stored loses neither the answer nor the rest of the
// ticket.
func TestATicketWithAnUnusableIDIsShown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{agent: answering(withTicket(`{"Id":"` + strings.Repeat("I", 600) + `","Status":"Open"}`))})
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		shown := h.answers(h.slack.View, h.support, root)
		if len(shown) != 2 || !strings.Contains(string(shown[1].Blocks), "Open") {
			t.Errorf("the thread got %s", texts(shown))
		}
	})
}

// Ensure that a card's button identifies its ticket, regardless of the ID's form.
func TestATicketIsKnownAgainByItsButton(t *testing.T) {
	for name, test := range map[string]struct{ id, shown string }{
		"control characters": {`" IT\u00001\r\n"`, "IT1"},
		"a line separator":   {`"A\u2028B"`, "A B"},
		"a key of Jira's":    {`{"id":"10042","key":"IT-42","self":"https://acme.example/10042"}`, "IT-42"},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{agent: answering(withTicket(`{"Id":` + test.id + `,"Status":"Open"}`))})
			root := h.mention(h.alice, "Open a ticket")
			h.awaitEnded(1)
			card, _ := h.card(root, test.shown)
			h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus)
			h.awaitEphemeral(h.support, h.bob, stillOpen)
		})
	}
}

// Ensure that the bot posts nothing twice when Slack does not let it edit a card, and
// that there is still one card.
func TestACardThatCannotBeEditedIsPostedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.update"}, slacksandbox.Fail("edit_window_closed"))
		for n, status := range []string{"In Progress", "Resolved", "Closed"} {
			h.news(id, hookSecret, `{"status":"`+status+`",`+modified(time.Duration(n+1)*time.Hour)+`}`)
			h.awaitLine(root, "→ "+status)
			h.await("a card that shows "+status, func(slacksandbox.View) bool {
				card, cards := h.card(root, id)
				return cards == 1 && strings.Contains(string(card.Blocks), status)
			})
		}
		shown := h.answers(h.slack.View, h.support, root)
		for _, once := range []string{"Open → In Progress", "In Progress → Resolved", "Resolved → Closed", isItSolved} {
			if n := occurrences(shown, once); n != 1 {
				t.Errorf("%q was posted %d times", once, n)
			}
		}
	})
}

// Ensure the same when Slack rejects every form of the card.
func TestAChangeIsPostedOnceEvenIfItsCardIsRejected(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.update"}, slacksandbox.Fail("cant_update_message"))
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", If: func(c slacksandbox.Call) bool {
			return strings.Contains(c.Args["blocks"], blocks.ActionCheckStatus)
		}}, slacksandbox.Fail("invalid_blocks"))
		h.news(id, hookSecret, `{"status":"Resolved",`+modified(time.Hour)+`}`)
		h.awaitLog("posting a card again failed", 1)
		h.news(id, hookSecret, `{"priority":"Low",`+modified(2*time.Hour)+`}`)
		h.awaitLine(root, "→ Low")
		shown := h.answers(h.slack.View, h.support, root)
		for _, once := range []string{"Open → Resolved", isItSolved} {
			if n := occurrences(shown, once); n != 1 {
				t.Errorf("%q was posted %d times: %s", once, n, texts(shown))
			}
		}
	})
}

// Ensure that the bot asks whether the problem is solved when a ticket is closed before
// its card is posted.
func TestATicketThatIsClosedAtFirstIsAskedAbout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{agent: answering(withTicket(`{"Id":"IT-1","Status":"Closed Complete"}`))})
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		h.say(h.support, h.alice, "and now?", slacksandbox.InThread(root))
		h.awaitEnded(2)
		shown := h.answers(h.slack.View, h.support, root)
		if n := occurrences(shown, isItSolved); n != 1 {
			t.Errorf("the bot asked %d times: %s", n, texts(shown))
		}
	})
}

// Ensure that the agent's answer to a status request applies to the requested ticket if
// it names no ticket, or the same one in another case.
func TestCheckStatusKnowsItsTicketWithoutTheID(t *testing.T) {
	for name, second := range map[string]string{
		"no ID": `{"Status":"Closed"}`, "an empty ID": `{"Id":"","Status":"Closed"}`, "another case": `{"Id":"it-1","Status":"Closed"}`,
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{agent: inTurn(withTicket(`{"Id":"IT-1","Status":"Open"}`), withTicket(second))})
			root := h.mention(h.alice, "Open a ticket")
			h.awaitEnded(1)
			card, _ := h.card(root, "IT-1")
			h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus)
			h.awaitEnded(2)
			h.awaitLine(root, "Status: Open → Closed")
			if posted := h.ephemerals(h.slack.View, h.support, h.bob); len(posted) != 0 {
				t.Errorf("bob saw %s", texts(posted))
			}
			store := h.stored()
			tickets, err := store.TicketsOf(t.Context(), h.alice)
			if err != nil || len(tickets) != 1 {
				t.Errorf("alice has %d tickets, %v", len(tickets), err)
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Ensure that the bot shows the agent's update of another ticket, and does not report it
// as no change of the requested ticket.
func TestCheckStatusShowsAnotherTicketThatTheAgentTellsOf(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{agent: inTurn(withTicket(`{"Id":"IT-1","Status":"Open"}`), withTicket(`{"Id":"IT-2","Status":"On Hold"}`))})
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		card, _ := h.card(root, "IT-1")
		h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus)
		h.awaitEphemeral(h.support, h.bob, "It is so.")
		h.awaitEnded(2)
		if _, cards := h.card(root, "IT-2"); cards != 1 {
			t.Errorf("the other ticket has %d cards", cards)
		}
		if posted := texts(h.ephemerals(h.slack.View, h.support, h.bob)); strings.Contains(posted, stillOpen) {
			t.Errorf("bob saw %s", posted)
		}
	})
}

// Ensure that the bot shows the whole answer, as ephemeral messages, if it has no ticket.
func TestCheckStatusTellsTheAskerAllOfAnAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		long := `{"success":true,"data":{"answers":"START ` + strings.Repeat("word ", 12_000) + ` THE END","conversationId":"c1"}}`
		h := build(t, plan{agent: inTurn(withTicket(`{"Id":"IT-1","Status":"Open"}`), long)})
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		card, _ := h.card(root, "IT-1")
		h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus)
		h.await("the whole answer", func(v slacksandbox.View) bool {
			posted := texts(h.ephemerals(v, h.support, h.bob))
			return strings.Contains(posted, "START") && strings.Contains(posted, "THE END")
		})
	})
}

func TestCheckStatusShowsWhatIsNewAndNothingElse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root, id := h.openTicket()
		card, _ := h.card(root, id)
		before := len(h.answers(h.slack.View, h.support, root))
		if err := h.enjo.MoveTicket(id, "In Progress"); err != nil {
			t.Fatal(err)
		}
		h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus)
		h.awaitEnded(2)
		answers := h.answers(h.slack.View, h.support, root)
		if len(answers) != before+1 || !strings.Contains(texts(answers[before:]), "Status: Open → In Progress") {
			t.Errorf("the thread got %s", texts(answers[before:]))
		}
		if now, _ := h.card(root, id); !strings.Contains(string(now.Blocks), "In Progress") {
			t.Errorf("the card shows %s", now.Blocks)
		}
		requests := h.enjo.Requests()
		if last := requests[len(requests)-1]; last.ConversationID == "" || last.Text != "What is the status of ticket "+id+"?" {
			t.Errorf("the agent got %+v", last)
		}
	})
}

func TestCheckStatusTellsOnlyTheAskerThatNothingIsNew(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{agent: answering(unchanged)})
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		card, _ := h.card(root, "IT-1")
		before := len(h.answers(h.slack.View, h.support, root))
		h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus)
		h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus)
		h.awaitEphemeral(h.support, h.bob, stillOpen)
		h.awaitEnded(2)
		if after := len(h.answers(h.slack.View, h.support, root)); after != before {
			t.Errorf("no change caused %d messages", after-before)
		}
	})
}

func TestEscalationCallsPeopleAndMutesTheThread(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var group, bob string
		h := foundation(t, plan{bot: func(c *bot.Config) { c.EscalateTo = []string{group, bob} }})
		group, bob = h.slack.AddUserGroup(slacksandbox.UserGroup{Handle: "helpdesk", Users: []string{h.bob}}), h.bob
		h.start()
		root := h.mention(h.alice, "How do I reset my VPN password on <!channel> 9?")
		answer := h.awaitAnswers(h.support, root, 1)[0].TS
		h.awaitEnded(1)
		h.press(h.alice, h.support, answer, blocks.ActionEscalate)
		h.press(h.alice, h.support, answer, blocks.ActionEscalate)
		call := h.awaitAnswers(h.support, root, 2)[1]
		h.awaitEphemeral(h.support, h.alice, blocks.SayCalled.Text())
		h.awaitLog("interact: people called into the thread", 1)
		for _, want := range []string{group, bob, "How do I reset my VPN password", "archives"} {
			if !strings.Contains(string(call.Blocks), want) {
				t.Errorf("the call lacks %q: %s", want, call.Blocks)
			}
		}
		if n := len(h.answers(h.slack.View, h.support, root)); n != 2 {
			t.Errorf("the thread got %d messages", n)
		}

		// The bot stays quiet until somebody mentions it.
		h.say(h.support, h.alice, "and on Linux?", slacksandbox.InThread(root))
		h.press(h.bob, h.support, call.TS, blocks.ActionEscalationDone)
		h.await("the end of the call", func(v slacksandbox.View) bool {
			m, _ := v.Message(h.support, call.TS)
			question, _ := v.Message(h.support, root)
			return strings.Contains(string(m.Blocks), "has taken care of this") && len(question.Reactions) == 1 && question.Reactions[0].Name == "white_check_mark"
		})
		if n := len(h.enjo.Requests()); n != 1 {
			t.Errorf("the agent got %d requests", n)
		}
		h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" and on Linux?", slacksandbox.InThread(root))
		h.awaitEnded(2)
		h.say(h.support, h.alice, "and on Windows?", slacksandbox.InThread(root))
		h.awaitEnded(3)
	})
}

// Ensure that a call has the question's text although Slack does not return it at first.
func TestCallWaitsForItsSummary(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var bob string
		h := foundation(t, plan{bot: func(c *bot.Config) { c.EscalateTo = []string{bob} }})
		bob = h.bob
		h.start()
		root := h.mention(h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(h.support, root, 1)[0].TS
		h.awaitEnded(1)
		fails := slacksandbox.Calls{Method: "conversations.replies", Times: 1, If: func(c slacksandbox.Call) bool { return c.Args["oldest"] == "" }}
		limited := h.slack.Faults().OnCall(fails, slacksandbox.RateLimit(2*time.Second))
		h.press(h.alice, h.support, answer, blocks.ActionEscalate)
		call := h.awaitAnswers(h.support, root, 2)[1]
		if limited.Fired() != 1 || !strings.Contains(string(call.Blocks), "How do I reset my VPN password") {
			t.Errorf("after %d failures, the call is %s", limited.Fired(), call.Blocks)
		}
	})
}

func TestCommandsAnswerTheirCallerAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		_, id := h.openTicket()
		elsewhere := h.slack.AddChannel(slacksandbox.Channel{Name: "random", Members: []string{h.alice, h.bob}})
		for _, test := range []struct{ user, text, want string }{
			{h.alice, "tickets", id},
			{h.bob, "tickets", blocks.Tickets(nil).Text},
			{h.bob, "help", "/enjo tickets"},
			{h.alice, "", "/enjo tickets"},
		} {
			before := len(h.ephemerals(h.slack.View, elsewhere, test.user))
			receipt, err := h.slack.Command(test.user, elsewhere, "/enjo", test.text)
			h.acknowledged(receipt, err)
			h.await("an answer to /enjo "+test.text, func(v slacksandbox.View) bool {
				posted := h.ephemerals(v, elsewhere, test.user)
				return len(posted) > before && strings.Contains(texts(posted[before:]), test.want)
			})
		}
		for _, m := range h.slack.Messages(elsewhere) {
			if m.EphemeralTo == "" {
				t.Errorf("everyone sees %s", m.Text)
			}
		}
	})
}

func TestHomeListsTicketsAndSwitchesNews(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		_, id := h.openTicket()
		home := func(want string) slacksandbox.AppView {
			t.Helper()
			h.await("a home tab with "+want, func(v slacksandbox.View) bool {
				tab, _ := v.Home(h.alice)
				return strings.Contains(string(tab.JSON), want)
			})
			tab, _ := h.slack.Home(h.alice)
			return tab
		}
		if err := h.slack.OpenHome(h.alice); err != nil {
			t.Fatal(err)
		}
		tab := home(blocks.SayNewsOff.Text())
		if shown := string(tab.JSON); !strings.Contains(shown, id) || !strings.Contains(shown, "archives") {
			t.Errorf("the tab lacks the ticket or its thread: %s", shown)
		}
		receipt, err := h.slack.ClickView(h.alice, tab.ID, blocks.ActionTicketNews)
		h.acknowledged(receipt, err)
		tab = home(blocks.SayNewsOn.Text())
		receipt, err = h.slack.ClickView(h.alice, tab.ID, blocks.ActionTicketNews)
		h.acknowledged(receipt, err)
		home(blocks.SayNewsOff.Text())
	})
}

func TestCheckStatusTellsItsFailureToTheAskerAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root, id := h.openTicket()
		card, _ := h.card(root, id)
		before := len(h.answers(h.slack.View, h.support, root))
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Huge})
		h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus)
		h.awaitEphemeral(h.support, h.bob, blocks.SayUnreadable.Text())
		h.awaitEnded(2)
		if after := len(h.answers(h.slack.View, h.support, root)); after != before {
			t.Errorf("it caused %d messages", after-before)
		}
	})
}

func TestHomeSaysWhyAPersonIsNotServed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.AllowedUsers = []string{"U0NOBODY"} }})
		if err := h.slack.OpenHome(h.alice); err != nil {
			t.Fatal(err)
		}
		h.await("the home tab", func(v slacksandbox.View) bool {
			tab, _ := v.Home(h.alice)
			return strings.Contains(string(tab.JSON), blocks.SayUserNotAllowed.Text())
		})
		if dm := h.slack.Messages(h.slack.DM(h.alice)); len(dm) != 0 {
			t.Errorf("alice got direct messages: %s", texts(dm))
		}
	})
}
