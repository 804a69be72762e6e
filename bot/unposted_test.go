package bot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// direct returns the bot's posts in a person's direct messages.
func (h *house) direct(v slacksandbox.View, user string) []slacksandbox.Message {
	dm := h.slack.DM(user)
	var found []slacksandbox.Message
	for _, m := range v.Messages(dm) {
		if m.BotID == h.slack.BotID() {
			found = append(found, m)
		}
	}
	return found
}

// Ensure that the asker gets a direct message with the fix when the bot cannot post an
// answer where the question is, and that the log says how to fix it.
func TestAnAnswerThatCannotBePosted(t *testing.T) {
	refuse := func(code slacksandbox.Error) func(h *house) error {
		return func(h *house) error {
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.support}, slacksandbox.Fail(code))
			return nil
		}
	}
	for name, test := range map[string]struct {
		close      func(h *house) error
		says, next blocks.Key
		hint       string
	}{
		"archived":                       {func(h *house) error { return h.slack.Archive(h.support) }, blocks.SayArchived, blocks.NextArchived, "the channel is archived"},
		"kicked":                         {func(h *house) error { return h.slack.Kick(h.support, h.slack.BotUserID()) }, blocks.SayRemoved, blocks.NextRemoved, "invite it again"},
		"channel gone":                   {refuse("channel_not_found"), blocks.SayChannelGone, blocks.NextChannelGone, "invite it again"},
		"restricted":                     {refuse("restricted_action"), blocks.SayRestricted, blocks.NextRestricted, "an admin restricts"},
		"restricted to reading":          {refuse("restricted_action_read_only_channel"), blocks.SayRestricted, blocks.NextRestricted, "read only"},
		"restricted to the top":          {refuse("restricted_action_non_threadable_channel"), blocks.SayRestricted, blocks.NextRestricted, "allows no replies"},
		"restricted by a locked thread":  {refuse("restricted_action_thread_locked"), blocks.SayRestricted, blocks.NextRestricted, "thread is locked"},
		"restricted in a frozen channel": {refuse("is_inactive"), blocks.SayArchived, blocks.NextArchived, "frozen"},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{enjo: enjosandbox.Config{Latency: 300 * time.Millisecond}})
			h.mention(h.alice, "How do I print?")
			h.awaitAsked(1)
			if err := test.close(h); err != nil {
				t.Fatal(err)
			}
			h.awaitEnded(1)
			posts := h.direct(h.slack.View, h.alice)
			if len(posts) != 1 || !strings.Contains(posts[0].Text, test.says.Text()) || !strings.Contains(posts[0].Text, test.next.Text()) {
				t.Fatalf("the direct messages show %s", texts(posts))
			}
			log := h.log.String()
			if at := strings.Index(posts[0].Text, "EB-"); at < 0 || !strings.Contains(log, posts[0].Text[at:at+9]) {
				t.Errorf("the reference in %q is not in the log", posts[0].Text)
			}
			if !strings.Contains(log, test.hint) || !strings.Contains(log, `"state":"failed"`) {
				t.Errorf("the log lacks the hint %q", test.hint)
			}
			h.works()
		})
	}
}

// Ensure that the asker gets the direct message although it fails for minutes, with an error that
// the bot does not know or one that a person can fix.
func TestAnUnpostedAnswerIsAnnouncedAfterMinutes(t *testing.T) {
	for name, effect := range map[string]slacksandbox.CallEffect{
		"unknown error": slacksandbox.Fail("some_new_error_2027"),
		"redirect":      slacksandbox.Redirect(http.StatusMovedPermanently, "https://elsewhere.example/"),
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{enjo: enjosandbox.Config{Latency: 300 * time.Millisecond}})
			h.mention(h.alice, "How do I print?")
			h.awaitAsked(1)
			if err := h.slack.Kick(h.support, h.slack.BotUserID()); err != nil {
				t.Fatal(err)
			}
			broken := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.slack.DM(h.alice)}, effect)
			time.AfterFunc(3*time.Minute, broken.Remove)
			h.awaitEnded(1)
			if posts := h.direct(h.slack.View, h.alice); len(posts) != 1 || broken.Fired() < 3 {
				t.Errorf("the direct messages show %s after %d errors", texts(posts), broken.Fired())
			}
		})
	}
}

// Ensure that the direct message is posted once if Slack's response is lost.
func TestAnUnpostedAnswerIsAnnouncedOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.support}, slacksandbox.Fail("restricted_action"))
		lost := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.slack.DM(h.alice), Times: 1}, slacksandbox.LoseResponse())
		h.mention(h.alice, "How do I print?")
		h.awaitEnded(1)
		if posts := h.direct(h.slack.View, h.alice); len(posts) != 1 || lost.Fired() != 1 {
			t.Errorf("the direct messages show %s after %d lost responses", texts(posts), lost.Fired())
		}
	})
}

// Ensure that the direct message has a link to the question.
func TestAnUnpostedAnswerLinksItsQuestion(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.support}, slacksandbox.Fail("restricted_action"))
		ts := h.mention(h.alice, "How do I print?")
		h.awaitEnded(1)
		if shown := texts(h.direct(h.slack.View, h.alice)); !strings.Contains(shown, "/archives/"+h.support+"/p"+strings.Replace(ts, ".", "", 1)) {
			t.Errorf("the direct message is %s", shown)
		}
	})
}

// Ensure that the asker gets a direct message if the thread of a reply is gone, but not
// if the question's own message is.
func TestAnAnswerWithoutItsThread(t *testing.T) {
	for name, asReply := range map[string]bool{"a reply": true, "the first message": false} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			root, asked := h.mention(h.alice, "How do I print?"), 1
			if asReply {
				h.awaitEnded(1)
				asked = 2
			}
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.support}, slacksandbox.Fail("thread_not_found"))
			if asReply {
				h.say(h.support, h.alice, "And in colour?", slacksandbox.InThread(root))
			}
			h.awaitEnded(asked)
			if shown := texts(h.direct(h.slack.View, h.alice)); strings.Contains(shown, blocks.SayThreadGone.Text()) != asReply {
				t.Errorf("the direct messages show %q", shown)
			}
		})
	}
}

// Ensure that bots get no direct message.
func TestAnUnpostedAnswerIsNoNewsForBots(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		robot := h.robot()
		h.config = func(c *bot.Config) { c.AllowedBots = []string{robot} }
		h.start()
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.support}, slacksandbox.Fail("restricted_action"))
		h.say(h.support, robot, slacksandbox.Mention(h.slack.BotUserID())+" How do I print?", slacksandbox.AsApp())
		h.awaitEnded(1)
		for _, c := range h.slack.Calls() {
			if c.Method == "conversations.open" {
				t.Error("a direct message was opened")
			}
		}
	})
}

// Ensure that the question's direct message comes from the next process if this one is
// stopped before.
func TestAnUnpostedAnswerAfterARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		hangs := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.support}, slacksandbox.Hang())
		h.mention(h.alice, "How do I print?")
		h.await("the post to hang", func(slacksandbox.View) bool { return hangs.Fired() > 0 })
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		hangs.Remove()
		if err := h.slack.Archive(h.support); err != nil {
			t.Fatal(err)
		}
		h.start()
		h.awaitEnded(1)
		if posts := h.direct(h.slack.View, h.alice); len(posts) != 1 || !strings.Contains(posts[0].Text, "archived") {
			t.Errorf("the direct messages show %s", texts(posts))
		}
	})
}

// Ensure that a refusal that the bot cannot show in the channel is a direct message,
// without a button that works only there.
func TestARefusalThatCannotBePosted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.MaxWaiting = 1 }, enjo: enjosandbox.Config{Latency: time.Minute}})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postEphemeral"}, slacksandbox.Fail("restricted_action"))
		for range 12 {
			h.mention(h.alice, "How do I print?")
		}
		h.await("the refusal", func(v slacksandbox.View) bool {
			return strings.Contains(texts(h.direct(v, h.alice)), blocks.SayTooMany.Text())
		})
		if shown := texts(h.direct(h.slack.View, h.alice)); strings.Contains(shown, "Ask again\"") {
			t.Errorf("there is a button: %s", shown)
		}
	})
}

// Ensure that what everyone in a channel is to see about a question is a direct message to
// its sender where the bot may not post, with a link to the question, and without a button.
func TestAPublicRefusalThatCannotBePosted(t *testing.T) {
	for name, test := range map[string]struct {
		config func(*bot.Config)
		refuse func(h *house)
		want   string
	}{
		"an old question": {nil, func(h *house) {
			h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
			h.mention(h.alice, "How do I print?")
			h.gap()
		}, stillNeeded},
		"too many questions a day": {func(c *bot.Config) { c.ChannelDailyLimit = 1 }, func(h *house) {
			h.mention(h.alice, "How do I print?")
			h.awaitEnded(1)
			h.mention(h.alice, "How do I scan?")
		}, blocks.SayChannelSpent.Text()},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{bot: test.config})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Channel: h.support}, slacksandbox.Fail("restricted_action"))
			test.refuse(h)
			h.await("the direct message", func(v slacksandbox.View) bool { return strings.Contains(texts(h.direct(v, h.alice)), test.want) })
			posts := h.direct(h.slack.View, h.alice)
			last := posts[len(posts)-1]
			if !strings.Contains(last.Text, blocks.NextAskHere.Text()) || !strings.Contains(string(last.Blocks), "/archives/"+h.support+"/p") {
				t.Errorf("the direct message is %s", texts(posts))
			}
			if strings.Contains(string(last.Blocks), blocks.ActionAnswerNow) {
				t.Errorf("there is a button: %s", last.Blocks)
			}
		})
	}
}

// Ensure that a question over the daily limit of a channel is not passed over in silence
// where Slack takes no reaction.
func TestAReactionThatCannotBeAdded(t *testing.T) {
	for _, code := range []slacksandbox.Error{"missing_scope", "not_reactable", "thread_locked"} {
		bubbles(t, string(code), func(t *testing.T) {
			h := build(t, plan{bot: func(c *bot.Config) { c.ChannelDailyLimit = 1 }})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "reactions.add"}, slacksandbox.Fail(code))
			h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
			second := h.mention(h.alice, "How do I scan?")
			h.await("the notice", h.shows(h.support, second, blocks.SayChannelSpent.Text()))
			h.mention(h.bob, "How do I scan?")
			h.awaitEphemeral(h.support, h.bob, blocks.SayChannelSpent.Text())
		})
	}
}
