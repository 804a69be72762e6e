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
	ended      *prometheus.CounterVec // end
	answerTime prometheus.Observer
}

func newMetrics(r *telemetry.Registry) metrics {
	return metrics{
		ended:      r.Counter("questions_ended_total", "Questions by how they ended.", "end"),
		answerTime: r.Histogram("answer_seconds", "Time from the acceptance of a question to the post that ended it.", answerBounds).WithLabelValues(),
	}
}

// questionEnded counts a question that ended some time after it was accepted.
func (m metrics) questionEnded(end storage.State, after time.Duration) {
	m.ended.WithLabelValues(string(end)).Inc()
	if end == storage.Delivered || end == storage.Failed {
		m.answerTime.Observe(after.Seconds())
	}
}

// CountMerged counts questions that ended because they were merged into another one.
func (d *Deliverer) CountMerged(n int) {
	d.metrics.ended.WithLabelValues(string(storage.Merged)).Add(float64(n))
}
