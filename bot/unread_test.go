package bot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// replies are the calls that read a thread.
var replies = slacksandbox.Calls{Method: "conversations.replies"}

// lateOffer makes a question arrive late, and returns its thread and the offer to answer
// it now.
func (h *house) lateOffer() (root, offer string) {
	h.t.Helper()
	h.slack.Faults().OnEvent(slacksandbox.Events{Times: 2}, slacksandbox.Late(20*time.Minute))
	root = h.mention(h.alice, "How do I print?")
	h.await("an offer", func(v slacksandbox.View) bool {
		for _, m := range v.Messages(h.support) {
			if strings.Contains(string(m.Blocks), blocks.ActionAnswerNow) {
				offer = m.TS
			}
		}
		return offer != ""
	})
	return root, offer
}

// Ensure that *Answer now* asks the question although Slack does not return the message
// at first, with a status meanwhile, and not before Slack allows it.
func TestAnswerNowWaitsForSlack(t *testing.T) {
	for name, effect := range map[string]slacksandbox.CallEffect{
		"429":     slacksandbox.RateLimit(2 * time.Minute),
		"500":     slacksandbox.Status(http.StatusInternalServerError),
		"timeout": slacksandbox.Hang(),
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			root, offer := h.lateOffer()
			calls := replies
			calls.Times = 1
			failed := h.slack.Faults().OnCall(calls, effect)
			pressed := time.Now()
			h.press(h.alice, h.support, offer, blocks.ActionAnswerNow)
			h.await("a status", func(v slacksandbox.View) bool { return v.Status(h.support, root) != "" || len(h.enjo.Requests()) > 0 })
			h.awaitEnded(1)
			if requests := h.enjo.Requests(); len(requests) != 1 || requests[0].Text != "How do I print?" {
				t.Errorf("the agent got %+v", requests)
			}
			if took := time.Since(pressed); failed.Fired() != 1 || (name == "429") != (took >= 2*time.Minute) {
				t.Errorf("the answer took %v", took)
			}
		})
	}
}

// Ensure that *Answer now* and *Try again* fail with the reason if Slack never returns
// the message, and can be retried.
func TestAMessageThatSlackDoesNotReturn(t *testing.T) {
	for name, test := range map[string]struct {
		effect slacksandbox.CallEffect
		says   string
		least  time.Duration
	}{
		"500":               {slacksandbox.Status(http.StatusInternalServerError), blocks.SayUnread.Text(), time.Hour},
		"an unknown code":   {slacksandbox.Fail("some_new_error"), blocks.SayUnread.Text(), 4 * time.Minute},
		"channel_not_found": {slacksandbox.Fail("channel_not_found"), blocks.SayNoAccess.Text(), 0},
		"not_in_channel":    {slacksandbox.Fail("not_in_channel"), blocks.SayNoAccess.Text(), 0},
		"missing_scope":     {slacksandbox.Fail("missing_scope"), blocks.SayNoAccess.Text(), 0},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity, Calls: 1})
			root := h.mention(h.alice, "How do I print?")
			button := h.awaitAnswers(h.support, root, 1)[0].TS
			h.awaitEnded(1)
			fault := h.slack.Faults().OnCall(replies, test.effect)
			pressed := time.Now()
			h.press(h.alice, h.support, button, blocks.ActionRetry)
			answers := h.awaitAnswers(h.support, root, 2)
			if shown, took := texts(answers[1:]), time.Since(pressed); !strings.Contains(shown, test.says) || took < test.least || took > 3*time.Hour {
				t.Errorf("after %v, the thread shows %s", took, shown)
			}
			h.awaitEnded(2)
			fault.Remove()
			h.press(h.alice, h.support, answers[1].TS, blocks.ActionRetry)
			h.awaitEnded(3)
			if requests := h.enjo.Requests(); len(requests) != 2 || requests[1].Text != "How do I print?" {
				t.Errorf("the agent got %+v", requests)
			}
		})
	}
}

// Ensure that a message that is deleted counts as gone, and not as unread.
func TestADeletedMessageIsNotAskedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity})
		root := h.mention(h.alice, "How do I print?")
		h.awaitEnded(1)
		follow := h.say(h.support, h.alice, "And in colour?", slacksandbox.InThread(root))
		button := h.awaitAnswers(h.support, root, 2)[1].TS
		h.awaitEnded(2)
		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose()) // the deletion's
		if err := h.slack.Delete(h.support, follow); err != nil {
			t.Fatal(err)
		}
		h.slack.Faults().Clear()
		h.press(h.alice, h.support, button, blocks.ActionRetry)
		h.await("the failure", h.shows(h.support, root, blocks.SayEmptyText.Text()))
	})
}

// joined makes a thread of people with 450 replies, and a mention of the bot in it.
func (h *house) joined() (root string) {
	h.t.Helper()
	root = h.say(h.support, h.alice, "The printer is broken")
	h.fill(root, h.bob, 450)
	return root
}

// Ensure that a thread's earlier messages are not dropped because Slack does not return
// them at first.
func TestHistoryWaitsForSlack(t *testing.T) {
	for name, effect := range map[string]slacksandbox.CallEffect{
		"429":     slacksandbox.RateLimit(time.Minute),
		"500":     slacksandbox.Status(http.StatusInternalServerError),
		"timeout": slacksandbox.Hang(),
	} {
		for _, page := range []int{0, 1} {
			bubbles(t, fmt.Sprintf("%s, page %d", name, page+1), func(t *testing.T) {
				h := build(t, plan{})
				root := h.joined()
				calls := replies
				calls.Skip, calls.Times = page, 1
				h.slack.Faults().OnCall(calls, effect)
				h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" what now?", slacksandbox.InThread(root))
				h.awaitAnswers(h.support, root, 1)
				if text := h.enjo.Requests()[0].Text; !strings.Contains(text, "reply number 450\n") || strings.Contains(text, "could not be read") {
					t.Errorf("the agent got %q", text)
				}
			})
		}
	}
}

// Ensure that a question is asked with what could be read of its thread, and that the
// text says that a part is missing, after minutes or at once if the bot may not read it.
func TestHistoryThatSlackDoesNotReturn(t *testing.T) {
	for name, test := range map[string]struct {
		effect slacksandbox.CallEffect
		skip   int
		want   string
		most   time.Duration
	}{
		"nothing read":  {slacksandbox.Status(http.StatusInternalServerError), 0, "The earlier messages of this thread could not be read.\n\nThe question:\nwhat now?", 11 * time.Minute},
		"a long limit":  {slacksandbox.RateLimit(time.Hour), 0, "The earlier messages of this thread could not be read.\n\nThe question:\nwhat now?", 11 * time.Minute},
		"no scope":      {slacksandbox.Fail("missing_scope"), 0, "The earlier messages of this thread could not be read.\n\nThe question:\nwhat now?", time.Minute},
		"then nothing":  {slacksandbox.Status(http.StatusInternalServerError), 1, "Earlier in this thread (some messages could not be read):\n", 11 * time.Minute},
		"one page read": {slacksandbox.Fail("missing_scope"), 1, "Earlier in this thread (some messages could not be read):\n", time.Minute},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			root := h.joined()
			calls := replies
			calls.Skip = test.skip
			h.slack.Faults().OnCall(calls, test.effect)
			began := time.Now()
			h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" what now?", slacksandbox.InThread(root))
			h.awaitAsked(1)
			question := "\n\nThe question:\nwhat now?"
			if test.skip > 0 {
				question = "\n\nThe question:\nalice: what now?"
			}
			text, took := h.enjo.Requests()[0].Text, time.Since(began)
			if !strings.HasPrefix(text, test.want) || !strings.HasSuffix(text, question) || took > test.most {
				t.Errorf("after %v, the agent got %q", took, text)
			}
			if read := strings.Contains(text, "bob: reply number 199\n"); read != (test.skip > 0) {
				t.Errorf("the agent got %q", text)
			}
		})
	}
}

// Ensure that questions that wait for Slack can be stopped, hold up nobody, and do not
// hold up the end of the process, after which they continue.
func TestWhatWaitsForSlackHoldsUpNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.MaxWaitingPerUser = 100 }})
		var roots []string
		for n := range 20 {
			roots = append(roots, h.say(h.support, h.alice, fmt.Sprintf("Printer %d is broken", n)))
		}
		limited := h.slack.Faults().OnCall(replies, slacksandbox.RateLimit(5*time.Minute))
		for _, root := range roots {
			h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" what now?", slacksandbox.InThread(root))
		}
		h.await("the refusals", func(slacksandbox.View) bool { return limited.Fired() == len(roots) })
		began := time.Now()
		h.awaitAnswers(h.support, h.mention(h.bob, "How do I reset my password, "+slacksandbox.Mention(h.alice)+"?"), 1)
		if took := time.Since(began); took > time.Second {
			t.Errorf("another question is answered after %v", took)
		}
		h.awaitEnded(1)
		h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" stop", slacksandbox.InThread(roots[0]))
		h.awaitEnded(2)
		began = time.Now()
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("the process ends after %v", took)
		}
		limited.Remove()
		h.start()
		h.awaitEnded(len(roots) + 1)
		for _, r := range h.enjo.Requests()[1:] {
			if !strings.HasPrefix(r.Text, "Earlier in this thread:\n- Printer ") {
				t.Errorf("the agent got %q", r.Text)
			}
		}
	})
}

// Ensure that a question does not wait for the sender of an earlier message whom Slack does
// not know, that a colleague then has no name, and that nothing of another person is sent.
func TestSendersThatSlackDoesNotKnow(t *testing.T) {
	for name, isColleague := range map[string]bool{"a colleague": true, "somebody": false} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			var options []slacksandbox.PostOption
			if !isColleague {
				options = append(options, slacksandbox.WithFields(map[string]any{"team": ""}))
			}
			root := h.say(h.support, h.bob, "The printer is broken", options...)
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info"}, slacksandbox.Fail("user_not_found"))
			began := time.Now()
			h.call(h.alice, root, "what now?")
			h.awaitEnded(1)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("the question ended after %v", took)
			}
			want := "what now?"
			if isColleague {
				want = "Earlier in this thread:\n" + h.bob + ": The printer is broken\n\nThe question:\n" + h.alice + ": what now?"
			}
			if text := h.lastAsked(1); text != want {
				t.Errorf("the agent got %q", text)
			}
		})
	}
}

// Ensure that a question waits a moment, and not for hours, for the sender of an earlier
// message, and that the agent learns that the message is missing.
func TestSendersThatSlackDoesNotReturn(t *testing.T) {
	for name, want := range map[string]string{"what now?": "The earlier messages of this thread could not be read.\n\nThe question:\nwhat now?", "": ""} {
		bubbles(t, "asking "+name, func(t *testing.T) {
			h := build(t, plan{})
			root := h.say(h.support, h.bob, "The printer is broken")
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info"}, slacksandbox.Status(http.StatusInternalServerError))
			began := time.Now()
			h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" "+name, slacksandbox.InThread(root))
			h.awaitEnded(1)
			if took := time.Since(began); took > time.Minute {
				t.Errorf("the question ended after %v", took)
			}
			requests := h.enjo.Requests()
			switch {
			case want == "" && !h.shows(h.support, root, blocks.SayUnread.Text())(h.slack.View):
				t.Errorf("the thread shows %s", texts(h.answers(h.slack.View, h.support, root)))
			case want != "" && (len(requests) != 1 || requests[0].Text != want):
				t.Errorf("the agent got %+v", requests)
			}
		})
	}
}
