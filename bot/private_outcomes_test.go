package bot_test

import (
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	slacksandbox "enjobridge/sandbox/slack"
)

// emptyThenFull is an agent whose first answer is empty.
func emptyThenFull() plan {
	return plan{agent: inTurn(`{"success":true,"data":{"answers":" ","conversationId":"c1"}}`, `{"success":true,"data":{"answers":"Here it is.","conversationId":"c2"}}`)}
}

// Ensure that an empty private answer can be asked again, also after a restart, and that
// there is nothing to share.
func TestAnEmptyPrivateAnswerIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, emptyThenFull())
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, "answer was empty")
		h.awaitEnded(1)
		if value := h.buttonValue(h.support, ts, blocks.ActionShare); value != "" {
			t.Errorf("an empty answer can be shared: %s", value)
		}
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		h.start()
		h.press(h.alice, h.support, ts, blocks.ActionRetry)
		h.awaitEphemeral(h.support, h.alice, "Here it is.")
	})
}

// Ensure that people who are called below a shared answer read its question, also after
// follow-ups.
func TestACallAfterFollowUpsToASharedAnswerQuotesItsQuestion(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.command(h.alice, h.support, vpnQuestion)
		answer := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		h.awaitEnded(1)
		h.press(h.alice, h.support, answer, blocks.ActionShare)
		root := h.awaitPosted(h.support, "alice asked: "+vpnQuestion)
		h.awaitLog("private answer shared", 1)
		for n, text := range []string{"And on Linux?", "And on Windows?"} {
			h.reply(root, h.alice, text)
			h.awaitEnded(2 + n)
		}
		h.press(h.alice, h.support, root, blocks.ActionEscalate)
		call := h.callIn(root)
		h.has(call, vpnQuestion, "And on Windows?", "Credential Manager")
		if strings.Contains(string(call.Blocks), "And on Linux?") {
			t.Errorf("the call takes a follow-up for the first question: %s", call.Blocks)
		}
	})
}

// Ensure that an answer is not tried in other renderings at a response URL that is over.
func TestAResponseURLThatIsOver(t *testing.T) {
	for _, code := range []slacksandbox.Error{"expired_url", "used_url"} {
		bubbles(t, string(code), func(t *testing.T) {
			h := build(t, patient())
			over := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", Skip: 1}, slacksandbox.Fail(code))
			h.command(h.alice, h.support, vpnQuestion)
			h.awaitPosted(h.slack.DM(h.alice), vpnAnswer)
			if n := over.Fired(); n != 1 {
				t.Errorf("the URL was used %d times", n)
			}
		})
	}
}
