package interact

import (
	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
)

type metrics struct {
	interactions *prometheus.CounterVec // control, outcome
	feedback     *prometheus.CounterVec // opinion
}

func newMetrics(r *telemetry.Registry) metrics {
	return metrics{
		interactions: r.Counter("interactions_total", "Presses, modals, commands and openings of the home tab, by what became of them: done, refused, failed.", "control", "outcome"),
		feedback:     r.Counter("feedback_total", "What people think of answers: good or bad.", "opinion"),
	}
}
