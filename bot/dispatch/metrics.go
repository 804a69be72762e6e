package dispatch

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// callBounds are in seconds.
var callBounds = []float64{0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60}

// waitBounds are in seconds.
var waitBounds = []float64{0.1, 0.5, 1, 3, 5, 15, 30, 60, 120, 300, 900, 3600}

type metrics struct {
	calls *prometheus.HistogramVec // code
	wait  *prometheus.HistogramVec // agent
	up    *prometheus.GaugeVec     // agent
}

// The values of the label code besides the codes of package enjo.
const (
	codeOK        = "ok"
	codeCancelled = "cancelled"
)

// newMetrics registers the metrics of the calls to some agents.
func newMetrics(r *telemetry.Registry, agents []string) metrics {
	m := metrics{
		calls: r.Histogram("enjo_call_seconds", "Calls of the Enjo API, by the code of the error; ok if there was none.", callBounds, "code"),
		wait:  r.Histogram("wait_seconds", "Time from the acceptance of a question to its first call of the agent, by agent.", waitBounds, "agent"),
		up:    r.Gauges("agent_up", "0 while an agent is down: it does not answer, or its setup is wrong; else 1.", "agent"),
	}
	codes := []string{codeOK, codeCancelled}
	for _, code := range enjo.Codes() {
		codes = append(codes, string(code))
	}
	telemetry.Preset(m.calls.MetricVec, codes)
	telemetry.Preset(m.wait.MetricVec, agents)
	return m
}

// claimed counts how long a question waited that is asked now, if it is for the first time.
func (m metrics) claimed(q storage.Question, waited time.Duration) {
	if q.Attempts == 1 {
		m.wait.WithLabelValues(q.Agent).Observe(max(0, waited.Seconds()))
	}
}

// called counts a call of the Enjo API.
func (m metrics) called(took time.Duration, err error) {
	code := string(enjo.CodeOf(err))
	switch {
	case err == nil:
		code = codeOK
	case code == "":
		code = codeCancelled
	}
	m.calls.WithLabelValues(code).Observe(took.Seconds())
}
