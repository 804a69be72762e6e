package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/bot"
	"enjobridge/enjo"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// acknowledgedWithin is how long the bot may take to acknowledge in a benchmark, as in
// Slack itself: a faster Slack makes no machine faster.
const acknowledgedWithin = 3 * time.Second

// BenchmarkQuestion measures the latency of a question, one at a time, over the real
// protocols on both sides: from the event to its acknowledgement, from there to the
// agent's request, and from the agent's response to the post in Slack. It reports the
// medians in microseconds.
func BenchmarkQuestion(b *testing.B) {
	h := build(b, plan{
		slack: slacksandbox.Config{Speed: 600, LeastDeadline: acknowledgedWithin},
		enjo:  enjosandbox.Config{Limits: []enjosandbox.Limit{}},
		bot: func(c *bot.Config) {
			c.SlackSpeed = 600
			c.Limits = []enjo.Limit{{Calls: 1e6, Per: time.Second}}
			c.Jitter = 0
		},
	})
	var acked, requested, posted samples
	for b.Loop() {
		ts := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitAnswers(h.support, ts, 1)
		sent, ack := firstDelivery(h.slack.Traffic(), ts)
		if err := h.enjo.Await(b.Context(), func(all []enjosandbox.Request) bool { return all[len(all)-1].Done }); err != nil {
			b.Fatal(err)
		}
		requests := h.enjo.Requests()
		request := requests[len(requests)-1]
		call := lastCall(h.slack.Calls(), "chat.postMessage")
		acked = append(acked, ack.Sub(sent))
		requested = append(requested, request.Time.Sub(ack))
		posted = append(posted, call.At.Sub(request.Ended))
	}
	b.ReportMetric(acked.median(), "µs/event→ack")
	b.ReportMetric(requested.median(), "µs/ack→ask")
	b.ReportMetric(posted.median(), "µs/answer→post")
}

// samples are measured times.
type samples []time.Duration

// median returns the median in microseconds.
func (s samples) median() float64 {
	slices.Sort(s)
	return float64(s[len(s)/2].Nanoseconds()) / 1e3
}

// firstDelivery returns the times when Slack first sent a message's event, and when the
// bot acknowledged it.
func firstDelivery(traffic []slacksandbox.Envelope, ts string) (sent, acked time.Time) {
	for _, e := range traffic {
		if strings.Contains(string(e.Payload), ts) && !e.Acked.IsZero() {
			return e.Sent, e.Acked
		}
	}
	return sent, acked
}

// lastCall returns the latest call of a method of Slack's Web API.
func lastCall(calls []slacksandbox.Call, method string) slacksandbox.Call {
	for _, call := range slices.Backward(calls) {
		if call.Method == method {
			return call
		}
	}
	return slacksandbox.Call{}
}
