package bot_test

import (
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that messages are found whose events Slack dropped because there were too many:
// once the minute after the last such minute has passed.
func TestRateLimitedEventsAreFoundInHistory(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().LimitEvents(150 * time.Second)
		began := time.Now()
		first := h.mention(h.alice, "How do I print?")
		h.awaitLog("Slack drops events", 1)
		time.Sleep(2 * time.Minute) // in the bubble's time
		second := h.mention(h.bob, "How do I scan?")
		h.awaitLog("Slack drops events", 2)
		h.awaitAnswers(h.support, first, 1)
		h.awaitAnswers(h.support, second, 1)
		if took := time.Since(began); took < 3*time.Minute || took > 5*time.Minute {
			t.Errorf("the messages were found after %v", took)
		}
		h.awaitEnded(2)
		if _, metrics := h.serves("/metrics"); !strings.Contains(metrics, "enjobridge_events_rate_limited_minutes_total 2") {
			t.Error("the minutes are not counted")
		}
	})
}

// Ensure that a mention is answered that was made just before the bot was added to the
// channel, but no earlier one, and that the bot says once how to ask.
func TestTheBotIsAddedToAChannel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.Welcome = true }})
		fresh := h.slack.AddChannel(slacksandbox.Channel{Name: "fresh", Members: []string{h.alice, h.bob}})
		mention := slacksandbox.Mention(h.slack.BotUserID())
		old := h.say(fresh, h.bob, mention+" How do I scan?")
		time.Sleep(12 * time.Minute) // in the bubble's time
		asked := h.say(fresh, h.alice, mention+" How do I print?")
		time.Sleep(time.Minute)
		for range 2 {
			if err := h.slack.Invite(fresh, h.slack.BotUserID()); err != nil {
				t.Fatal(err)
			}
			h.awaitAnswers(fresh, asked, 1)
			h.await("the welcome", h.showsAtTop(fresh, blocks.Welcome("")))
			h.works()
			if err := h.slack.Kick(fresh, h.slack.BotUserID()); err != nil {
				t.Fatal(err)
			}
		}
		h.awaitEnded(3)
		welcomes := 0
		for _, m := range h.slack.Messages(fresh) {
			if m.BotID == h.slack.BotID() && m.ThreadTS == "" {
				welcomes++
			}
		}
		if n := len(h.answers(h.slack.View, fresh, asked)); welcomes != 1 || n != 1 {
			t.Errorf("%d welcomes and %d answers", welcomes, n)
		}
		if n := len(h.answers(h.slack.View, fresh, old)); n != 0 {
			t.Errorf("the old mention has %d answers", n)
		}
	})
}

// showsAtTop reports whether a channel's top shows a text of the bot.
func (h *house) showsAtTop(channel, text string) func(slacksandbox.View) bool {
	return func(v slacksandbox.View) bool {
		for _, m := range v.Messages(channel) {
			if m.BotID == h.slack.BotID() && m.ThreadTS == "" && strings.Contains(m.Text, text) {
				return true
			}
		}
		return false
	}
}

// Ensure that the bot does not introduce itself if that is turned off, or where it is
// not allowed, and that it answers there as before.
func TestNoWelcome(t *testing.T) {
	for name, test := range map[string]struct {
		config  func(*bot.Config)
		answers bool
	}{
		"turned off":          {func(*bot.Config) {}, true},
		"channel not allowed": {func(c *bot.Config) { c.Welcome, c.AllowedChannels = true, []string{"C0OTHER"} }, false},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{bot: test.config})
			fresh := h.slack.AddChannel(slacksandbox.Channel{Name: "fresh", Members: []string{h.alice}})
			asked := h.say(fresh, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" How do I print?")
			if err := h.slack.Invite(fresh, h.slack.BotUserID()); err != nil {
				t.Fatal(err)
			}
			if test.answers {
				h.awaitAnswers(fresh, asked, 1)
			}
			h.awaitLog("the bot was added to a channel", 1)
			h.awaitLog("a channel that the bot has joined is read", 1)
			if h.showsAtTop(fresh, "Mention me")(h.slack.View) {
				t.Error("there is a welcome")
			}
		})
	}
}

// Ensure that the channel is read by the next process if this one dies right after it
// acked that the bot was added.
func TestTheBotIsAddedBeforeACrash(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		fresh := h.slack.AddChannel(slacksandbox.Channel{Name: "fresh", Members: []string{h.alice}})
		asked := h.say(fresh, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" How do I print?")
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "conversations.*", Channel: fresh}, slacksandbox.Hang())
		if err := h.slack.Invite(fresh, h.slack.BotUserID()); err != nil {
			t.Fatal(err)
		}
		h.await("the reading to hang", func(slacksandbox.View) bool { return fault.Fired() > 0 })
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		fault.Remove()
		h.start()
		h.awaitAnswers(fresh, asked, 1)
	})
}

// Ensure that threads continue with their conversation, and buttons work, after the
// channel has got another ID, and that the log says which settings name the old one.
func TestAChannelGetsAnotherID(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		old := h.support
		h.config = func(c *bot.Config) { c.Routes = map[string]string{old: "default"} }
		h.start()
		root := h.mention(h.alice, "How do I print?")
		button := h.awaitAnswers(h.support, root, 1)[0].TS
		h.awaitEnded(1)
		moved, err := h.slack.ChangeChannelID(old)
		if err != nil {
			t.Fatal(err)
		}
		h.support = moved
		h.awaitLog("replace "+old+" by "+moved+" in ENJO_ROUTES", 1)
		h.say(h.support, h.alice, "And in colour?", slacksandbox.InThread(root))
		h.awaitAnswers(h.support, root, 2)
		requests := h.enjo.Requests()
		if len(requests) != 2 || requests[1].ConversationID == "" {
			t.Errorf("the agent got %+v", requests)
		}
		h.press(h.alice, h.support, button, blocks.ActionCreateTicket)
		h.awaitAnswers(h.support, root, 3)
		h.awaitEnded(3)
	})
}

// Ensure that questions that wait, or are being asked, when the channel gets another ID
// are answered in the channel.
func TestAChannelGetsAnotherIDMeanwhile(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 5 * time.Second}})
		asked := h.mention(h.alice, "How do I print?")
		h.awaitAsked(1)
		waiting := h.say(h.support, h.bob, slacksandbox.Mention(h.slack.BotUserID())+" And in colour?", slacksandbox.InThread(asked))
		h.awaitLog(waiting, 1)
		moved, err := h.slack.ChangeChannelID(h.support)
		if err != nil {
			t.Fatal(err)
		}
		h.awaitAnswers(moved, asked, 2)
		h.awaitEnded(2)
		if n := len(h.enjo.Requests()); n != 2 {
			t.Errorf("the agent got %d requests", n)
		}
		for _, user := range []string{h.alice, h.bob} {
			if posts := h.direct(h.slack.View, user); len(posts) != 0 {
				t.Errorf("there is the direct message %s", texts(posts))
			}
		}
	})
}
