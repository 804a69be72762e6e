package deliver

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// answerBounds are in seconds. A question can wait in the queue for minutes.
var answerBounds = []float64{0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 900, 3600}

type metrics struct {
	ended      *prometheus.CounterVec   // end
	answerTime *prometheus.HistogramVec // agent
}

// newMetrics registers the metrics of answers of some agents.
func newMetrics(r *telemetry.Registry, agents []string) metrics {
	m := metrics{
		ended:      r.Counter("questions_ended_total", "Questions by how they ended.", "end"),
		answerTime: r.Histogram("answer_seconds", "Time from the acceptance of a question to the post that ended it, by agent.", answerBounds, "agent"),
	}
	telemetry.Preset(m.ended.MetricVec, []string{string(storage.Delivered), string(storage.Failed), string(storage.Cancelled), string(storage.Merged)})
	telemetry.Preset(m.answerTime.MetricVec, agents)
	return m
}

// questionEnded counts a question for an agent that ended some time after it was accepted.
func (m metrics) questionEnded(agent string, end storage.State, after time.Duration) {
	m.ended.WithLabelValues(string(end)).Inc()
	if end == storage.Delivered || end == storage.Failed {
		m.answerTime.WithLabelValues(agent).Observe(after.Seconds())
	}
}

// CountMerged counts questions that ended because they were merged into another one.
func (d *Deliverer) CountMerged(n int) {
	d.metrics.ended.WithLabelValues(string(storage.Merged)).Add(float64(n))
}
