package bot_test

import (
	"testing"

	"enjobridge/blocks"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that Slack's Stop button of an outsider stops nobody's question, and that the
// outsider learns why.
func TestOutsidersCannotStopQuestions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := slow(t, 0)
		h.mention(h.alice, "How do I print?")
		h.awaitAsked(1)
		ts := h.say(h.shared, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" How do I reset my VPN password?")
		h.await("the Stop button", func(v slacksandbox.View) bool {
			session, ok := v.Session(h.shared, ts)
			return ok && session.Stoppable
		})
		if err := h.slack.Stop(h.shared, h.carol, ts); err != nil {
			t.Fatal(err)
		}
		h.awaitEphemeral(h.shared, h.carol, "organisation")
		h.awaitAnswers(h.shared, ts, 1)
		if h.shows(h.shared, ts, blocks.SayStopped.Text())(h.slack.View) {
			t.Error("the outsider has stopped the question")
		}
	})
}
