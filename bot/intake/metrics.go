package intake

import (
	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
)

func newDecisions(r *telemetry.Registry) *prometheus.CounterVec {
	return r.Counter("verdicts_total", "Messages by what was decided about them, and why.", "action", "reason")
}
