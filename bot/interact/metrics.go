package interact

import (
	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
)

// The outcomes of interactions.
const (
	outcomeDone    = "done"
	outcomeRefused = "refused" // the person got to know why
	outcomeFailed  = "failed"  // it was not acknowledged
)

// interactionKinds are the values of the label control.
var interactionKinds = []string{
	string(slackevent.BlockAction), string(slackevent.ViewSubmission), string(slackevent.SlashCommand), string(slackevent.AppHomeOpened),
}

type metrics struct {
	interactions *prometheus.CounterVec // control, outcome
	feedback     *prometheus.CounterVec // opinion
	dropped      *prometheus.CounterVec
	escalations  *prometheus.CounterVec // from
}

// The values of the label from of escalations: where the button is.
const (
	fromThread = "thread"
	fromDirect = "direct" // direct messages and private answers
)

func newMetrics(r *telemetry.Registry) metrics {
	m := metrics{
		interactions: r.Counter("interactions_total", "Buttons, modals, commands and openings of App Home, by outcome: done, refused, failed.", "control", "outcome"),
		dropped:      r.Counter("replies_dropped_total", "Replies to interactions that were left out: too many for one person, or the same one again."),
		feedback:     r.Counter("feedback_total", "Feedback on answers: good or bad.", "opinion"),
		escalations:  r.Counter("escalations_total", "Calls of people, by where the button is: thread, or direct for direct messages and private answers.", "from"),
	}
	telemetry.Preset(m.interactions.MetricVec, interactionKinds, []string{outcomeDone, outcomeRefused, outcomeFailed})
	telemetry.Preset(m.dropped.MetricVec)
	telemetry.Preset(m.feedback.MetricVec, []string{blocks.FeedbackGood, blocks.FeedbackBad})
	telemetry.Preset(m.escalations.MetricVec, []string{fromThread, fromDirect})
	return m
}
