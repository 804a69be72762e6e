package bot_test

import (
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
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
		root := h.shareAnswer()
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

// Ensure that what comes in the direct messages of an asker says which private question it
// is about: an answer, a failure, and the notice of an outage.
func TestADirectMessageNamesThePrivateQuestion(t *testing.T) {
	const shown = `You asked: How do I reset my <VPN> & mail password?`
	for name, test := range map[string]struct {
		fault enjosandbox.Fault
		want  string
	}{
		"answer":  {enjosandbox.Fault{}, vpnAnswer},
		"failure": {enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity}, blocks.SayRejected.Text()},
		"outage":  {enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable}, blocks.SayKeptForLater.Text()},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			if test.fault.Effect != "" {
				h.enjo.Faults().Add(test.fault)
			}
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url"}, slacksandbox.Status(http.StatusNotFound))
			h.command(h.alice, h.support, "How do I reset my &lt;VPN&gt; &amp; mail password?")
			dm := h.slack.DM(h.alice)
			m, _ := h.slack.Message(dm, h.awaitPosted(dm, test.want))
			first, _, _ := strings.Cut(string(m.Blocks), `"type":"section"`)
			if !strings.Contains(first, shown) || !strings.HasPrefix(html.UnescapeString(m.Text), shown+"\n") {
				t.Errorf("the message is %q: %s", m.Text, m.Blocks)
			}
		})
	}
}

// Ensure that a call below a private answer in direct messages quotes its question once.
func TestACallFromDirectMessagesQuotesThePrivateQuestionOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := withBob(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url"}, slacksandbox.Status(http.StatusNotFound))
		h.command(h.alice, h.support, vpnQuestion)
		dm := h.slack.DM(h.alice)
		answer := h.awaitPosted(dm, vpnAnswer)
		h.awaitEnded(1)
		h.press(h.alice, dm, answer, blocks.ActionEscalate)
		h.awaitPosted(dm, "You can keep asking me here")
		call := h.direct(h.slack.View, h.bob)[0]
		h.has(call, "Your VPN password is")
		if strings.Contains(string(call.Blocks), "You asked") {
			t.Errorf("the quoted reply repeats the question: %s", call.Blocks)
		}
	})
}
