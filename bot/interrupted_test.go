package bot_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// cannotPublish is a store that does not record where answers are shared while it is broken.
type cannotPublish struct {
	storage.Store
	broken *atomic.Bool
}

func (s cannotPublish) Publish(ctx context.Context, id storage.MessageID, in storage.ThreadID, at time.Time) error {
	if s.broken.Load() {
		return errors.New("the disk is full")
	}
	return s.Store.Publish(ctx, id, in, at)
}

// shareUnrecorded returns a house with a shared answer of which the store knows nothing, and
// the root of its thread.
func shareUnrecorded(t *testing.T) (h *house, root string, broken *atomic.Bool) {
	t.Helper()
	broken = new(atomic.Bool)
	broken.Store(true)
	h = foundation(t, plan{bot: func(c *bot.Config) { c.EscalateTo, c.Grace = []string{h.bob}, time.Second }})
	h.wrap = func(s storage.Store) storage.Store { return cannotPublish{s, broken} }
	h.start()
	h.command(h.alice, h.support, vpnQuestion)
	ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
	h.awaitEnded(1)
	h.press(h.alice, h.support, ts, blocks.ActionShare)
	return h, h.awaitPosted(h.support, "alice asked: "+vpnQuestion), broken
}

// wantContinued waits until the agent has got a follow-up in the conversation of the question.
func (h *house) wantContinued(text string) {
	h.t.Helper()
	h.awaitLog("dispatch: agent answered", 2)
	requests := h.enjo.Requests()
	if last := requests[len(requests)-1]; !strings.Contains(last.Text, text) || last.ConversationID == "" {
		h.t.Errorf("the agent got %q in the conversation %q", last.Text, last.ConversationID)
	}
}

// Ensure that a process that ends between the post of a shared answer and its record leaves
// no thread in which follow-ups are ignored, and that the next one shares nothing twice.
func TestAShareIsCompletedAfterARestart(t *testing.T) {
	for name, downtime := range map[string]time.Duration{"at once": 0, "after two hours": 2 * time.Hour} {
		bubbles(t, name, func(t *testing.T) {
			h, root, broken := shareUnrecorded(t)
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
			broken.Store(false)
			h.reply(root, h.alice, "And on my phone?")
			time.Sleep(downtime)
			h.start()
			if downtime == 0 {
				h.wantContinued("And on my phone?")
			} else {
				time.Sleep(time.Minute)
				h.reply(root, h.alice, "And on my tablet?")
				h.wantContinued("And on my tablet?")
			}
			h.wantPosted(h.support, "alice asked: ", 1)
			h.press(h.bob, h.support, root, blocks.ActionEscalate)
			h.callIn(root)
			h.wantNoPresses()
		})
	}
}

// wantNoPresses fails the test unless the store has no press to complete.
func (h *house) wantNoPresses() {
	h.t.Helper()
	time.Sleep(10 * time.Second)
	if presses, err := h.stored().Presses(h.t.Context()); err != nil || len(presses) > 0 {
		h.t.Errorf("the store has the presses %+v, %v", presses, err)
	}
}

// setBack is a store on a machine whose clock was set back after the presses in it.
type setBack struct {
	storage.Store
	by time.Duration
}

func (s setBack) Presses(ctx context.Context) ([]storage.Press, error) {
	presses, err := s.Store.Presses(ctx)
	for i := range presses {
		presses[i].At = presses[i].At.Add(s.by)
	}
	return presses, err
}

// Ensure that a press of Share is not lost with the process that was to post the answer,
// even if the clock is set back.
func TestAShareThatWasNotPostedIsPostedAfterARestart(t *testing.T) {
	for name, back := range map[string]time.Duration{"at once": 0, "after the clock was set back": 3 * time.Hour} {
		bubbles(t, name, func(t *testing.T) { wantShared(t, back) })
	}
}

// wantShared checks that an answer is shared by the process after the press, whose clock is
// set back.
func wantShared(t *testing.T, back time.Duration) {
	t.Helper()
	h := foundation(t, plan{bot: func(c *bot.Config) { c.Grace = time.Second }})
	h.start()
	h.command(h.alice, h.support, vpnQuestion)
	ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
	h.awaitEnded(1)
	h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Hang())
	h.press(h.alice, h.support, ts, blocks.ActionShare)
	time.Sleep(time.Second)
	if err := h.stop(); err != nil {
		t.Fatal(err)
	}
	h.slack.Faults().Clear()
	h.wrap = func(s storage.Store) storage.Store { return setBack{s, back} }
	h.start()
	h.awaitPosted(h.support, "alice asked: "+vpnQuestion)
	h.awaitEphemeral(h.support, h.alice, blocks.SayShared.Text())
	h.wantPosted(h.support, vpnAnswer, 1)
	h.wantNoPresses()
}

// Ensure that a follow-up below a shared answer is asked that comes before the store knows
// the thread.
func TestAFollowUpThatIsFasterThanTheRecordOfAShare(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h, root, broken := shareUnrecorded(t)
		h.reply(root, h.alice, "And on my phone?")
		time.Sleep(20 * time.Second)
		broken.Store(false)
		h.wantContinued("And on my phone?")
	})
}

// Ensure that a thread into which a process has called people is muted by the next one,
// without another call.
func TestACallIsCompletedAfterARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var broken atomic.Bool
		var tried atomic.Int32
		var h *house
		h = foundation(t, plan{bot: func(c *bot.Config) { c.EscalateTo, c.Grace = []string{h.bob}, time.Second }})
		h.wrap = func(s storage.Store) storage.Store { return cannotMute{s, &broken, &tried} }
		h.start()
		root := h.talk()
		broken.Store(true)
		h.press(h.alice, h.support, h.answers(h.slack.View, h.support, root)[0].TS, blocks.ActionEscalate)
		call := h.callIn(root)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		broken.Store(false)
		h.start()
		h.awaitEphemeral(h.support, h.alice, blocks.SayCalled.Text())
		h.reply(root, h.alice, "How do I print?")
		time.Sleep(time.Minute)
		if n := len(h.enjo.Requests()); n != 1 {
			t.Errorf("the agent got %q", h.asked())
		}
		if n := len(h.answers(h.slack.View, h.support, root)); n != 2 {
			t.Errorf("the thread has %d posts", n)
		}
		h.press(h.bob, h.support, call.TS, blocks.ActionEscalationDone)
		h.await("the end of the call", h.shows(h.support, root, "has taken care of this"))
		h.wantNoPresses()
	})
}

// Ensure that a call from direct messages that a process has begun is completed by the next
// one: everybody is called once, and the asker learns it.
func TestACallFromDirectMessagesIsCompletedAfterARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var h *house
		h = foundation(t, plan{bot: func(c *bot.Config) { c.EscalateTo, c.Grace = []string{h.bob}, time.Second }})
		h.start()
		dm := h.slack.DM(h.alice)
		root := h.say(dm, h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(dm, root, 1)[0].TS
		h.awaitEnded(1)
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Skip: 1}, slacksandbox.Hang())
		h.press(h.alice, dm, answer, blocks.ActionEscalate)
		h.await("the call", func(v slacksandbox.View) bool { return len(h.direct(v, h.bob)) == 1 })
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.slack.Faults().Clear()
		h.start()
		h.await("the confirmation", h.shows(dm, root, "They'll write to you directly"))
		if n := len(h.direct(h.slack.View, h.bob)); n != 1 {
			t.Errorf("Bob got %d messages", n)
		}
		h.wantNoPresses()
	})
}

// Ensure that a call from a private answer in direct messages is completed by the next
// process.
func TestACallFromAPrivateAnswerIsCompletedAfterARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var h *house
		h = foundation(t, plan{bot: func(c *bot.Config) { c.EscalateTo, c.Grace = []string{h.bob}, time.Second }})
		h.start()
		dm := h.slack.DM(h.alice)
		h.command(h.alice, dm, vpnQuestion)
		answer := h.awaitPrivate(dm, h.alice, vpnAnswer)
		h.awaitEnded(1)
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Hang())
		h.press(h.alice, dm, answer, blocks.ActionEscalate)
		time.Sleep(time.Second)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.slack.Faults().Clear()
		h.start()
		h.await("the call", func(v slacksandbox.View) bool { return len(h.direct(v, h.bob)) == 1 })
		h.awaitEphemeral(dm, h.alice, "shown them your question")
		h.wantNoPresses()
	})
}

// Ensure that nobody is called hours after the press.
func TestAnOldPressCallsNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var h *house
		h = foundation(t, plan{bot: func(c *bot.Config) { c.EscalateTo, c.Grace = []string{h.bob}, time.Second }})
		h.start()
		root := h.talk()
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Hang())
		h.press(h.alice, h.support, h.answers(h.slack.View, h.support, root)[0].TS, blocks.ActionEscalate)
		time.Sleep(time.Second)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		h.slack.Faults().Clear()
		h.start()
		time.Sleep(time.Minute)
		if n := len(h.answers(h.slack.View, h.support, root)); n != 1 {
			t.Errorf("the thread has %d posts", n)
		}
		h.wantNoPresses()
	})
}

// Ensure that presses of one button while Slack is slow hold up no other reply to the person.
func TestRepeatedPressesHoldUpNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.talk()
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		h.awaitEnded(2)
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Hang())
		for range 6 {
			h.press(h.alice, h.support, ts, blocks.ActionShare)
		}
		began := time.Now()
		answer := h.answers(h.slack.View, h.support, root)[0].TS
		h.press(h.alice, h.support, answer, blocks.ActionFeedback, "good "+h.valueIn(h.support, answer))
		h.awaitEphemeral(h.support, h.alice, blocks.SayThanksGood.Text())
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the reply took %v", took)
		}
		h.slack.Faults().Clear()
		h.awaitPosted(h.support, "alice asked: "+vpnQuestion)
		h.wantNoPresses()
	})
}
