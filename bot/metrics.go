package bot

import (
	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
)

func newUnacked(r *telemetry.Registry) *prometheus.CounterVec {
	return r.Counter("envelopes_unacked_total", "Envelopes that were not acknowledged, so that Slack sends them again, by cause.", "cause")
}

type interactMetrics struct {
	interactions *prometheus.CounterVec // control, outcome
	feedback     *prometheus.CounterVec // opinion
}

func newInteractMetrics(r *telemetry.Registry) interactMetrics {
	return interactMetrics{
		interactions: r.Counter("interactions_total", "Presses, modals, commands and openings of the home tab, by what became of them: done, refused, failed.", "control", "outcome"),
		feedback:     r.Counter("feedback_total", "What people think of answers: good or bad.", "opinion"),
	}
}
