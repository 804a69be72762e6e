package bot_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// press presses a button in a post of the bot, and waits until the bot acknowledges it.
func (h *house) press(user, channel, ts, action string, value ...string) {
	h.t.Helper()
	receipt, err := h.slack.Click(user, channel, ts, action, value...)
	h.acknowledged(receipt, err)
}

// acknowledged waits until the bot has acknowledged a person's action.
func (h *house) acknowledged(receipt *slacksandbox.Receipt, err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	if _, err := receipt.Wait(ctx); err != nil {
		h.t.Fatal(err)
	}
}

// ephemerals returns the bot's ephemeral messages for a person in a channel.
func (h *house) ephemerals(v slacksandbox.View, channel, user string) []slacksandbox.Message {
	var found []slacksandbox.Message
	for _, m := range v.Messages(channel) {
		if m.EphemeralTo == user {
			found = append(found, m)
		}
	}
	return found
}

// awaitEphemeral waits until a person sees an ephemeral message.
func (h *house) awaitEphemeral(channel, user, text string) {
	h.t.Helper()
	h.await("an ephemeral message with "+text, func(v slacksandbox.View) bool {
		return strings.Contains(texts(h.ephemerals(v, channel, user)), text)
	})
}

// awaitModal waits until a person sees a modal.
func (h *house) awaitModal(user, callback string) slacksandbox.AppView {
	h.t.Helper()
	h.await("a modal", func(v slacksandbox.View) bool {
		modal, ok := v.Modal(user)
		return ok && modal.CallbackID == callback
	})
	modal, _ := h.slack.Modal(user)
	return modal
}

// id identifies a message in #support.
func (h *house) id(ts string) storage.MessageID {
	return storage.MessageID{Team: h.slack.TeamID(), Channel: h.support, TS: ts}
}

// stored opens the store of a house whose bot is stopped.
func (h *house) stored() storage.Store {
	h.t.Helper()
	if err := h.stop(); err != nil {
		h.t.Fatal(err)
	}
	store, err := storage.OpenBolt(h.path, storage.BoltOptions{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestFeedbackIsRememberedOnceForEachPersonInTheirWords(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(h.support, ts, 1)[0].TS
		good, bad := blocks.FeedbackGood+" "+h.id(ts).String(), blocks.FeedbackBad+" "+h.id(ts).String()

		h.press(h.bob, h.support, answer, blocks.ActionFeedback, good)
		h.awaitEphemeral(h.support, h.bob, blocks.SayThanksGood.Text())
		h.press(h.alice, h.support, answer, blocks.ActionFeedback, good)
		h.press(h.alice, h.support, answer, blocks.ActionFeedback, bad)
		modal := h.awaitModal(h.alice, blocks.CallbackFeedback)
		receipt, err := h.slack.SubmitView(h.alice, modal.ID, map[string]string{
			blocks.FeedbackReasons: "wrong,outdated", blocks.FeedbackComment: "We moved to Okta",
		})
		h.acknowledged(receipt, err)
		h.awaitEphemeral(h.support, h.alice, blocks.SayThanksBad.Text())
		h.press(h.alice, h.support, answer, blocks.ActionFeedback, bad)

		figures := httptest.NewRecorder()
		h.handler.ServeHTTP(figures, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if shown := figures.Body.String(); !strings.Contains(shown, `enjobridge_feedback_total{opinion="good"} 2`) {
			t.Errorf("the metrics lack two good ratings:\n%s", shown)
		}
		feedback, err := h.stored().Feedback(t.Context(), h.id(ts))
		if err != nil || len(feedback) != 2 {
			t.Fatalf("%d pieces of feedback, %v", len(feedback), err)
		}
		for _, f := range feedback {
			switch f.User {
			case h.alice:
				if f.Good || f.Comment != "We moved to Okta" || strings.Join(f.Reasons, " ") != "wrong outdated" {
					t.Errorf("alice's feedback is %+v", f)
				}
			case h.bob:
				if !f.Good {
					t.Errorf("bob's feedback is %+v", f)
				}
			}
		}
		if strings.Contains(h.log.String(), "Okta") {
			t.Error("the log contains a person's message")
		}
	})
}

func TestCreateTicketAsksOnceHoweverOftenItIsPressed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(h.support, ts, 1)[0].TS
		for range 3 {
			h.press(h.alice, h.support, answer, blocks.ActionCreateTicket)
		}
		h.awaitAnswers(h.support, ts, 3) // the answer, the agent's message about the ticket, and its card
		h.awaitEnded(2)
		h.awaitEphemeral(h.support, h.alice, "already")
		if n := len(h.enjo.Tickets()); n != 1 {
			t.Errorf("there are %d tickets", n)
		}
		if n := len(h.enjo.Conversations()); n != 1 {
			t.Errorf("there are %d conversations", n)
		}
		h.press(h.bob, h.support, answer, blocks.ActionCreateTicket)
		h.awaitEphemeral(h.support, h.bob, blocks.TicketExists(h.enjo.Tickets()[0].ID))
	})
}

func TestATicketThatNeverCameIsSaid(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.TicketPrompt = "How do I print?" }})
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.press(h.alice, h.support, h.awaitAnswers(h.support, ts, 1)[0].TS, blocks.ActionCreateTicket)
		h.awaitEnded(2)
		if shown := texts(h.answers(h.slack.View, h.support, ts)); !strings.Contains(shown, blocks.NoTicketMade("", "").Text) {
			t.Errorf("the thread has no explanation: %s", shown)
		}
		if !strings.Contains(h.log.String(), "check that the agent is set up for ticketing") {
			t.Error("the log lacks the hint for the operator")
		}
	})
}

func TestTryAgainAsksWhatWasAskedAndMakesNoSecondTicketByItself(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(h.support, ts, 1)[0].TS
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Cut, Calls: 1})
		h.press(h.alice, h.support, answer, blocks.ActionCreateTicket)
		failed := h.awaitAnswers(h.support, ts, 2)[1]
		h.awaitEnded(2)
		if n := len(h.enjo.Requests()); n != 2 {
			t.Fatalf("the agent got %d requests", n)
		}
		h.press(h.alice, h.support, failed.TS, blocks.ActionRetry)
		h.awaitEnded(3)
		if n := len(h.enjo.Tickets()); n != 1 {
			t.Errorf("there are %d tickets", n)
		}
	})
}

func TestTryAgainReadsWhatPeopleWrote(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusInternalServerError, Calls: 4})
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		for n := 1; n <= 2; n++ { // the second retry repeats a retry
			failed := h.awaitAnswers(h.support, ts, n)[n-1]
			h.awaitEnded(n)
			h.press(h.bob, h.support, failed.TS, blocks.ActionRetry)
		}
		h.awaitEnded(3)
		requests := h.enjo.Requests()
		if last := requests[len(requests)-1]; len(requests) != 5 || last.Text != "alice: How do I reset my VPN password?" {
			t.Errorf("the agent got %+v", requests)
		}
		if shown := texts(h.answers(h.slack.View, h.support, ts)); !strings.Contains(shown, "expires every 180 days") {
			t.Errorf("there is no answer: %s", shown)
		}
	})
}

// answering is an agent that gives the same response to every request.
func answering(response string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, response) })
}

func TestAllSourcesAreShownInAModal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var sources []string
		for n := range 12 {
			sources = append(sources, fmt.Sprintf(`{"name":"Article %d","url":"https://kb.example.com/%d","score":0.%d}`, n, n, 99-n))
		}
		h := build(t, plan{agent: answering(`{"success":true,"data":{"answers":"Read these.","sources":[` + strings.Join(sources, ",") + `]}}`)})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.Fail("invalid_blocks")) // the container
		ts := h.mention(h.alice, "What should I read?")
		answer := h.awaitAnswers(h.support, ts, 1)[0]
		h.awaitEnded(1)
		if !strings.Contains(texts([]slacksandbox.Message{answer}), "Show all 12") {
			t.Fatalf("there is no button: %s", answer.Blocks)
		}
		h.press(h.bob, h.support, answer.TS, blocks.ActionSources)
		modal := h.awaitModal(h.bob, blocks.CallbackSources)
		if n := strings.Count(string(modal.JSON), "https://kb.example.com/"); n != 12 {
			t.Errorf("the modal shows %d sources: %s", n, modal.JSON)
		}
	})
}

func TestOldAndUnknownButtonsSaySo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(h.support, ts, 1)[0].TS
		h.awaitEnded(1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.path += ".other" // this bot does not know the answer
		h.start()
		h.press(h.alice, h.support, answer, blocks.ActionCreateTicket)
		h.awaitEphemeral(h.support, h.alice, blocks.SayTooOld.Text())
	})
}

func TestStrangersCannotPressButtons(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.say(h.shared, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" How do I reset my VPN password?")
		answer := h.awaitAnswers(h.shared, ts, 1)[0].TS
		h.awaitEnded(1)
		h.press(h.carol, h.shared, answer, blocks.ActionCreateTicket)
		h.awaitEphemeral(h.shared, h.carol, "organisation")
		if n := len(h.enjo.Requests()); n != 1 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

func TestAskAgainAsksWhatAnEditedMessageSaysNow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitAnswers(h.support, root, 1)
		h.awaitEnded(1)
		if err := h.slack.Edit(h.support, h.alice, root, slacksandbox.Mention(h.slack.BotUserID())+" How do I print?"); err != nil {
			t.Fatal(err)
		}
		h.awaitEphemeral(h.support, h.alice, blocks.Edited("").Text)
		offer := h.ephemerals(h.slack.View, h.support, h.alice)[0].TS
		h.press(h.alice, h.support, offer, blocks.ActionRetry)
		h.awaitEnded(2)
		requests := h.enjo.Requests()
		if last := requests[len(requests)-1]; last.Text != "How do I print?" {
			t.Errorf("the agent got %q", last.Text)
		}
		h.awaitAnswers(h.support, root, 2)
	})
}

func TestAnswerNowAnswersWhatCameLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnEvent(slacksandbox.Events{If: func(e slacksandbox.Envelope) bool { return e.Type == "events_api" }}, slacksandbox.Late(20*time.Minute))
		root := h.mention(h.alice, "How do I print?")
		var offer slacksandbox.Message
		h.await("an offer", func(v slacksandbox.View) bool {
			for _, m := range v.Messages(h.support) {
				if strings.Contains(string(m.Blocks), blocks.ActionAnswerNow) {
					offer = m
					return true
				}
			}
			return false
		})
		if n := len(h.enjo.Requests()); n != 0 {
			t.Errorf("the agent got %d requests that nobody asked for", n)
		}
		h.press(h.alice, h.support, offer.TS, blocks.ActionAnswerNow)
		h.awaitEnded(1)
		if requests := h.enjo.Requests(); len(requests) != 1 || requests[0].Text != "How do I print?" {
			t.Errorf("the agent got %+v", requests)
		}
		h.await("the answer", func(v slacksandbox.View) bool {
			return strings.Contains(texts(h.answers(v, h.support, root)), "printer")
		})
		// Another message in the thread is a follow-up: the thread belongs to the bot.
		h.say(h.support, h.alice, "and in colour?", slacksandbox.InThread(root))
		h.await("a second offer", func(v slacksandbox.View) bool {
			offers := 0
			for _, m := range v.Messages(h.support) {
				if strings.Contains(string(m.Blocks), blocks.ActionAnswerNow) {
					offers++
				}
			}
			return offers == 2
		})
	})
}
