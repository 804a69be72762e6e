package bot_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	"enjobridge/enjo"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// Ensure that a post with an unknown outcome leads to one answer.
func TestAPostOfUnknownOutcomeIsThereOnce(t *testing.T) {
	for name, effect := range map[string]slacksandbox.CallEffect{
		"response lost":  slacksandbox.LoseResponse(),
		"internal error": slacksandbox.Fail("internal_error"),
		"500":            slacksandbox.Status(http.StatusInternalServerError),
		"503":            slacksandbox.Status(http.StatusServiceUnavailable),
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 2}, effect)
			ts := h.mention(h.alice, "How do I print?")
			h.awaitAnswers(h.support, ts, 1)
			h.awaitEnded(1)
			if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
				t.Errorf("there are %d answers", n)
			}
		})
	}
}

// Ensure that Slack's Retry-After applies to the whole channel, and to no other channel.
func TestRetryAfterHoldsForTheChannel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		const wait = 8 * time.Second
		limited := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.support, Times: 1}, slacksandbox.RateLimit(wait))
		first := h.mention(h.alice, "How do I print?")
		h.await("the refusal", func(slacksandbox.View) bool { return limited.Fired() == 1 })
		second := h.mention(h.bob, "How do I reset my VPN password?")
		dm := h.slack.DM(h.bob)
		h.awaitAnswers(dm, h.say(dm, h.bob, "What about Wi-Fi?"), 1)
		if n := len(h.answers(h.slack.View, h.support, first)) + len(h.answers(h.slack.View, h.support, second)); n != 0 {
			t.Errorf("the channel had %d answers before the other channel", n)
		}
		h.awaitAnswers(h.support, first, 1)
		h.awaitAnswers(h.support, second, 1)
		var refused time.Time
		for _, call := range h.slack.Calls() {
			if call.Method != "chat.postMessage" || call.Args["channel"] != h.support {
				continue
			}
			if call.Fault != "" {
				refused = call.At
			} else if early := wait - call.At.Sub(refused); early > 0 {
				t.Errorf("a post came %v too early", early)
			}
		}
	})
}

// Ensure that nothing of an answer remains at a channel's top level after its thread is
// deleted, also if the response to the post is lost.
func TestAnAnswerWithoutARootIsTakenDown(t *testing.T) {
	for name, lost := range map[string]bool{"response received": false, "response lost": true} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{enjo: enjosandbox.Config{Latency: 300 * time.Millisecond}})
			// The deletion's event reaches the bot too late.
			h.slack.Faults().OnEvent(slacksandbox.Events{If: func(e slacksandbox.Envelope) bool {
				return strings.Contains(string(e.Payload), "message_deleted")
			}}, slacksandbox.Lose())
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.delete", Times: 1}, slacksandbox.Status(http.StatusBadGateway))
			if lost {
				h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.LoseResponse())
			}
			ts := h.mention(h.alice, "How do I print?")
			h.awaitAsked(1)
			if err := h.slack.Delete(h.support, ts); err != nil {
				t.Fatal(err)
			}
			h.awaitEnded(1)
			for _, m := range h.slack.Messages(h.support) {
				if m.BotID == h.slack.BotID() {
					t.Errorf("%q is at the channel's top level", m.Text)
				}
			}
			if log := h.log.String(); !strings.Contains(log, "the thread's first message is deleted") {
				t.Error("the log has no hint for the operator")
			}
			h.works()
		})
	}
}

// Ensure that the bot stores an answer that it cannot post because of its token or
// scopes, that the log says how to fix it, and that the bot posts the answer after the
// fix.
func TestAnAnswerWaitsForTheTokensCure(t *testing.T) {
	for code, cure := range map[slacksandbox.Error]string{
		"token_revoked": "install the app again and set the new SLACK_BOT_TOKEN",
		"missing_scope": "install it again after its manifest has changed",
	} {
		bubbles(t, string(code), func(t *testing.T) {
			h := build(t, plan{})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Fail(code))
			ts := h.mention(h.alice, "How do I print?")
			h.awaitLog(cure, 1)
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
			h.slack.Faults().Clear()
			h.start()
			h.awaitAnswers(h.support, ts, 1)
			h.awaitEnded(1)
			if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
				t.Errorf("there are %d answers", n)
			}
			if n := len(h.enjo.Requests()); n != 1 {
				t.Errorf("the agent got %d requests", n)
			}
		})
	}
}

// Ensure that the bot confirms a stop once, and clears the thread's status, although the
// process ends between the two.
func TestAStopIsPostedByTheNextProcess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.hangs()
		ts := h.mention(h.alice, "How do I print?")
		h.awaitAsked(1)
		refused := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Fail("missing_scope"))
		h.say(h.support, h.alice, "stop", slacksandbox.InThread(ts))
		h.await("the confirmation of the stop to fail", func(slacksandbox.View) bool { return refused.Fired() > 0 })
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		refused.Remove()
		h.start()
		h.await("the confirmation of the stop", h.shows(h.support, ts, blocks.SayStopped.Text()))
		h.awaitEnded(1)
		if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
			t.Errorf("the bot has %d posts in the thread", n)
		}
		if session, _ := h.slack.Session(h.support, ts); session.Status == "processing" || h.slack.Status(h.support, ts) != "" {
			t.Errorf("the thread still shows %q, session %q", h.slack.Status(h.support, ts), session.Status)
		}
	})
}

// slowToStop is a store that waits for the test before it stops questions.
type slowToStop struct {
	storage.Store
	stopping chan struct{} // closed when the bot asks it to stop a question
	let      chan struct{}
}

func (s *slowToStop) Decide(_ context.Context, _ storage.Scope, decide func(storage.Store) error) error {
	return decide(s)
}

func (s *slowToStop) StopThread(ctx context.Context, thread storage.ThreadID) ([]storage.Question, error) {
	close(s.stopping)
	<-s.let
	return s.Store.StopThread(ctx, thread)
}

// Ensure that the bot confirms a stop that it is processing when it shuts down, although
// it has no other work.
func TestAStopReceivedLastIsPosted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{bot: func(c *bot.Config) { c.Limits = []enjo.Limit{{Calls: 1, Per: time.Hour}} }})
		store := &slowToStop{stopping: make(chan struct{}), let: make(chan struct{})}
		h.wrap = func(s storage.Store) storage.Store {
			store.Store = s
			return store
		}
		h.start()
		first := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitAnswers(h.support, first, 1)
		h.awaitEnded(1)
		ts := h.mention(h.alice, "How do I print?")
		h.await("the question to be in the queue", func(v slacksandbox.View) bool { return v.Status(h.support, ts) != "" })
		h.say(h.support, h.alice, "stop", slacksandbox.InThread(ts))
		<-store.stopping
		h.cancel()
		close(store.let)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		if !h.shows(h.support, ts, blocks.SayStopped.Text())(h.slack.View) {
			t.Errorf("the thread shows %q", texts(h.answers(h.slack.View, h.support, ts)))
		}
	})
}

// Ensure that the bot posts a refusal once, although the process ends before it can.
func TestARefusalIsPostedByTheNextProcess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.AllowedUsers = []string{"U0NOBODY"} }})
		hangs := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postEphemeral"}, slacksandbox.Hang())
		h.mention(h.alice, "How do I print?")
		h.await("the post of the refusal to hang", func(slacksandbox.View) bool { return hangs.Fired() > 0 })
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		hangs.Remove()
		posted := func(v slacksandbox.View) (n int) {
			for _, m := range v.Messages(h.support) {
				if m.EphemeralTo == h.alice {
					n++
				}
			}
			return n
		}
		for n := range 2 {
			h.start()
			h.await("the refusal", func(v slacksandbox.View) bool { return posted(v) > 0 })
			h.awaitHistory(2 + n)
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
		}
		if n := posted(h.slack.View); n != 1 {
			t.Errorf("the refusal was posted %d times", n)
		}
	})
}
