package bot

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
)

func newUnacked(r *telemetry.Registry) *prometheus.CounterVec {
	return r.Counter("envelopes_unacked_total", "Envelopes that were not acknowledged, so that Slack sends them again, by cause.", "cause")
}

func newVerdicts(r *telemetry.Registry) *prometheus.CounterVec {
	return r.Counter("verdicts_total", "Messages by what was decided about them, and why.", "action", "reason")
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

// callBounds are in seconds.
var callBounds = []float64{0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60}

type askMetrics struct{ calls *prometheus.HistogramVec }

func newAskMetrics(r *telemetry.Registry) askMetrics {
	return askMetrics{r.Histogram("enjo_call_seconds", "Calls of the Enjo API, by the code of the error; ok if there was none.", callBounds, "code")}
}

// called counts a call of the Enjo API.
func (m askMetrics) called(took time.Duration, err error) {
	code := string(enjo.CodeOf(err))
	switch {
	case err == nil:
		code = "ok"
	case code == "":
		code = "cancelled"
	}
	m.calls.WithLabelValues(code).Observe(took.Seconds())
}
