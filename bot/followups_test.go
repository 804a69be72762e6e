package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
)

// talk is a thread in which Alice has got an answer.
func (h *house) talk() (root string) {
	h.t.Helper()
	root = h.mention(h.alice, "How do I reset my VPN password?")
	h.awaitAnswers(h.support, root, 1)
	h.awaitEnded(1)
	return root
}

// reply posts a message in a thread.
func (h *house) reply(root, user, text string) string {
	h.t.Helper()
	return h.say(h.support, user, text, slacksandbox.InThread(root))
}

// at is the mention of the bot with a text after it.
func (h *house) at(text string) string { return slacksandbox.Mention(h.slack.BotUserID()) + " " + text }

// thumbUp reports whether the bot has reacted to a message with a thumb.
func (h *house) thumbUp(channel, ts string) func(slacksandbox.View) bool {
	return func(v slacksandbox.View) bool {
		m, ok := v.Message(channel, ts)
		return ok && slices.ContainsFunc(m.Reactions, func(r slacksandbox.Reaction) bool { return r.Name == "+1" })
	}
}

// Ensure that those who have asked continue without a mention, and that others' remarks,
// and messages to a group, are not asked, also when history has them.
func TestWhoContinuesWithoutAMention(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.talk()
		h.reply(root, h.bob, "lunch?")
		group := map[string]any{"text": "<!subteam^S024BE7LH|@it> who is on duty?"}
		h.say(h.support, h.alice, "who is on duty?", slacksandbox.InThread(root), slacksandbox.WithFields(group))
		h.reply(root, h.alice, "<!here> is anybody there?")
		h.reply(root, h.alice, "and on Linux?")
		h.awaitAnswers(h.support, root, 2)
		h.reply(root, h.bob, h.at("and on macOS?"))
		h.awaitAnswers(h.support, root, 3)
		h.reply(root, h.bob, "and on Windows?")
		h.awaitAnswers(h.support, root, 4)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.start() // reads history
		time.Sleep(time.Minute)
		all := strings.Join(h.asked(), "|")
		if n := len(h.asked()); n != 4 || strings.Contains(all, "lunch?|") || strings.Contains(all, "on duty?|") || strings.Contains(all, "there?|") {
			t.Errorf("the agent got %d questions: %q", n, h.asked())
		}
	})
}

// Ensure that the setting says who can continue.
func TestFollowUpsSetting(t *testing.T) {
	for setting, want := range map[bot.FollowUps]int{"all": 3, "mention": 1} {
		bubbles(t, string(setting), func(t *testing.T) {
			h := build(t, plan{bot: func(c *bot.Config) { c.FollowUps = setting }})
			root := h.talk()
			h.reply(root, h.alice, "and on Linux?")
			time.Sleep(time.Minute)
			h.reply(root, h.bob, "and on macOS?")
			time.Sleep(time.Minute)
			if n := len(h.asked()); n != want {
				t.Errorf("the agent got %q", h.asked())
			}
		})
	}
}

// Ensure that thanks get a reaction, in a thread, in a direct message and at a channel's
// top, that they cost no call, and that a question after thanks is asked.
func TestThanksCostNoCall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.talk()
		dm := h.slack.DM(h.alice)
		for ts, channel := range map[string]string{
			h.reply(root, h.alice, "Thanks, that fixed it! :pray::skin-tone-3:"): h.support,
			h.mention(h.bob, "谢谢🙏🏽"):                                             h.support,
			h.say(dm, h.alice, "Vielen Dank!"):                                   dm,
		} {
			h.await("the reaction", h.thumbUp(channel, ts))
		}
		h.reply(root, h.alice, "Thanks! And on Linux?")
		h.awaitAnswers(h.support, root, 2)
		if n := len(h.asked()); n != 2 {
			t.Errorf("the agent got %q", h.asked())
		}
	})
}

// Ensure that stop in a thread where nothing is running mutes it, which the bot says
// there, also after a restart, and that a mention wakes it.
func TestStopMutesAQuietThread(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.talk()
		h.reply(root, h.alice, "Stop.")
		h.await("the notice", h.shows(h.support, root, blocks.SayMuted.Text()))
		h.reply(root, h.alice, "and on Linux?")
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.start()
		h.reply(root, h.alice, h.at("and on macOS?"))
		h.awaitAnswers(h.support, root, 3)
		h.reply(root, h.alice, "and on Windows?")
		h.awaitAnswers(h.support, root, 4)
		time.Sleep(2 * time.Hour)
		if answers := h.answers(h.slack.View, h.support, root); len(answers) != 4 || len(h.asked()) != 3 {
			t.Errorf("the thread has %s; the agent got %q", texts(answers), h.asked())
		}
	})
}

// Ensure that stop says so where nothing is running and there is nothing to mute.
func TestStopWithNothingToStop(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.mention(h.alice, "stop")
		h.awaitEphemeral(h.support, h.alice, blocks.SayNothingToStop.Text())
		dm := h.slack.DM(h.bob)
		h.say(dm, h.bob, "stop")
		h.await("the notice", func(v slacksandbox.View) bool {
			return strings.Contains(texts(v.Messages(dm)), blocks.SayNothingToStop.Text())
		})
		if n := len(h.asked()); n != 0 {
			t.Errorf("the agent got %q", h.asked())
		}
	})
}

// Ensure that a mention with a word of the slash command does what that does, for the
// sender alone, and that new starts a new conversation in the thread.
func TestCommandsAfterAMention(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.talk()
		for word, want := range map[string]string{"status": allIsWell, "tickets": blocks.Tickets(nil).Text, "Help!": "/enjo status", "new": blocks.SayNewHere.Text()} {
			h.reply(root, h.bob, h.at(word))
			h.awaitEphemeral(h.support, h.bob, want)
		}
		dm := h.slack.DM(h.bob)
		ts := h.say(dm, h.bob, h.at("status"))
		h.await("the status", h.shows(dm, ts, allIsWell))
		h.reply(root, h.alice, "and on Linux?")
		h.awaitAnswers(h.support, root, 2)
		requests := h.enjo.Requests()
		if len(requests) != 2 || requests[1].ConversationID != "" {
			t.Errorf("the agent got %+v", requests)
		}
		h.say(h.shared, h.carol, h.at("status"))
		h.awaitEphemeral(h.shared, h.carol, blocks.SayStranger.Text())
		if said := texts(h.ephemerals(h.slack.View, h.shared, h.carol)); strings.Contains(said, allIsWell) {
			t.Errorf("an outsider gets %s", said)
		}
	})
}

// Ensure that an edit that adds the mention is answered once, although the message is old.
func TestAnEditThatAddsTheMention(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		ts := h.say(h.support, h.alice, "How do I reset my VPN password?")
		time.Sleep(2 * time.Hour)
		if err := h.slack.Edit(h.support, h.alice, ts, h.at("how do I reset my VPN password?")); err != nil {
			t.Fatal(err)
		}
		h.awaitAnswers(h.support, ts, 1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.start()
		time.Sleep(time.Hour)
		if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 || len(h.asked()) != 1 {
			t.Errorf("%d answers; the agent got %q", n, h.asked())
		}
		h.reply(ts, h.alice, "and on Linux?")
		h.awaitAnswers(h.support, ts, 2)
	})
}

// Ensure that the log says how to allow a bot whose mention is ignored.
func TestAForeignBotIsLogged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.say(h.support, h.robot(), h.at("the build has failed"))
		h.awaitLog("ALLOWED_BOTS", 1)
	})
}
