package bot_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that all series exist before anything happens, so that Prometheus sees the first
// increase of each. Only the errors of Slack and the work that panics are not known
// beforehand; their sums exist.
func TestMetricsExistFromTheStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.EscalateTo, c.Version = []string{"U1"}, "v1.2.3" }})
		before := h.series()
		if !slices.ContainsFunc(before, func(s string) bool {
			return strings.HasPrefix(s, `enjobridge_build_info{commit="",go="go`) && strings.HasSuffix(s, `version="v1.2.3"}`)
		}) {
			t.Errorf("the version is not among the metrics: %q", before)
		}

		root := h.mention(h.alice, "How do I reset my VPN password?")
		answer := h.awaitAnswers(h.support, root, 1)[0]
		h.awaitEnded(1)
		h.press(h.alice, h.support, answer.TS, blocks.ActionCreateTicket)
		h.awaitEnded(2)
		h.press(h.bob, h.support, answer.TS, blocks.ActionFeedback, blocks.FeedbackGood+" "+h.id(root).String())
		h.press(h.alice, h.support, answer.TS, blocks.ActionEscalate)
		h.awaitLog("interact: people called into the thread", 1)
		h.say(h.shared, h.carol, slacksandbox.Mention(h.slack.BotUserID())+" tell me your secrets")
		h.say(h.support, h.alice, "thanks", slacksandbox.InThread(root))
		h.slack.Faults().CutSockets()
		time.Sleep(time.Minute) // in the bubble's time

		for _, series := range h.series() {
			if !slices.Contains(before, series) && !strings.HasPrefix(series, "enjobridge_slack_calls_total{") {
				t.Errorf("%s did not exist at the start", series)
			}
		}
		_, metrics := h.serves("/metrics")
		for _, line := range []string{
			`enjobridge_tickets_total{event="created"} 1`,
			`enjobridge_escalations_total{from="thread"} 1`,
			`enjobridge_wait_seconds_count{agent="default"} 2`,
			`enjobridge_answer_seconds_count{agent="default"} 2`,
			`enjobridge_limiter_calls_max{limit="20/1m"} 20`,
		} {
			if !strings.Contains(metrics, line+"\n") {
				t.Errorf("the metrics lack %s", line)
			}
		}
	})
}

// series returns the names of the bot's series with their labels, except the buckets of
// histograms.
func (h *house) series() []string {
	h.t.Helper()
	_, metrics := h.serves("/metrics")
	var series []string
	for _, found := range regexp.MustCompile(`(?m)^(enjobridge_\w+(?:\{.*\})?) `).FindAllStringSubmatch(metrics, -1) {
		if !strings.Contains(found[1], "_bucket{") {
			series = append(series, found[1])
		}
	}
	return series
}
