package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// The question of the tests, a part of its answer, and of the answer to another one.
const (
	vpnQuestion = "How do I reset my VPN password?"
	vpnAnswer   = "password.example.com"
)

// patient is a plan with an agent that takes some time, so that an asker sees first that
// the question is being worked on.
func patient() plan { return plan{enjo: enjosandbox.Config{Latency: 300 * time.Millisecond}} }

// private returns the bot's latest ephemeral message for a person with a text; empty if
// there is none.
func (h *house) private(v slacksandbox.View, channel, user, text string) (found slacksandbox.Message) {
	for _, m := range h.ephemerals(v, channel, user) {
		if strings.Contains(texts([]slacksandbox.Message{m}), text) {
			found = m
		}
	}
	return found
}

// awaitPrivate waits for an ephemeral message with a text, and returns its timestamp.
func (h *house) awaitPrivate(channel, user, text string) (ts string) {
	h.t.Helper()
	h.awaitEphemeral(channel, user, text)
	return h.private(h.slack.View, channel, user, text).TS
}

// posted returns the bot's messages in a channel that everyone there sees, with a text.
func (h *house) posted(v slacksandbox.View, channel, text string) (found []slacksandbox.Message) {
	for _, m := range v.Messages(channel) {
		if m.BotID == h.slack.BotID() && m.EphemeralTo == "" && strings.Contains(texts([]slacksandbox.Message{m}), text) {
			found = append(found, m)
		}
	}
	return found
}

// awaitPosted waits for a message with a text that everyone in a channel sees, and returns
// its timestamp.
func (h *house) awaitPosted(channel, text string) (ts string) {
	h.t.Helper()
	h.await("a post with "+text, func(v slacksandbox.View) bool { return len(h.posted(v, channel, text)) > 0 })
	return h.posted(h.slack.View, channel, text)[0].TS
}

// wantPosted fails the test unless a channel has so many posts with a text.
func (h *house) wantPosted(channel, text string, want int) {
	h.t.Helper()
	if got := len(h.posted(h.slack.View, channel, text)); got != want {
		h.t.Errorf("%d posts have %q, want %d", got, text, want)
	}
}

// buttonValue returns the value of a button in a message; empty if it has no such button.
func (h *house) buttonValue(channel, ts, action string) string {
	h.t.Helper()
	m, _ := h.slack.Message(channel, ts)
	_, after, found := strings.Cut(string(m.Blocks), `"action_id":"`+action+`"`)
	if !found {
		return ""
	}
	_, value, _ := strings.Cut(after, `"value":"`)
	value, _, _ = strings.Cut(value, `"`)
	return value
}

// shareAnswer asks privately, shares the answer, and returns the root of its thread.
func (h *house) shareAnswer() (root string) {
	h.t.Helper()
	h.command(h.alice, h.support, vpnQuestion)
	answer := h.awaitPrivate(h.support, h.alice, vpnAnswer)
	h.awaitEnded(1)
	h.press(h.alice, h.support, answer, blocks.ActionShare)
	return h.awaitPosted(h.support, "alice asked: "+vpnQuestion)
}

// Ensure that a question by the slash command is answered to its asker alone, and that
// afterwards neither the store nor the log has its text or its response URL.
func TestACommandIsAnsweredPrivately(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, patient())
		h.command(h.alice, h.support, "  "+vpnQuestion+" ")
		h.awaitEphemeral(h.support, h.alice, "On it")
		h.awaitEphemeral(h.support, h.alice, vpnAnswer)
		h.awaitEnded(1)
		h.wantPosted(h.support, "", 0)
		if shown := texts(h.ephemerals(h.slack.View, h.support, h.bob)); shown != "" {
			t.Errorf("bob sees %s", shown)
		}
		if asked := h.asked(); len(asked) != 1 || asked[0] != vpnQuestion {
			t.Errorf("the agent was asked %q", asked)
		}
		time.Sleep(2 * time.Hour)
		if log := h.log.String(); strings.Contains(log, "/respond/") || strings.Contains(log, "reset my VPN") || strings.Contains(log, vpnAnswer) {
			t.Error("the log has the response URL or a text")
		}
		ids := privateIDs(h)
		store := h.stored()
		for _, id := range ids {
			q, err := store.Question(t.Context(), id)
			if err != nil || q.State != storage.Delivered || q.Text+q.ResponseURL+q.Kept+q.Outcome.Reply.Text != "" {
				t.Errorf("the store has %+v, %v", q, err)
			}
		}
		if len(ids) != 1 {
			t.Errorf("the buttons name %v", ids)
		}
	})
}

// privateIDs returns the questions that the values of the Share buttons of alice's
// ephemeral messages name.
func privateIDs(h *house) (ids []storage.MessageID) {
	for _, m := range h.ephemerals(h.slack.View, h.support, h.alice) {
		value, _, _ := strings.Cut(h.buttonValue(h.support, m.TS, blocks.ActionShare), " ")
		if id, ok := storage.ParseMessageID(value); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// Ensure that the words of the command are commands only alone, and that each question
// begins a conversation.
func TestCommandsAndQuestions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		for _, command := range []string{"", "help", " HELP ", "Status", "tickets", "new"} {
			h.command(h.alice, h.support, command)
		}
		h.await("all responses", func(v slacksandbox.View) bool { return len(h.ephemerals(v, h.support, h.alice)) == 6 })
		if asked := h.asked(); len(asked) != 0 {
			t.Errorf("the agent was asked %q", asked)
		}
		questions := []string{"help me print", "status of IT-1 & <b>IT-2</b>", "new laptop?", "tickets?"}
		for n, question := range questions {
			h.command(h.alice, h.support, question)
			h.awaitEnded(n + 1)
		}
		conversations := make(map[string]bool)
		for n, request := range h.enjo.Requests() {
			if request.ConversationID != "" || request.Text != questions[n] {
				t.Errorf("%q was asked in conversation %q, want %q in a new one", request.Text, request.ConversationID, questions[n])
			}
			conversations[request.ConversationID] = true
		}
	})
}

// Ensure that an answer is shared once, with its asker and question, and that replies there
// continue the conversation without a mention.
func TestAPrivateAnswerIsShared(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		h.awaitEnded(1)
		for range 2 {
			receipt, err := h.slack.Click(h.alice, h.support, ts, blocks.ActionShare)
			if err != nil {
				t.Fatal(err)
			}
			defer h.acknowledged(receipt, nil)
		}
		root := h.awaitPosted(h.support, "alice asked: "+vpnQuestion)
		h.awaitEphemeral(h.support, h.alice, blocks.SayShared.Text())
		time.Sleep(time.Minute)
		h.wantPosted(h.support, vpnAnswer, 1)
		if m := h.private(h.slack.View, h.support, h.alice, vpnAnswer); m.TS != "" {
			t.Error("the private answer was not replaced")
		}
		h.say(h.support, h.alice, "And on my phone?", slacksandbox.InThread(root))
		h.awaitAnswers(h.support, root, 2)
		requests := h.enjo.Requests()
		if n := len(requests); n != 2 || requests[1].ConversationID == "" {
			t.Errorf("%d requests, the last in conversation %q", n, requests[n-1].ConversationID)
		}
		h.press(h.bob, h.support, root, blocks.ActionFeedback, "good "+h.valueIn(h.support, root))
		h.awaitEphemeral(h.support, h.bob, blocks.SayThanksGood.Text())
	})
}

// slowStore is a store that takes some time to end a question.
type slowStore struct{ storage.Store }

func (s slowStore) End(ctx context.Context, id storage.MessageID, end storage.State, posts []string, at time.Time) error {
	time.Sleep(5 * time.Second)
	return s.Store.End(ctx, id, end, posts, at)
}

// Ensure that an answer can be shared as soon as it is shown.
func TestAnAnswerIsSharedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		h.wrap = func(s storage.Store) storage.Store { return slowStore{s} }
		h.start()
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		h.press(h.alice, h.support, ts, blocks.ActionShare)
		h.awaitPosted(h.support, "alice asked: "+vpnQuestion)
	})
}

// Ensure that a ticket of a private conversation is shown privately, without buttons, and
// gets its card where the answer is shared.
func TestAPrivateTicketGetsItsCardWhenItIsShared(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		h.awaitEnded(1)
		h.press(h.alice, h.support, ts, blocks.ActionCreateTicket)
		h.awaitEphemeral(h.support, h.alice, "IT-1042")
		h.awaitEnded(2)
		if shown := texts(h.ephemerals(h.slack.View, h.support, h.alice)); strings.Contains(shown, blocks.ActionCheckStatus) {
			t.Error("a private ticket has a button of a card")
		}
		h.wantPosted(h.support, "", 0)
		h.command(h.alice, h.support, "Open a ticket: my laptop screen is broken")
		h.awaitEphemeral(h.support, h.alice, "IT-1043")
		h.awaitEnded(3)
		ts = h.private(h.slack.View, h.support, h.alice, "Open a ticket: my laptop").TS
		h.press(h.alice, h.support, ts, blocks.ActionShare)
		root := h.awaitPosted(h.support, "alice asked: Open a ticket")
		h.await("the card", func(slacksandbox.View) bool { _, cards := h.card(root, "IT-1043"); return cards == 1 })
		card, _ := h.card(root, "IT-1043")
		h.press(h.bob, h.support, card.TS, blocks.ActionCheckStatus, "IT-1043")
		h.awaitEnded(4)
	})
}

// Ensure that a lost response to the post of a shared answer does not share it twice.
func TestASharedAnswerIsThereOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		h.awaitEnded(1)
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.LoseResponse())
		h.press(h.alice, h.support, ts, blocks.ActionShare)
		h.awaitEphemeral(h.support, h.alice, blocks.SayShared.Text())
		h.wantPosted(h.support, vpnAnswer, 1)
	})
}

// Ensure that in a channel without the bot a question is answered, and that sharing says
// what to do, and works then.
func TestSharingWhereTheBotIsNot(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		other := h.slack.AddChannel(slacksandbox.Channel{Name: "other", Members: []string{h.alice}})
		h.command(h.alice, other, vpnQuestion)
		ts := h.awaitPrivate(other, h.alice, vpnAnswer)
		h.awaitEnded(1)
		h.press(h.alice, other, ts, blocks.ActionShare)
		h.awaitEphemeral(other, h.alice, blocks.SayCannotShare.Text())
		synctest.Wait() // until the press is over
		if err := h.slack.Invite(other, h.slack.BotUserID()); err != nil {
			t.Fatal(err)
		}
		h.press(h.alice, other, ts, blocks.ActionShare)
		h.awaitPosted(other, vpnAnswer)
	})
}

// Ensure that an old answer is not kept for sharing.
func TestAnOldAnswerIsNotShared(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		time.Sleep(70 * time.Minute)
		h.press(h.alice, h.support, ts, blocks.ActionShare)
		h.awaitLog(`"refused":"`+blocks.SayAnswerGone.Text()+`"`, 1)
		h.wantPosted(h.support, "", 0)
	})
}

// Ensure that an answer whose private post has an unknown outcome, or comes too late, is in
// the asker's direct messages once, where replies continue the conversation.
func TestAPrivateAnswerGoesToTheDirectMessages(t *testing.T) {
	for name, hinder := range map[string]func(*house){
		"response lost": func(h *house) {
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", Skip: 1}, slacksandbox.LoseResponse())
		},
		"502": func(h *house) {
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", Skip: 1}, slacksandbox.Status(http.StatusBadGateway))
		},
		"used up": func(h *house) {
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", Skip: 1}, slacksandbox.Fail("used_url"))
		},
		"hangs": func(h *house) {
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", Skip: 1}, slacksandbox.Hang())
		},
		"both lose a response": func(h *house) {
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", Skip: 1}, slacksandbox.LoseResponse())
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.LoseResponse())
		},
		"25 minutes": func(h *house) {
			h.enjo.Faults().Down()
			time.AfterFunc(26*time.Minute, func() { _ = h.enjo.Faults().Up() })
		},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, patient())
			hinder(h)
			h.command(h.alice, h.support, vpnQuestion)
			dm := h.slack.DM(h.alice)
			root := h.awaitPosted(dm, vpnAnswer)
			h.awaitEnded(1)
			h.wantPosted(dm, vpnAnswer, 1)
			h.wantPosted(h.support, "", 0)
			h.slack.Faults().Clear()
			h.press(h.alice, dm, root, blocks.ActionFeedback, "good "+h.valueIn(dm, root))
			h.awaitPosted(dm, "") // the post itself
			h.awaitLog(`"message":"interact: feedback stored"`, 1)
			h.say(dm, h.alice, "And on my phone?", slacksandbox.InThread(root))
			h.awaitEnded(2)
			requests := h.enjo.Requests()
			if last := requests[len(requests)-1]; last.ConversationID == "" {
				t.Error("the reply began another conversation")
			}
		})
	}
}

// valueIn returns the question that the feedback buttons of a post name.
func (h *house) valueIn(channel, ts string) string {
	h.t.Helper()
	m, _ := h.slack.Message(channel, ts)
	_, value, _ := strings.Cut(string(m.Blocks), `"good `)
	value, _, _ = strings.Cut(value, `"`)
	return value
}

// endlessStore is a store that cannot end questions.
type endlessStore struct{ storage.Store }

func (endlessStore) End(context.Context, storage.MessageID, storage.State, []string, time.Time) error {
	return errors.New("input/output error")
}

// Ensure that an answer is in the direct messages once, if the process ends before or after
// it is shown.
func TestARestartWhileAPrivateAnswerIsShown(t *testing.T) {
	for name, shown := range map[string]bool{"before": false, "after": true} {
		bubbles(t, name, func(t *testing.T) {
			h := foundation(t, patient())
			h.config = func(c *bot.Config) { c.Grace = time.Second }
			if shown {
				h.wrap = func(s storage.Store) storage.Store { return endlessStore{s} }
			} else {
				h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", Skip: 1}, slacksandbox.Hang())
			}
			h.start()
			h.command(h.alice, h.support, vpnQuestion)
			if shown {
				h.awaitEphemeral(h.support, h.alice, vpnAnswer)
			} else {
				h.awaitLog("dispatch: agent answered", 1)
			}
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
			h.wrap = nil
			h.slack.Faults().Clear()
			h.start()
			dm := h.slack.DM(h.alice)
			h.awaitPosted(dm, vpnAnswer)
			h.awaitEnded(1)
			h.wantPosted(dm, vpnAnswer, 1)
		})
	}
}

// Ensure that a restart of the bot before the agent has answered shows the answer privately.
func TestARestartBeforeAPrivateAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Down()
		h.command(h.alice, h.support, vpnQuestion)
		h.awaitEphemeral(h.support, h.alice, "On it")
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		if err := h.enjo.Faults().Up(); err != nil {
			t.Fatal(err)
		}
		h.start()
		h.awaitEphemeral(h.support, h.alice, vpnAnswer)
	})
}

// Ensure that an asker is told once, privately, that the agent is down.
func TestAnOutageIsReportedPrivately(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Down()
		h.command(h.alice, h.support, vpnQuestion)
		h.awaitEphemeral(h.support, h.alice, blocks.SayKeptForLater.Text())
		time.Sleep(10 * time.Minute)
		if err := h.enjo.Faults().Up(); err != nil {
			t.Fatal(err)
		}
		h.awaitEphemeral(h.support, h.alice, vpnAnswer)
		if n := strings.Count(texts(h.ephemerals(h.slack.View, h.support, h.alice)), `"text":"`+blocks.SayKeptForLater.Text()); n != 1 {
			t.Errorf("the asker was told %d times", n)
		}
		h.wantPosted(h.support, "", 0)
	})
}

// Ensure that the policy and the limits are those of any question.
func TestWhoMayAskPrivately(t *testing.T) {
	bubbles(t, "an outsider", func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnEvent(slacksandbox.Events{Type: "/enjo"}, slacksandbox.Altered(func(payload map[string]any) { payload["team_id"] = "TGLOBEX" }))
		h.command(h.carol, h.shared, vpnQuestion)
		h.awaitEphemeral(h.shared, h.carol, blocks.SayStranger.Text())
		if n := len(h.enjo.Requests()); n != 0 {
			t.Errorf("the agent got %d requests", n)
		}
	})
	bubbles(t, "another channel", func(t *testing.T) {
		h := foundation(t, plan{})
		h.config = func(c *bot.Config) { c.AllowedChannels = []string{h.shared} }
		h.start()
		h.command(h.alice, h.support, vpnQuestion)
		h.awaitEphemeral(h.support, h.alice, blocks.SayChannelNotAllowed.Text())
		h.command(h.alice, h.slack.DM(h.alice), vpnQuestion)
		ts := h.awaitPrivate(h.slack.DM(h.alice), h.alice, vpnAnswer)
		if value := h.buttonValue(h.slack.DM(h.alice), ts, blocks.ActionShare); value != "" {
			t.Errorf("an answer in direct messages can be shared: %s", value)
		}
	})
	bubbles(t, "a channel's day", func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.ChannelDailyLimit = 1 }})
		h.command(h.alice, h.support, vpnQuestion)
		h.awaitEphemeral(h.support, h.alice, vpnAnswer)
		h.command(h.alice, h.support, "How do I print?")
		h.awaitEphemeral(h.support, h.alice, blocks.SayChannelSpent.Text())
	})
	bubbles(t, "one person's questions", func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: time.Second}, bot: func(c *bot.Config) { c.MaxWaitingPerUser = 1 }})
		h.hangs()
		h.enjo.Faults().Down()
		h.command(h.alice, h.support, vpnQuestion)
		h.awaitEphemeral(h.support, h.alice, "On it")
		h.command(h.alice, h.support, "How do I print?")
		h.awaitEphemeral(h.support, h.alice, blocks.TooManyOfYours(1))
		ts := h.private(h.slack.View, h.support, h.alice, blocks.TooManyOfYours(1)).TS
		h.enjo.Faults().Clear()
		if err := h.enjo.Faults().Up(); err != nil {
			t.Fatal(err)
		}
		h.awaitEnded(1)
		h.press(h.alice, h.support, ts, blocks.ActionRetry)
		h.awaitEnded(2)
	})
}

// Ensure that a question that failed can be asked again by its button, once; and that one
// that is too long for a button says so.
func TestAPrivateQuestionIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Huge, Calls: 1})
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, "Try again")
		h.press(h.alice, h.support, ts, blocks.ActionRetry)
		h.awaitEphemeral(h.support, h.alice, vpnAnswer)
		h.press(h.alice, h.support, ts, blocks.ActionRetry)
		h.awaitEphemeral(h.support, h.alice, blocks.SayUsed.Text())
		if asked := h.asked(); len(asked) != 2 || asked[1] != vpnQuestion {
			t.Errorf("the agent was asked %q", asked)
		}

		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Huge, Calls: 1})
		h.command(h.alice, h.support, strings.Repeat("Why? ", 400))
		h.awaitEphemeral(h.support, h.alice, blocks.SayTypeItAgain.Text())
	})
}

// Ensure that a value that did not come from the bot asks and shares nothing of others.
func TestForgedPrivateButtons(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, vpnAnswer)
		h.awaitEnded(1)
		value := h.buttonValue(h.support, ts, blocks.ActionShare)
		root := h.mention(h.bob, "How do I print?")
		answer := h.awaitAnswers(h.support, root, 1)[0].TS
		h.awaitEnded(2)
		for _, action := range []string{blocks.ActionShare, blocks.ActionRetry, blocks.ActionSources, blocks.ActionCreateTicket} {
			h.forge(h.bob, answer, action, value)
		}
		h.awaitLog(`"refused":"`, 4)
		h.wantPosted(h.support, vpnAnswer, 0)
		if n := len(h.enjo.Requests()); n != 2 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}

// forge sends the bot a press of a button that Slack never showed.
func (h *house) forge(user, ts, action, value string) {
	h.t.Helper()
	message, err := json.Marshal(map[string]any{
		"type": "interactive", "envelope_id": action, "payload": map[string]any{
			"type": "block_actions", "user": map[string]any{"id": user, "team_id": h.slack.TeamID()}, "trigger_id": "1.2.3",
			"container": map[string]any{"channel_id": h.support, "message_ts": ts},
			"actions":   []any{map[string]any{"action_id": action, "value": value}},
		},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.slack.Faults().Inject(message)
}

// steppedEnd is a store that ends questions while the clock is off.
type steppedEnd struct {
	storage.Store
	off time.Duration
}

func (s steppedEnd) End(ctx context.Context, id storage.MessageID, end storage.State, posts []string, at time.Time) error {
	return s.Store.End(ctx, id, end, posts, at.Add(s.off))
}

// Ensure that an answer is erased in time although the clock was off for a moment when its
// question ended.
func TestAnswersAreErasedAlthoughTheClockWasOff(t *testing.T) {
	for name, off := range map[string]time.Duration{"back": -5 * time.Hour, "ahead": 5 * time.Hour} {
		bubbles(t, name, func(t *testing.T) {
			h := foundation(t, plan{})
			h.wrap = func(s storage.Store) storage.Store { return steppedEnd{s, off} }
			h.start()
			time.Sleep(time.Hour)
			h.command(h.alice, h.support, vpnQuestion)
			h.awaitPrivate(h.support, h.alice, vpnAnswer)
			time.Sleep(2*time.Hour + 10*time.Minute)
			ids, store := privateIDs(h), h.stored()
			for _, id := range ids {
				if q, err := store.Question(t.Context(), id); err != nil || q.Kept != "" {
					t.Errorf("the store still has the answer %q of a question that ended at %v, %v", q.Kept, q.EndedAt, err)
				}
			}
			if len(ids) != 1 {
				t.Errorf("the buttons name %v", ids)
			}
		})
	}
}
