package dispatch

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
)

// callBounds are in seconds.
var callBounds = []float64{0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60}

type metrics struct {
	calls *prometheus.HistogramVec
	up    *prometheus.GaugeVec
}

func newMetrics(r *telemetry.Registry) metrics {
	return metrics{
		calls: r.Histogram("enjo_call_seconds", "Calls of the Enjo API, by the code of the error; ok if there was none.", callBounds, "code"),
		up:    r.Gauges("agent_up", "0 while an agent is down: it does not answer, or its setup is wrong; else 1.", "agent"),
	}
}

// called counts a call of the Enjo API.
func (m metrics) called(took time.Duration, err error) {
	code := string(enjo.CodeOf(err))
	switch {
	case err == nil:
		code = "ok"
	case code == "":
		code = "cancelled"
	}
	m.calls.WithLabelValues(code).Observe(took.Seconds())
}
