package bot_test

import (
	"testing"
	"time"

	enjosandbox "enjobridge/sandbox/enjo"

	"enjobridge/bot"
	"enjobridge/enjo"
)

// soon is how long a thread may show nothing.
const soon = 100 * time.Millisecond

// Ensure that the bot asks a question before it shows the status, that it shows the
// status soon, and that an earlier answer needs no status.
func TestStatusIsShownAfterTheQuestionIsAsked(t *testing.T) {
	for name, latency := range map[string]time.Duration{"slow agent": 2 * time.Second, "fast agent": 0} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{enjo: enjosandbox.Config{Latency: latency}})
			h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
			h.awaitEnded(1)
			asked, shown := h.enjo.Requests()[0].Time, h.statusCalls()
			if latency == 0 {
				if len(shown) > 0 {
					t.Errorf("%d calls for a status", len(shown))
				}
				return
			}
			if len(shown) == 0 || !shown[0].After(asked) || shown[0].Sub(asked) > soon {
				t.Errorf("asked at %v, status calls at %v", asked, shown)
			}
		})
	}
}

// Ensure that the thread of a question that waits for its call soon shows this.
func TestStatusIsShownWhileAQuestionWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.Limits = []enjo.Limit{{Calls: 1, Per: time.Minute}} }})
		h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
		h.awaitEnded(1)
		came := time.Now()
		second := h.mention(h.bob, "How do I reset my VPN password?")
		h.awaitAnswers(h.support, second, 1)
		if shown := h.statusCalls(); len(shown) == 0 || shown[0].Sub(came) > soon {
			t.Errorf("asked at %v, status calls at %v", came, shown)
		}
	})
}

// statusCalls returns the times of the calls that show a status.
func (h *house) statusCalls() (times []time.Time) {
	for _, call := range h.slack.Calls() {
		if call.Method == "assistant.threads.setStatus" {
			times = append(times, call.At)
		}
	}
	return times
}
