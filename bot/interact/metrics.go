package interact

import (
	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
)

type metrics struct {
	interactions *prometheus.CounterVec // control, outcome
	feedback     *prometheus.CounterVec // opinion
	dropped      *prometheus.CounterVec
}

func newMetrics(r *telemetry.Registry) metrics {
	return metrics{
		interactions: r.Counter("interactions_total", "Buttons, modals, commands and openings of App Home, by outcome: done, refused, failed.", "control", "outcome"),
		dropped:      r.Counter("replies_dropped_total", "Replies to interactions that were left out: too many for one person, or the same one again."),
		feedback:     r.Counter("feedback_total", "Feedback on answers: good or bad.", "opinion"),
	}
}
