package bot_test

import (
	"strings"
	"testing"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// command sends a slash command as a person.
func (h *house) command(user, channel, text string) {
	h.t.Helper()
	if _, err := h.slack.Command(user, channel, "/enjo", text); err != nil {
		h.t.Fatal(err)
	}
}

func TestStatusCommand(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(t, 0)
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Huge, Calls: 1})
		ts := h.mention(h.alice, "How do I print?")
		h.awaitAnswers(h.support, ts, 1)
		for _, who := range []string{h.alice, h.alice, h.bob} {
			ts := h.mention(who, "How do I reset my VPN password?")
			h.await("the question to be in the queue", func(v slacksandbox.View) bool {
				return v.Status(h.support, ts) != "" || len(h.answers(v, h.support, ts)) > 0
			})
		}
		h.command(h.alice, h.support, "status")
		h.await("the status", func(v slacksandbox.View) bool {
			shown := texts(h.ephemerals(v, h.support, h.alice))
			return strings.Contains(shown, "questions are waiting.") && strings.Contains(shown, "yours.") && strings.Contains(shown, "your turn in about ")
		})
		shown := texts(h.ephemerals(h.slack.View, h.support, h.alice))
		for _, figure := range []string{"Enjo", "2s", "2 seconds", blocks.SayUnreadable.Text()} {
			if strings.Contains(shown, figure) {
				t.Errorf("the status has an operator's figure, %q: %s", figure, shown)
			}
		}
	})
}

func TestANewConversationIsStarted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.AgentView = false }})
		dm := h.slack.DM(h.alice)
		h.say(dm, h.alice, "How do I reset my VPN password?")
		h.awaitEnded(1)
		h.command(h.alice, dm, "new")
		h.awaitEphemeral(dm, h.alice, "starts a new conversation")
		h.say(dm, h.alice, "How do I print?")
		h.awaitEnded(2)
		if n := len(h.enjo.Conversations()); n != 2 {
			t.Errorf("there are %d conversations", n)
		}
	})
}
