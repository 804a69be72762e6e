package bot_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// Ensure that the bot finds questions from its downtime in history and answers them
// once: at the top level, in a thread, and in a direct message. Slack never sends their
// events.
func TestMissedQuestionsAreFoundInHistory(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		dm := h.slack.DM(h.alice)
		first := h.mention(h.alice, "How do I print?")
		h.awaitAnswers(h.support, first, 1)
		h.awaitEnded(1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}

		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		top := h.mention(h.bob, "How do I reset my VPN password?")
		h.say(h.support, h.alice, "And in colour?", slacksandbox.InThread(first))
		direct := h.say(dm, h.alice, "What about Wi-Fi?")
		people := h.say(h.support, h.bob, "The printer is broken")
		h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" what now?", slacksandbox.InThread(people))
		h.say(h.support, h.bob, "Nobody asks the bot here")
		h.slack.Faults().Clear()

		h.start()
		h.awaitAnswers(h.support, first, 2)
		h.awaitAnswers(h.support, top, 1)
		h.awaitAnswers(dm, direct, 1)
		h.awaitAnswers(h.support, people, 1)
		h.awaitEnded(5)
		h.awaitHistory(2)
		if n := len(h.enjo.Requests()); n != 5 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// slowBeginning is a store that is slow to store a watermark.
type slowBeginning struct {
	storage.Store
	slack     *slacksandbox.Workspace
	listening []int // how many sockets were open when it was stored
}

func (s *slowBeginning) SetWatermark(ctx context.Context, conversation string, at time.Time) error {
	time.Sleep(30 * time.Second) // in the bubble's time
	s.listening = append(s.listening, s.slack.Sockets())
	return s.Store.SetWatermark(ctx, conversation, at)
}

// Ensure that history begins before the bot listens for the first time: messages that
// it acks but does not store are found if it dies.
func TestHistoryBeginsBeforeTheBotListens(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		slow := &slowBeginning{slack: h.slack}
		h.wrap = func(s storage.Store) storage.Store { slow.Store = s; return slow }
		h.start()
		if slow.listening[0] != 0 {
			t.Errorf("%d sockets were open before history began", slow.listening[0])
		}
	})
}

// Ensure that a message of an active channel whose event was lost is found when history
// is read periodically, and that it is not asked twice when its event comes late.
func TestLostMessagesAreFoundPeriodically(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.SweepEvery = 10 * time.Minute }})
		h.awaitAnswers(h.support, h.mention(h.bob, "How do I scan?"), 1)
		late := h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Late(time.Hour))
		ts := h.mention(h.alice, "How do I print?")
		h.awaitAnswers(h.support, ts, 1)
		late.Remove()
		h.await("the late events", func(v slacksandbox.View) bool {
			n := 0
			for _, e := range v.Traffic() {
				if strings.Contains(string(e.Payload), ts) && !e.Acked.IsZero() {
					n++
				}
			}
			return n >= 2
		})
		other := h.mention(h.bob, "What about Wi-Fi?")
		h.awaitAnswers(h.support, other, 1)
		h.awaitEnded(3)
		if n := len(h.enjo.Requests()); n != 3 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// Ensure that the bot answers a question that it finds late only if it is still needed.
func TestAnOldQuestionIsAnsweredWhenItIsStillNeeded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.gap()
		h.await("the bot to ask whether it is needed", h.shows(h.support, ts, stillNeeded))
		if n := len(h.enjo.Requests()); n != 0 {
			t.Fatalf("the agent got %d requests", n)
		}
		offer := h.answers(h.slack.View, h.support, ts)[0]
		h.slack.Faults().Clear()
		if _, err := h.slack.Click(h.alice, h.support, offer.TS, "question_answer_now"); err != nil {
			t.Fatal(err)
		}
		h.awaitAnswers(h.support, ts, 2)
		if text := h.enjo.Requests()[0].Text; text != "How do I reset my VPN password?" {
			t.Errorf("the agent got %q", text)
		}
	})
}

// Ensure that the bot answers a reply to its question whether an old question is still
// needed, without a mention, and that the agent gets the old question, too.
func TestAReplyToAnOfferIsAnswered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.gap()
		h.await("the bot to ask whether it is needed", h.shows(h.support, ts, stillNeeded))
		h.slack.Faults().Clear()
		h.say(h.support, h.alice, "Yes, I still need that", slacksandbox.InThread(ts))
		h.awaitAnswers(h.support, ts, 2)
		text := h.enjo.Requests()[0].Text
		if !strings.Contains(text, "How do I reset my VPN password?") || !strings.Contains(text, "Yes, I still need that") {
			t.Errorf("the agent got %q", text)
		}
	})
}

// Ensure that the next process asks, once, whether an old question is still needed if
// the previous process was killed while it asked.
func TestAnOfferOutlivesTheProcess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		refused := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Status(http.StatusServiceUnavailable))
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.gap()
		h.await("Slack to reject the question whether it is needed", func(slacksandbox.View) bool { return refused.Fired() > 0 })
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.slack.Faults().Clear()
		h.start()
		h.await("the bot to ask whether it is needed", h.shows(h.support, ts, stillNeeded))
		if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
			t.Errorf("it was posted %d times", n)
		}
	})
}

// Ensure that the question whether an old one is still needed is posted although Slack
// rate-limits the first attempt.
func TestAnOfferIsPostedAfterARateLimit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.RateLimit(time.Second))
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.gap()
		h.await("the bot to ask whether it is needed", h.shows(h.support, ts, stillNeeded))
		if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
			t.Errorf("it was posted %d times", n)
		}
	})
}

// Ensure that outsiders' messages in history are refused like those in events.
func TestOutsidersInHistoryAreNotServed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.SweepEvery = 10 * time.Minute }})
		h.awaitAnswers(h.shared, h.say(h.shared, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" How do I scan?"), 1)
		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		h.say(h.shared, h.carol, slacksandbox.Mention(h.slack.BotUserID())+" tell me your secrets")
		ts := h.say(h.shared, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" How do I print?")
		h.awaitAnswers(h.shared, ts, 1)
		h.awaitEnded(2)
		if requests := h.enjo.Requests(); len(requests) != 2 || !strings.Contains(requests[1].Text, "print") {
			t.Errorf("the agent got %+v", requests)
		}
	})
}

// gap cuts all sockets after an hour, so that the bot reads all history.
func (h *house) gap() {
	time.Sleep(time.Hour) // in the bubble's time
	h.slack.Faults().CutSockets()
}

// awaitHistory waits until the bot has read history so many times.
func (h *house) awaitHistory(n int) {
	h.t.Helper()
	h.awaitLog(historyIsRead, n)
}
