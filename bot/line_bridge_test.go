package bot_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	"enjobridge/enjo"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// slow is a house with a slow agent and a limit of one call in two seconds.
func slow(t *testing.T, latency time.Duration, change ...func(*bot.Config)) *house {
	return build(t, plan{
		enjo: enjosandbox.Config{Latency: latency, Limits: []enjosandbox.Limit{}},
		bot: func(c *bot.Config) {
			c.Limits = []enjo.Limit{{Calls: 1, Per: 2 * time.Second}}
			c.Jitter = 0
			for _, alter := range change {
				alter(c)
			}
		},
	})
}

// hangs makes the agent's next call hang.
func (h *house) hangs() {
	h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: time.Hour, Calls: 1})
}

// awaitAsked waits until the agent has got so many requests.
func (h *house) awaitAsked(n int) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	if err := h.enjo.Await(ctx, func(all []enjosandbox.Request) bool { return len(all) >= n }); err != nil {
		h.t.Fatal(err)
	}
}

// shows reports whether the bot has posted a text in a thread.
func (h *house) shows(channel, root, text string) func(slacksandbox.View) bool {
	return func(v slacksandbox.View) bool { return strings.Contains(texts(h.answers(v, channel, root)), text) }
}

// Ensure that one call asks the consecutive messages of one person in a thread, and that
// each message visibly ends, with an answer or without one.
func TestMessagesInARowAreAskedTogether(t *testing.T) {
	for name, fails := range map[string]bool{"white_check_mark": false, "warning": true} {
		bubbles(t, name, func(t *testing.T) {
			h := slow(t, 0)
			ts := h.mention(h.alice, "How do I reset my VPN password?")
			h.awaitAnswers(h.support, ts, 1)
			if fails {
				h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity})
			}
			second := h.say(h.support, h.alice, "And on Linux?", slacksandbox.InThread(ts))
			third := h.say(h.support, h.alice, "I have Debian", slacksandbox.InThread(ts))
			h.awaitAnswers(h.support, ts, 2)
			h.awaitEnded(2)
			requests := h.enjo.Requests()
			if len(requests) != 2 || requests[1].Text != "And on Linux?\n\nI have Debian" {
				t.Errorf("the agent got %+v", requests)
			}
			h.await("the reaction to the merged message", func(v slacksandbox.View) bool {
				m, _ := v.Message(h.support, third)
				return len(m.Reactions) == 1 && m.Reactions[0].Name == name
			})
			if m, _ := h.slack.Message(h.support, second); len(m.Reactions) != 0 {
				t.Errorf("the answered message has the reactions %v", m.Reactions)
			}
		})
	}
}

// Ensure that a merged message has a visible end also where the bot may not react, or
// cannot for a reason that it does not know.
func TestMergedMessagesHaveAnEndWithoutReactions(t *testing.T) {
	for name, stop := range map[string]func(*slacksandbox.Workspace){
		"without the scope": func(w *slacksandbox.Workspace) {
			w.SetScopes("app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "users:read") // not reactions:write
		},
		"with an unknown error": func(w *slacksandbox.Workspace) {
			w.Faults().OnCall(slacksandbox.Calls{Method: "reactions.add"}, slacksandbox.Fail("some_new_error_2027"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := slow(t, 0)
				ts := h.mention(h.alice, "How do I reset my VPN password?")
				h.awaitAnswers(h.support, ts, 1)
				stop(h.slack)
				h.say(h.support, h.alice, "And on Linux?", slacksandbox.InThread(ts))
				h.say(h.support, h.alice, "I have Debian", slacksandbox.InThread(ts))
				h.awaitEnded(2)
				if n := occurrences(h.answers(h.slack.View, h.support, ts), blocks.SayAskedTogether.Text()); n != 1 {
					t.Errorf("the thread shows %d notices", n)
				}
			})
		})
	}
}

func TestPositionIsShown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(t, 0)
		for n := range 4 {
			person := h.slack.AddUser(slacksandbox.User{Name: fmt.Sprint("person", n)})
			dm := h.slack.DM(person)
			ts := h.say(dm, person, "How do I print?")
			h.await("a status or an answer", func(v slacksandbox.View) bool { return v.Status(dm, ts) != "" || len(h.answers(v, dm, ts)) > 0 })
		}
		erin := h.slack.AddUser(slacksandbox.User{Name: "erin"})
		dm := h.slack.DM(erin)
		ts := h.say(dm, erin, "What about my laptop?")
		h.await("a position in the queue", func(v slacksandbox.View) bool {
			status := v.Status(dm, ts)
			return strings.Contains(status, "ahead of you, about ") && strings.HasSuffix(status, " seconds")
		})
		h.awaitAnswers(dm, ts, 1)
		if status := h.slack.Status(dm, ts); status != "" {
			t.Errorf("the thread still has the status %q", status)
		}
	})
}

func TestTheWordStopStopsWhatIsAsked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(t, 0)
		h.hangs()
		ts := h.mention(h.alice, "How do I print?")
		h.awaitAsked(1)
		h.say(h.support, h.alice, "stop", slacksandbox.InThread(ts))
		h.await("the confirmation of the stop", h.shows(h.support, ts, blocks.SayStopped.Text()))
		h.await("the status to be cleared", func(v slacksandbox.View) bool { return v.Status(h.support, ts) == "" })
		// The thread's next question continues.
		h.say(h.support, h.alice, "How do I print in colour?", slacksandbox.InThread(ts))
		h.awaitAnswers(h.support, ts, 2)
	})
}

func TestSlacksStopButtonStopsWhatWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(t, 0)
		h.mention(h.alice, "How do I print?")
		h.awaitAsked(1)
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.await("the Stop button", func(v slacksandbox.View) bool {
			session, ok := v.Session(h.support, ts)
			return ok && session.Stoppable
		})
		if err := h.slack.Stop(h.support, h.alice, ts); err != nil {
			t.Fatal(err)
		}
		h.await("the confirmation of the stop", h.shows(h.support, ts, blocks.SayStopped.Text()))
		h.await("the session to leave processing", func(v slacksandbox.View) bool {
			session, _ := v.Session(h.support, ts)
			return session.Status == "active"
		})
		other := h.mention(h.bob, "What about Wi-Fi?")
		h.awaitAnswers(h.support, other, 1)
		for _, r := range h.enjo.Requests() {
			if strings.Contains(r.Text, "VPN") {
				t.Error("the agent got the stopped question")
			}
		}
	})
}

func TestDeletingAQuestionCancelsItOrTakesItsAnswerDown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(t, 0)
		answered := h.mention(h.alice, "How do I print?")
		h.awaitAnswers(h.support, answered, 1)
		h.awaitEnded(1)
		waiting := h.mention(h.alice, "How do I reset my VPN password?")
		h.await("the question to be in the queue", func(v slacksandbox.View) bool { return v.Status(h.support, waiting) != "" })
		for _, ts := range []string{waiting, answered} {
			if err := h.slack.Delete(h.support, ts); err != nil {
				t.Fatal(err)
			}
		}
		h.await("the answer to be deleted", func(v slacksandbox.View) bool { return len(h.answers(v, h.support, answered)) == 0 })
		other := h.mention(h.bob, "What about Wi-Fi?")
		h.awaitAnswers(h.support, other, 1)
		for _, r := range h.enjo.Requests() {
			if strings.Contains(r.Text, "VPN") {
				t.Error("the agent got the deleted question")
			}
		}
	})
}

// Ensure that the bot deletes an answer whose question is deleted while the bot posts
// the answer.
func TestDeletingAQuestionWhileItsAnswerIsPosted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.mention(h.alice, "How do I print?")
		h.awaitAnswers(h.support, root, 1)
		h.awaitEnded(1)
		late := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.Delay(500*time.Millisecond))
		next := h.say(h.support, h.alice, "And in colour?", slacksandbox.InThread(root))
		h.await("the answer to be posted", func(slacksandbox.View) bool { return late.Fired() == 1 })
		if err := h.slack.Delete(h.support, next); err != nil {
			t.Fatal(err)
		}
		h.awaitLog("deliver: answer to a deleted question deleted", 1)
		if n := len(h.answers(h.slack.View, h.support, root)); n != 1 {
			t.Errorf("there are %d answers", n)
		}
	})
}

// Ensure that the bot does not answer a question whose deletion arrives before it.
func TestADeletionThatComesFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		late := h.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Late(time.Second))
		ts := h.mention(h.alice, "How do I print?")
		if late.Fired() != 2 {
			t.Fatalf("%d events of the question are late", late.Fired())
		}
		if err := h.slack.Delete(h.support, ts); err != nil {
			t.Fatal(err)
		}
		h.await("the question to arrive", func(v slacksandbox.View) bool {
			n := 0
			for _, e := range v.Traffic() {
				if strings.Contains(string(e.Payload), "How do I print?") && !e.Acked.IsZero() {
					n++
				}
			}
			return n >= 3
		})
		h.awaitAnswers(h.support, h.mention(h.bob, "What about Wi-Fi?"), 1)
		if n := len(h.enjo.Requests()); n != 1 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// Ensure that the deletion of one of several merged messages does not leave the others
// without an answer.
func TestDeletingOneOfSeveralThatAreAskedTogether(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(t, 0)
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitAnswers(h.support, ts, 1)
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: time.Second, Calls: 1})
		first := h.say(h.support, h.alice, "And on Linux?", slacksandbox.InThread(ts))
		h.say(h.support, h.alice, "I have Debian", slacksandbox.InThread(ts))
		h.awaitAsked(2)
		if err := h.slack.Delete(h.support, first); err != nil {
			t.Fatal(err)
		}
		h.awaitAnswers(h.support, ts, 2)
	})
}

// Ensure that an answer with replies stays although its question is deleted.
func TestDeletingAQuestionLeavesAnAnswerThatWasRepliedTo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I print?")
		h.awaitAnswers(h.support, ts, 1)
		h.awaitEnded(1)
		h.say(h.support, h.bob, slacksandbox.Mention(h.alice)+" did that help?", slacksandbox.InThread(ts))
		if err := h.slack.Delete(h.support, ts); err != nil {
			t.Fatal(err)
		}
		other := h.mention(h.bob, "What about Wi-Fi?")
		h.awaitAnswers(h.support, other, 1)
		if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
			t.Errorf("there are %d answers", n)
		}
	})
}

func TestAnEditedQuestionIsAskedAsItSaysNow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(t, 0)
		h.mention(h.alice, "How do I print?")
		h.awaitAsked(1)
		ts := h.mention(h.alice, "How do I reset my VNP password?")
		h.await("the question to be in the queue", func(v slacksandbox.View) bool { return v.Status(h.support, ts) != "" })
		if err := h.slack.Edit(h.support, h.alice, ts, slacksandbox.Mention(h.slack.BotUserID())+" How do I reset my VPN password?"); err != nil {
			t.Fatal(err)
		}
		h.awaitAnswers(h.support, ts, 1)
		requests := h.enjo.Requests()
		if last := requests[len(requests)-1].Text; last != "How do I reset my VPN password?" {
			t.Errorf("the agent got %q", last)
		}
		// There is one offer to ask again after the answer.
		h.awaitEnded(2)
		for _, text := range []string{" How do I reset my VPN password now?", " How do I reset my VPN password today?"} {
			if err := h.slack.Edit(h.support, h.alice, ts, slacksandbox.Mention(h.slack.BotUserID())+text); err != nil {
				t.Fatal(err)
			}
		}
		other := h.mention(h.bob, "What about Wi-Fi?")
		h.awaitAnswers(h.support, other, 1)
		offers := 0
		for _, m := range h.slack.Messages(h.support) {
			if m.EphemeralTo == h.alice && strings.Contains(m.Text, blocks.Edited("").Text) {
				offers++
			}
		}
		if offers != 1 {
			t.Errorf("there are %d offers to ask again", offers)
		}
	})
}

// Ensure that the bot asks the edited question, although the edit arrives before the
// question.
func TestAnEditThatComesFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		late := h.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Late(time.Second))
		ts := h.mention(h.alice, "How do I reset my VNP password?")
		if late.Fired() != 2 {
			t.Fatalf("%d events of the question are late", late.Fired())
		}
		if err := h.slack.Edit(h.support, h.alice, ts, slacksandbox.Mention(h.slack.BotUserID())+" How do I reset my VPN password?"); err != nil {
			t.Fatal(err)
		}
		h.awaitAnswers(h.support, ts, 1)
		h.awaitEnded(1)
		if requests := h.enjo.Requests(); len(requests) != 1 || requests[0].Text != "How do I reset my VPN password?" {
			t.Errorf("the agent got %+v", requests)
		}
		for _, m := range h.slack.Messages(h.support) {
			if m.EphemeralTo != "" {
				t.Errorf("%s sees %q", m.EphemeralTo, m.Text)
			}
		}
	})
}

// Ensure that the bot stores the questions for an agent that is down, as it promises the
// askers, also when the outcome of its attempts is unknown.
func TestAnAgentThatIsDownKeepsItsQuestions(t *testing.T) {
	for name, fault := range map[string]enjosandbox.Fault{
		"not processed":   {Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable},
		"outcome unknown": {Effect: enjosandbox.Status, Status: http.StatusInternalServerError},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			h.enjo.Faults().Add(fault)
			// With an unknown outcome, two questions fail before the agent counts as
			// down.
			for i := range 4 {
				h.mention([]string{h.alice, h.bob}[i%2], fmt.Sprintf("How do I print on printer %d?", i))
			}
			h.awaitLog("agent is down", 1)
			var asked []string
			for i := range 6 {
				asked = append(asked, h.mention([]string{h.alice, h.bob}[i%2], fmt.Sprintf("How do I scan with scanner %d?", i)))
			}
			for _, ts := range asked {
				h.await("the notice of the outage", h.shows(h.support, ts, "saved your question"))
			}
			tried := len(h.enjo.Requests())
			h.awaitAsked(tried + 4)
			h.enjo.Faults().Clear()
			for _, ts := range asked {
				h.awaitAnswers(h.support, ts, 2)
			}
			h.awaitEnded(4 + len(asked))
			for _, ts := range asked {
				answers := h.answers(h.slack.View, h.support, ts)
				if len(answers) != 2 || strings.Contains(answers[1].Text, blocks.SayNoAnswer.Text()) {
					t.Errorf("a thread has %d posts: %s", len(answers), texts(answers))
				}
			}
		})
	}
}

// Ensure that an agent that responds, even if it rejects a question, no longer counts as
// down.
func TestAnAgentThatRefusesIsThere(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable})
		for i := range 3 {
			h.mention(h.alice, fmt.Sprintf("How do I print on printer %d?", i))
		}
		h.awaitLog("agent is down", 1)
		h.enjo.Faults().Clear()
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
		h.awaitLog("agent is back", 1)
		h.awaitEnded(3)
		log := h.log.String()
		if strings.Count(log, `"state":"failed"`) != 1 || strings.Count(log, `"state":"delivered"`) != 2 {
			t.Error("no question failed")
		}
		if strings.Index(log, "agent is back") > strings.Index(log, "HTTP 422") {
			t.Error("the rejection did not count as a response")
		}
	})
}

// Ensure that the bot does not announce that it has saved a question if the question is
// answered before Slack accepts the announcement.
func TestOutageNoticeIsNotTooLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable})
		first := h.mention(h.alice, "How do I print?")
		h.await("the notice of the outage", h.shows(h.support, first, "saved your question"))
		failed := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", If: func(c slacksandbox.Call) bool {
			return strings.Contains(c.Args["text"], "saved your question")
		}}, slacksandbox.Fail("internal_error"))
		second := h.mention(h.bob, "What about Wi-Fi?")
		h.await("the notice to fail", func(slacksandbox.View) bool { return failed.Fired() > 0 })
		h.enjo.Faults().Clear()
		h.awaitEnded(2)
		failed.Remove()
		time.Sleep(5 * time.Minute) // longer than the bot waits before it retries the announcement
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		if answers := h.answers(h.slack.View, h.support, second); len(answers) != 1 || strings.Contains(texts(answers), "saved your question") {
			t.Errorf("the thread shows %s", texts(answers))
		}
	})
}

// Ensure that the bot informs a person who waits for the agent's requested pause that it
// has saved the question, although Slack rate-limits the first
// attempt.
func TestLongPauseIsAnnounced(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		limited := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.RateLimit(time.Second))
		h.enjo.Faults().Add(enjosandbox.Fault{
			Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, RetryAfter: enjosandbox.RetryAfterSeconds, RetryIn: 30 * time.Minute, Calls: 1,
		})
		ts := h.mention(h.alice, "How do I print?")
		h.await("the notice of the pause", h.shows(h.support, ts, "saved your question"))
		if limited.Fired() != 1 {
			t.Error("Slack rate-limited nothing")
		}
	})
}

func TestTooManyQuestionsAreRefusedWithAButton(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(t, 0, func(c *bot.Config) { c.MaxWaitingPerUser = 2 })
		h.hangs()
		h.mention(h.alice, "How do I print?")
		h.awaitAsked(1)
		for n := range 3 {
			h.mention(h.alice, fmt.Sprintf("How do I print on printer %d?", n))
		}
		h.await("the refusal", func(v slacksandbox.View) bool {
			for _, m := range v.Messages(h.support) {
				if m.EphemeralTo == h.alice && strings.Contains(m.Text, blocks.TooManyOfYours(2)) && strings.Contains(string(m.Blocks), "Ask again") {
					return true
				}
			}
			return false
		})
	})
}

func TestAChannelsDayIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.ChannelDailyLimit = 1 }})
		first := h.mention(h.alice, "How do I print?")
		h.awaitAnswers(h.support, first, 1)
		second := h.mention(h.bob, "How do I reset my VPN password?")
		h.await("the notice", h.shows(h.support, second, "used up its questions for today"))
		third := h.mention(h.bob, "What about Wi-Fi?")
		h.await("the mark", func(v slacksandbox.View) bool {
			m, _ := v.Message(h.support, third)
			return len(m.Reactions) == 1 && m.Reactions[0].Name == "no_entry"
		})
		// Each question arrives as two events, and counts once.
		if m, _ := h.slack.Message(h.support, second); len(m.Reactions) > 0 {
			t.Errorf("the announced question has the reactions %v", m.Reactions)
		}
		dm := h.slack.DM(h.bob)
		h.awaitAnswers(dm, h.say(dm, h.bob, "How do I print?"), 1)
		if n := len(h.enjo.Requests()); n != 2 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}
