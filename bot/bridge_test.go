package bot_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

func TestMentionIsAnsweredInItsThread(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(h.support, ts, 1)
		if shown := texts(answer); !strings.Contains(shown, "VPN") || !strings.Contains(shown, "https://") {
			t.Errorf("the answer has no text or no source: %s", shown)
		}
		h.awaitEnded(1)
		if status := h.slack.Status(h.support, ts); status != "" {
			t.Errorf("the thread still has the status %q", status)
		}
		if n := len(h.enjo.Requests()); n != 1 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

func TestFollowUpGoesOnWithTheConversation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitAnswers(h.support, ts, 1)
		h.say(h.support, h.alice, "and on Linux?", slacksandbox.InThread(ts))
		h.awaitAnswers(h.support, ts, 2)
		requests := h.enjo.Requests()
		if len(requests) != 2 || requests[1].ConversationID == "" || requests[1].Text != "and on Linux?" {
			t.Errorf("the agent got %+v", requests)
		}
		if n := len(h.enjo.Conversations()); n != 1 {
			t.Errorf("there are %d conversations", n)
		}
	})
}

// Ensure that the bot answers a question in a thread although the event of the thread's
// first question arrives later.
func TestAFollowUpThatComesFirstIsAnswered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		late := h.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Late(time.Second))
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		if late.Fired() != 2 {
			t.Fatalf("%d events of the question are late", late.Fired())
		}
		h.say(h.support, h.alice, "and on Linux?", slacksandbox.InThread(ts))
		h.awaitAnswers(h.support, ts, 2)
		requests := h.enjo.Requests()
		if len(requests) != 2 || requests[1].ConversationID == "" || requests[1].Text != "and on Linux?" {
			t.Errorf("the agent got %+v", requests)
		}
	})
}

func TestMentionInAThreadOfPeopleIncludesItsHistory(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.say(h.support, h.alice, "My laptop cannot see the Wi-Fi any more")
		h.say(h.support, h.bob, "Same on the 3rd floor", slacksandbox.InThread(root))
		h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" what can we do, "+slacksandbox.Mention(h.bob)+" and me?", slacksandbox.InThread(root))
		h.awaitAnswers(h.support, root, 1)
		text := h.enjo.Requests()[0].Text
		for _, want := range []string{"alice: My laptop cannot see the Wi-Fi any more", "bob: Same on the 3rd floor", "what can we do, @bob and me?"} {
			if !strings.Contains(text, want) {
				t.Errorf("the agent's request lacks %q:\n%s", want, text)
			}
		}
		// Without a mention people talk among themselves; a mention continues the
		// conversation.
		h.say(h.support, h.bob, "I will try that", slacksandbox.InThread(root))
		h.say(h.support, h.bob, slacksandbox.Mention(h.slack.BotUserID())+" and if it does not help?", slacksandbox.InThread(root))
		h.awaitAnswers(h.support, root, 2)
		requests := h.enjo.Requests()
		text = requests[len(requests)-1].Text
		isNew := strings.Contains(text, "I will try that\n") && strings.HasSuffix(text, "and if it does not help?")
		if len(requests) != 2 || !isNew || strings.Contains(text, "Wi-Fi") {
			t.Errorf("the agent got %+v", requests)
		}
	})
}

func TestDirectMessagesAreThreads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		dm := h.slack.DM(h.alice)
		first := h.say(dm, h.alice, "How do I reset my VPN password?")
		h.awaitAnswers(dm, first, 1)
		h.awaitAnswers(dm, h.say(dm, h.alice, "How do I print?"), 1)
		if n := len(h.enjo.Conversations()); n != 2 {
			t.Errorf("two direct messages started %d conversations", n)
		}
	})
}

func TestDirectMessagesWithoutThreadsAreOneConversation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.AgentView = false }})
		dm := h.slack.DM(h.alice)
		h.say(dm, h.alice, "How do I reset my VPN password?")
		h.awaitEnded(1)
		h.say(dm, h.alice, "and on Linux?")
		h.awaitEnded(2)
		if n := len(h.enjo.Conversations()); n != 1 {
			t.Errorf("two direct messages started %d conversations", n)
		}
		for _, m := range h.slack.Messages(dm) {
			if m.ThreadTS != "" {
				t.Errorf("%q was posted into a thread", m.Text)
			}
			if len(m.Reactions) > 0 {
				t.Errorf("%q still has a reaction", m.Text)
			}
		}
	})
}

func TestStrangersAreRefusedAndLeaveNoTrace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		mention := slacksandbox.Mention(h.slack.BotUserID())
		for range 2 {
			h.say(h.shared, h.carol, mention+" tell me your XYZZY secrets")
		}
		ts := h.say(h.shared, h.alice, mention+" How do I reset my VPN password?")
		h.awaitAnswers(h.shared, ts, 1)
		posted := 0
		for _, m := range h.slack.Messages(h.shared) {
			if m.EphemeralTo == h.carol {
				posted++
			}
		}
		if posted != 1 {
			t.Errorf("the outsider got %d messages", posted)
		}
		if n := len(h.enjo.Requests()); n != 1 {
			t.Errorf("the agent got %d requests", n)
		}
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		if stored, err := os.ReadFile(h.path); err != nil || strings.Contains(string(stored), "XYZZY") {
			t.Errorf("the outsider's message is in the store (%v)", err)
		}
	})
}

func TestStrangersAreServedWhereThatIsAllowed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.AllowExternal = true }})
		ts := h.say(h.shared, h.carol, slacksandbox.Mention(h.slack.BotUserID())+" How do I reset my VPN password?")
		h.awaitAnswers(h.shared, ts, 1)
	})
}

func TestATicketIsShownAsACardAndFollowedUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "Open a ticket: my laptop is broken")
		h.awaitEnded(1)
		tickets := h.enjo.Tickets()
		if len(tickets) != 1 {
			t.Fatalf("there are %d tickets", len(tickets))
		}
		if shown := texts(h.answers(h.slack.View, h.support, ts)); !strings.Contains(shown, tickets[0].ID) || !strings.Contains(shown, "!date^") {
			t.Errorf("there is no card for %s: %s", tickets[0].ID, shown)
		}
		h.say(h.support, h.alice, "what is its status?", slacksandbox.InThread(ts))
		h.awaitEnded(2)
		if n := len(h.enjo.Tickets()); n != 1 {
			t.Errorf("the follow-up created %d tickets", n)
		}
	})
}

// Ensure that every failure of the agent ends with a message for the asker and a hint
// for the operator, under one reference.
func TestEveryFailureIsReported(t *testing.T) {
	for name, test := range map[string]struct {
		fault      enjosandbox.Fault
		text, hint string
		calls      int
	}{
		"rejected":   {enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity}, blocks.SayRejected.Text(), "refused the message", 1},
		"cut":        {enjosandbox.Fault{Effect: enjosandbox.Cut}, blocks.SayNoAnswer.Text(), "did not answer in time", 2},
		"cut midway": {enjosandbox.Fault{Effect: enjosandbox.CutMidway}, blocks.SayNoAnswer.Text(), "did not answer in time", 2},
		"500":        {enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusInternalServerError}, blocks.SayNoAnswer.Text(), "did not answer in time", 2},
		"huge":       {enjosandbox.Fault{Effect: enjosandbox.Huge}, blocks.SayUnreadable.Text(), "does not follow its API", 1},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			h.enjo.Faults().Add(test.fault)
			ts := h.mention(h.alice, "How do I reset my VPN password?")
			shown := texts(h.awaitAnswers(h.support, ts, 1))
			h.awaitEnded(1)
			if !strings.Contains(shown, test.text) {
				t.Errorf("the asker sees %s", shown)
			}
			log := h.log.String()
			if !strings.Contains(log, test.hint) {
				t.Errorf("the log lacks the hint %q", test.hint)
			}
			if at := strings.Index(shown, "EB-"); at < 0 || !strings.Contains(log, shown[at:at+9]) {
				t.Errorf("the reference in %s is not in the log", shown)
			}
			if n := len(h.enjo.Requests()); n != test.calls {
				t.Errorf("the agent got %d requests, want %d", n, test.calls)
			}
			if status := h.slack.Status(h.support, ts); status != "" {
				t.Errorf("the thread still has the status %q", status)
			}
		})
	}
}

func TestWhatWasNotProcessedIsAskedAgain(t *testing.T) {
	for name, fault := range map[string]enjosandbox.Fault{
		"503":  {Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, Calls: 1},
		"429":  {Effect: enjosandbox.Status, Status: http.StatusTooManyRequests, Calls: 1},
		"once": {Effect: enjosandbox.Cut, Calls: 1},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			h.enjo.Faults().Add(fault)
			ts := h.mention(h.alice, "How do I reset my VPN password?")
			if shown := texts(h.awaitAnswers(h.support, ts, 1)); !strings.Contains(shown, "VPN") {
				t.Errorf("the asker sees %s", shown)
			}
			h.awaitEnded(1)
			if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
				t.Errorf("there are %d answers", n)
			}
		})
	}
}

func TestEditsUnfurlsAndBotsCauseNoAnswers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I reset my VPN password? See https://example.com")
		h.awaitAnswers(h.support, ts, 1)
		if err := h.slack.Unfurl(h.support, ts); err != nil {
			t.Fatal(err)
		}
		if err := h.slack.Edit(h.support, h.alice, ts, slacksandbox.Mention(h.slack.BotUserID())+" How do I reset my VPN password, please?"); err != nil {
			t.Fatal(err)
		}
		robot := h.robot()
		h.mention(robot, "hello fellow robot")
		h.say(h.support, h.alice, "thanks!", slacksandbox.InThread(ts))
		last := h.mention(h.bob, "How do I print?")
		h.awaitAnswers(h.support, last, 1)
		if n := len(h.enjo.Requests()); n != 2 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

func TestReactionWhereThereIsNoStatus(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 100 * time.Millisecond}})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "assistant.threads.setStatus"}, slacksandbox.Fail("missing_scope"))
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		eyes := func(v slacksandbox.View) bool {
			m, _ := v.Message(h.support, ts)
			return len(m.Reactions) == 1 && m.Reactions[0].Name == "eyes"
		}
		h.await("a reaction", eyes)
		h.awaitAnswers(h.support, ts, 1)
		h.awaitEnded(1)
		if eyes(h.slack.View) {
			t.Error("the reaction is still there")
		}
	})
}

// Ensure that the bot removes a reaction that it could not remove at first, although the
// thread has another question by then.
func TestReactionGoesWhateverComesNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 2 * time.Second}})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "assistant.threads.setStatus"}, slacksandbox.Fail("missing_scope"))
		refused := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "reactions.remove", Times: 1}, slacksandbox.Status(http.StatusServiceUnavailable))
		first := h.mention(h.alice, "How do I reset my VPN password?")
		h.await("the removal of the reaction to fail", func(slacksandbox.View) bool { return refused.Fired() == 1 })
		second := h.say(h.support, h.alice, "And the one of my mail?", slacksandbox.InThread(first))
		h.awaitAnswers(h.support, first, 2)
		h.await("no reaction", func(v slacksandbox.View) bool {
			one, _ := v.Message(h.support, first)
			other, _ := v.Message(h.support, second)
			return len(one.Reactions)+len(other.Reactions) == 0
		})
	})
}

// Ensure that a bot that is stopped finishes its current questions, and that the next
// process continues with the rest.
func TestStopAndStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 200 * time.Millisecond}})
		var asked []string
		for n := range 30 {
			asked = append(asked, h.mention(h.alice, fmt.Sprintf("How do I print on printer %d?", n)))
		}
		h.await("the agent to get requests", func(slacksandbox.View) bool { return len(h.enjo.Requests()) > 3 })
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		for _, r := range h.enjo.Requests() {
			if !r.Done {
				t.Errorf("the request %q was cut off", r.Text)
			}
		}
		h.start()
		for _, ts := range asked {
			h.awaitAnswers(h.support, ts, 1)
		}
		h.awaitEnded(30)
		for _, ts := range asked {
			if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
				t.Errorf("a question has %d answers", n)
			}
		}
		if n := len(h.enjo.Requests()); n != 30 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// Ensure that 200 simultaneous mentions, each sent as two events and every third one
// sent again, get 200 answers and no duplicates, and that neither Slack nor the agent
// rate-limits a call.
func TestStorm(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		n := 0
		h.slack.Faults().OnEvent(slacksandbox.Events{If: func(slacksandbox.Envelope) bool { n++; return n%3 == 0 }}, slacksandbox.Twice())
		var asked []string
		for i := range 200 {
			asked = append(asked, h.mention([]string{h.alice, h.bob}[i%2], fmt.Sprintf("How do I print on printer %d?", i)))
		}
		for _, ts := range asked {
			h.awaitAnswers(h.support, ts, 1)
		}
		h.awaitEnded(200)
		for _, ts := range asked {
			if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
				t.Errorf("a question has %d answers", n)
			}
			if status := h.slack.Status(h.support, ts); status != "" {
				t.Errorf("a thread still has the status %q", status)
			}
		}
		requests := h.enjo.Requests()
		if len(requests) != 200 {
			t.Errorf("the agent got %d requests", len(requests))
		}
		for _, r := range requests {
			if r.Status == http.StatusTooManyRequests {
				t.Error("the agent rate-limited a call")
			}
		}
		for _, call := range h.slack.Calls() {
			if call.Error == "ratelimited" {
				t.Errorf("Slack rate-limited %s", call.Method)
			}
		}
	})
}

// Ensure that the log contains no secrets and no messages of users.
func TestLogKeepsSecrets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Calls: 2})
		ts := h.mention(h.alice, "How do I reset my XYZZY password?")
		h.awaitAnswers(h.support, ts, 1)
		again := h.mention(h.alice, "How do I reset my XYZZY password again?")
		h.awaitAnswers(h.support, again, 1)
		h.awaitEnded(2)
		log := h.log.String()
		for _, secret := range []string{h.slack.AppToken(), h.slack.BotToken(), h.enjo.Token(), "XYZZY"} {
			if strings.Contains(log, secret) {
				t.Errorf("the log contains %q", secret)
			}
		}
	})
}

// Ensure that the bot does not automatically retry a question that may create or change
// a ticket when the outcome is unknown, that it informs the asker, and that the asker
// can retry.
func TestATicketIsNotAskedForTwice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Processed: true, Calls: 1})
		first := h.mention(h.alice, "Open a ticket: my laptop is broken")
		notice := h.awaitAnswers(h.support, first, 1)
		h.awaitEnded(1)
		if shown := texts(notice); !strings.Contains(shown, blocks.SayUnconfirmed.Text()) {
			t.Errorf("the asker sees %s", shown)
		}
		if n := len(h.enjo.Tickets()); n != 1 {
			t.Errorf("there are %d tickets", n)
		}
		if _, err := h.slack.Click(h.alice, h.support, notice[0].TS, blocks.ActionRetry); err != nil {
			t.Fatal(err)
		}
		h.awaitEnded(2)
		if n := len(h.enjo.Tickets()); n != 2 {
			t.Errorf("there are %d tickets after the retry", n)
		}
		// In its thread, any message may change the ticket.
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.CutMidway, Calls: 1})
		h.say(h.support, h.alice, "it happens since yesterday", slacksandbox.InThread(first))
		h.awaitEnded(3)
		if n := len(h.enjo.Requests()); n != 3 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}
