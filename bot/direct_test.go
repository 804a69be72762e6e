package bot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	"enjobridge/enjo"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// sayInTurn posts messages as a person, a second apart, and returns their timestamps.
func (h *house) sayInTurn(channel, user string, texts ...string) (sent []string) {
	h.t.Helper()
	for n, text := range texts {
		if n > 0 {
			time.Sleep(time.Second)
		}
		sent = append(sent, h.say(channel, user, text))
	}
	return sent
}

// asked returns the texts that the agent got.
func (h *house) asked() (asked []string) {
	for _, r := range h.enjo.Requests() {
		asked = append(asked, r.Text)
	}
	return asked
}

// reactions returns the reactions to a message.
func (h *house) reactions(channel, ts string) (names []string) {
	m, _ := h.slack.Message(channel, ts)
	for _, r := range m.Reactions {
		names = append(names, r.Name)
	}
	return names
}

// Ensure that consecutive direct messages are one question, which is answered in the thread
// of the last one, that nothing is shown in the others, and that a reply in one of them
// continues the conversation.
func TestConsecutiveDirectMessagesAreOneQuestion(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 5 * time.Second}})
		dm := h.slack.DM(h.alice)
		began := time.Now()
		sent := h.sayInTurn(dm, h.alice, "hi", "my laptop", "it does not start")
		h.awaitAnswers(dm, sent[2], 1)
		h.awaitEnded(1)
		first := h.enjo.Requests()[0]
		if first.Text != "hi\n\nmy laptop\n\nit does not start" || len(h.enjo.Requests()) != 1 {
			t.Errorf("the agent got %q", h.asked())
		}
		if waited := first.Time.Sub(began); waited < 4*time.Second || waited > 4*time.Second+soon {
			t.Errorf("the agent was asked after %v, want two seconds after the last message", waited)
		}
		for _, ts := range sent[:2] {
			if posts := h.answers(h.slack.View, dm, ts); len(posts) > 0 {
				t.Errorf("the thread of an earlier message has %q", texts(posts))
			}
			if shown := h.reactions(dm, ts); !slices.Equal(shown, []string{"white_check_mark"}) {
				t.Errorf("an earlier message has the reactions %q", shown)
			}
		}
		for _, call := range h.slack.Calls() {
			if thread := call.Args["thread_ts"]; thread != "" && thread != sent[2] {
				t.Errorf("%s was called for another thread", call.Method)
			}
		}
		h.say(dm, h.alice, "and now?", slacksandbox.InThread(sent[0]))
		h.awaitAnswers(dm, sent[0], 1)
		h.awaitEnded(2)
		if n := len(h.enjo.Conversations()); n != 1 || h.enjo.Requests()[1].ConversationID == "" {
			t.Errorf("the reply in the first thread made %d conversations, want 1", n)
		}
	})
}

// Ensure that a reply in the thread of a merged message waits until the conversation is known.
func TestAReplyToAMergedMessageWaitsForTheConversation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 10 * time.Second}})
		dm := h.slack.DM(h.alice)
		sent := h.sayInTurn(dm, h.alice, "hi", "my laptop does not start today")
		time.Sleep(time.Second)
		h.say(dm, h.alice, "it is the new one", slacksandbox.InThread(sent[0]))
		h.awaitAnswers(dm, sent[0], 1)
		h.awaitEnded(2)
		requests := h.enjo.Requests()
		if len(requests) != 2 || requests[1].ConversationID == "" || requests[1].Time.Sub(requests[0].Time) < 10*time.Second {
			t.Errorf("the agent got %+v", requests)
		}
	})
}

// Ensure that a reply in the thread of a merged message continues the conversation also if
// the agent named it only with a later answer.
func TestAReplyToAMergedMessageContinuesALaterConversation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.HugeConversation, Calls: 1})
		dm := h.slack.DM(h.alice)
		sent := h.sayInTurn(dm, h.alice, "hi", "my laptop does not start today")
		h.awaitAnswers(dm, sent[1], 1)
		h.say(dm, h.alice, "and how do I print?", slacksandbox.InThread(sent[1]))
		h.awaitAnswers(dm, sent[1], 2)
		h.say(dm, h.alice, "and in colour?", slacksandbox.InThread(sent[0]))
		h.awaitAnswers(dm, sent[0], 1)
		h.awaitEnded(3)
		requests := h.enjo.Requests()
		if requests[1].ConversationID != "" || requests[2].ConversationID == "" {
			t.Errorf("the agent got %+v", requests)
		}
	})
}

// Ensure that the status of a long question that becomes part of the next one is cleared.
func TestTheStatusOfAMergedQuestionIsCleared(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.Limits = []enjo.Limit{{Calls: 1, Per: time.Minute}} }})
		h.awaitAnswers(h.support, h.mention(h.bob, "How do I print?"), 1)
		dm := h.slack.DM(h.alice)
		first := h.say(dm, h.alice, "My laptop does not start since this morning")
		h.await("the status", func(v slacksandbox.View) bool { return v.Status(dm, first) != "" })
		second := h.say(dm, h.alice, "It shows a blue screen, what can I do?")
		h.await("no status", func(v slacksandbox.View) bool {
			session, _ := v.Session(dm, first)
			return v.Status(dm, first) == "" && session.Status != "processing"
		})
		h.awaitAnswers(dm, second, 1)
		h.awaitEnded(2)
		if posts := h.answers(h.slack.View, dm, first); len(posts) > 0 {
			t.Errorf("the first thread has %q", texts(posts))
		}
		if status := h.slack.Status(dm, first); status != "" {
			t.Errorf("the first thread has the status %q", status)
		}
	})
}

// Ensure that an answer comes in the thread of the message before if the last one is deleted
// while the agent thinks.
func TestTheLastOfConsecutiveDirectMessagesIsDeleted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 10 * time.Second}})
		dm := h.slack.DM(h.alice)
		sent := h.sayInTurn(dm, h.alice, "hi", "my laptop", "How do I reset my VPN password on it?")
		time.Sleep(5 * time.Second)
		if err := h.slack.Delete(dm, sent[2]); err != nil {
			t.Fatal(err)
		}
		h.awaitAnswers(dm, sent[1], 1)
		h.awaitEnded(1)
		h.say(dm, h.alice, "and then?", slacksandbox.InThread(sent[1]))
		h.awaitAnswers(dm, sent[1], 2)
		h.awaitEnded(2)
		if n := len(h.enjo.Conversations()); n != 1 {
			t.Errorf("there are %d conversations, want 1", n)
		}
	})
}

// Ensure that the answer also comes in the thread of the message before if Slack keeps the
// deleted one for its replies, and that nothing is answered if all of them are deleted.
func TestDeletedDirectMessagesWithReplies(t *testing.T) {
	for name, remain := range map[string]int{"the last": 1, "all": 0} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			h.enjo.Faults().Down()
			for range 5 {
				h.mention(h.bob, "How do I print?")
			}
			h.awaitLog("dispatch: agent is down", 1)
			dm := h.slack.DM(h.alice)
			sent := h.sayInTurn(dm, h.alice, "How do I print from my laptop?", "How do I reset my VPN password on it?")
			for _, ts := range sent {
				h.await("a notice", func(v slacksandbox.View) bool { return len(h.answers(v, dm, ts)) == 1 })
			}
			for _, ts := range sent[remain:] {
				if err := h.slack.Delete(dm, ts); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
			if err := h.enjo.Faults().Up(); err != nil {
				t.Fatal(err)
			}
			h.awaitEnded(6)
			if posts := h.answers(h.slack.View, dm, sent[0]); len(posts) != 1+remain {
				t.Errorf("the first thread has %q, want a notice and %d answers", texts(posts), remain)
			}
			if posts := h.answers(h.slack.View, dm, sent[1]); len(posts) != 1 {
				t.Errorf("the thread of the deleted message has %q, want a notice", texts(posts))
			}
			if asked := h.asked(); len(asked) != 5+remain {
				t.Errorf("the agent got %q, want %d direct messages", asked, remain)
			}
		})
	}
}

// Ensure that a short message that nothing follows is answered after two seconds, also if
// the bot restarts meanwhile, and that merged messages survive that, too.
func TestAShortDirectMessageIsAnsweredAfterARestart(t *testing.T) {
	for name, said := range map[string][]string{"one": {"printer broken"}, "two": {"hi", "printer broken"}} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			dm := h.slack.DM(h.alice)
			sent := h.sayInTurn(dm, h.alice, said...)
			h.awaitLog("intake: message decided", len(said))
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
			if len(h.asked()) != 0 {
				t.Fatalf("the agent was asked %q before the restart", h.asked())
			}
			h.start()
			h.awaitAnswers(dm, sent[len(sent)-1], 1)
			h.awaitEnded(1)
			if asked := h.asked(); !slices.Equal(asked, []string{strings.Join(said, "\n\n")}) {
				t.Errorf("the agent got %q", asked)
			}
		})
	}
}

// Ensure that consecutive direct messages are asked as they are after an edit, and that
// nobody is told that an edit came too late.
func TestConsecutiveDirectMessagesAreEdited(t *testing.T) {
	for name, edited := range map[string]int{"the first": 0, "the last": 1} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			dm := h.slack.DM(h.alice)
			said := []string{"my labtop", "is too slow"}
			sent := h.sayInTurn(dm, h.alice, said...)
			h.awaitLog("intake: message decided", 2)
			said[edited] = "my laptop is slow"
			if err := h.slack.Edit(dm, h.alice, sent[edited], said[edited]); err != nil {
				t.Fatal(err)
			}
			// A question mark ends the wait: the next message could overtake the edit by the other socket.
			h.awaitLog("intake: change of a message decided", 1)
			h.say(dm, h.alice, "what can I do?")
			h.awaitEnded(1)
			if asked := h.asked(); !slices.Equal(asked, []string{strings.Join(append(said, "what can I do?"), "\n\n")}) {
				t.Errorf("the agent got %q", asked)
			}
			for _, call := range h.slack.Calls() {
				if call.Method == "chat.postEphemeral" {
					t.Errorf("there is a notice: %s", call.Args["text"])
				}
			}
		})
	}
}

// Ensure that a deleted direct message is not asked together with the others.
func TestConsecutiveDirectMessagesAreDeleted(t *testing.T) {
	for name, deleted := range map[string]int{"the first": 0, "the last": 1} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			dm := h.slack.DM(h.alice)
			said := []string{"my laptop", "is too slow"}
			sent := h.sayInTurn(dm, h.alice, said...)
			h.awaitLog("intake: message decided", 2)
			if err := h.slack.Delete(dm, sent[deleted]); err != nil {
				t.Fatal(err)
			}
			h.awaitEnded(1)
			if asked := h.asked(); !slices.Equal(asked, []string{said[1-deleted]}) {
				t.Errorf("the agent got %q", asked)
			}
			h.awaitAnswers(dm, sent[1-deleted], 1)
		})
	}
}

// Ensure that consecutive direct messages are one question if history has them, too.
func TestConsecutiveDirectMessagesOfHistory(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		dm := h.slack.DM(h.alice)
		h.awaitAnswers(dm, h.say(dm, h.alice, "How do I print?"), 1)
		h.awaitEnded(1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		sent := h.sayInTurn(dm, h.alice, "hi", "my laptop", "it does not start")
		time.Sleep(time.Second)
		h.start()
		h.awaitAnswers(dm, sent[2], 1)
		h.awaitEnded(2)
		if asked := h.asked(); !slices.Equal(asked[1:], []string{"hi\n\nmy laptop\n\nit does not start"}) {
			t.Errorf("the agent got %q", asked)
		}
	})
}

// Ensure that asking a merged question again asks all of its messages.
func TestConsecutiveDirectMessagesAreAskedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity})
		dm := h.slack.DM(h.alice)
		sent := h.sayInTurn(dm, h.alice, "hi", "my laptop", "it does not start")
		failure := h.awaitAnswers(dm, sent[2], 1)[0]
		h.awaitEnded(1)
		h.press(h.alice, dm, failure.TS, blocks.ActionRetry)
		h.awaitEnded(2)
		if asked := h.asked(); len(asked) != 2 || asked[1] != asked[0] {
			t.Errorf("the agent got %q, want the same twice", asked)
		}
	})
}

// Ensure that consecutive direct messages are one question without threads, too, and that a
// reply under an answer continues its conversation, also after a new one was started.
func TestDirectMessagesWithoutThreads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.AgentView = false }})
		dm := h.slack.DM(h.alice)
		h.sayInTurn(dm, h.alice, "hi", "my laptop is broken, what now?")
		h.awaitEnded(1)
		if asked := h.asked(); !slices.Equal(asked, []string{"hi\n\nmy laptop is broken, what now?"}) {
			t.Errorf("the agent got %q", asked)
		}
		messages := h.slack.Messages(dm)
		answer := messages[len(messages)-1]
		receipt, err := h.slack.Command(h.alice, dm, "/enjo", "new")
		h.acknowledged(receipt, err)
		h.say(dm, h.alice, "How do I print on both sides?")
		h.awaitEnded(2)
		h.say(dm, h.alice, "and if that does not help?", slacksandbox.InThread(answer.TS))
		h.awaitAnswers(dm, answer.TS, 2) // with the answer itself
		h.awaitEnded(3)
		counts := make(map[bool]int) // by whether the conversation is about printing
		for _, c := range h.enjo.Conversations() {
			counts[strings.Contains(c.Topic, "print")] += c.Messages
		}
		if n := len(h.enjo.Conversations()); n != 2 || counts[true] != 1 || counts[false] != 2 {
			t.Errorf("the conversations are %+v, want the reply in the first one", h.enjo.Conversations())
		}
	})
}

// Ensure that a reply under a ticket update in a direct message continues the ticket's
// conversation, and that the ticket keeps its one card.
func TestAReplyToATicketUpdateContinuesItsConversation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		h.wantNews(h.alice)
		h.news(id, hookSecret, `{"status":"In Progress",`+modified(time.Hour)+`}`)
		dm := h.slack.DM(h.alice)
		h.await("a direct message", func(v slacksandbox.View) bool { return len(v.Messages(dm)) == 1 })
		update := h.slack.Messages(dm)[0]
		h.say(dm, h.alice, "what is the status of "+id+"?", slacksandbox.InThread(update.TS))
		h.awaitAnswers(dm, update.TS, 2) // with the update itself
		h.awaitEnded(2)
		if n := len(h.enjo.Conversations()); n != 1 {
			t.Errorf("there are %d conversations, want 1", n)
		}
		if _, cards := h.card(root, id); cards != 1 {
			t.Errorf("the ticket's thread has %d cards", cards)
		}
		for _, m := range h.answers(h.slack.View, dm, update.TS) {
			if strings.Contains(string(m.Blocks), blocks.ActionCheckStatus) {
				t.Errorf("the direct messages have a second card: %s", m.Blocks)
			}
		}
	})
}

// Ensure that stop at the top of a direct message stops what was asked there before, also
// while that waits for more, and that stop below a message that became part of the next
// one stops that.
func TestStopInDirectMessages(t *testing.T) {
	for name, test := range map[string]struct {
		said  []string
		below int // the message in whose thread the word is; -1 at the top
		calls int
	}{
		"while the agent thinks":    {[]string{"My laptop does not start since this morning"}, -1, 1},
		"while it waits for more":   {[]string{"my laptop"}, -1, 0},
		"after a merged message":    {[]string{"hi", "My laptop does not start since this morning"}, -1, 1},
		"below a merged message":    {[]string{"hi", "My laptop does not start since this morning"}, 0, 1},
		"below the message that is": {[]string{"hi", "My laptop does not start since this morning"}, 1, 1},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{enjo: enjosandbox.Config{Latency: 30 * time.Second}})
			dm := h.slack.DM(h.alice)
			sent := h.sayInTurn(dm, h.alice, test.said...)
			h.awaitLog("intake: message decided", len(sent))
			if test.calls > 0 {
				h.awaitAsked(test.calls)
			}
			if test.below < 0 {
				h.say(dm, h.alice, "Stop!")
			} else {
				h.say(dm, h.alice, "stop", slacksandbox.InThread(sent[test.below]))
			}
			h.await("the notice", h.shows(dm, sent[len(sent)-1], blocks.SayStopped.Text()))
			h.awaitEnded(1)
			if shown := texts(h.slack.Messages(dm)); strings.Contains(shown, blocks.SayNothingToStop.Text()) || len(h.asked()) != test.calls {
				t.Errorf("the direct messages are %s; the agent got %q", shown, h.asked())
			}
		})
	}
}

// Ensure that a stop that is found late, below a message that was merged, does not stop what
// was said after it.
func TestALateStopInDirectMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		dm := h.slack.DM(h.alice)
		h.say(dm, h.alice, "How do I reset my password?")
		h.awaitEnded(1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		first := h.sayInTurn(dm, h.alice, "hi")[0]
		h.say(dm, h.alice, "stop", slacksandbox.InThread(first))
		last := h.sayInTurn(dm, h.alice, "How do I print on Linux?")[0]
		time.Sleep(8 * time.Minute) // Slack gives up sending them
		h.start()
		h.awaitAnswers(dm, last, 1)
		if shown := texts(h.slack.Thread(dm, last)); strings.Contains(shown, blocks.SayStopped.Text()) {
			t.Errorf("the thread shows %s", shown)
		}
	})
}
