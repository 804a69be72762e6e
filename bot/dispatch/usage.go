package dispatch

import (
	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/queue"
)

// usage reports how much of Enjo's limits is used.
type usage struct{ limiter *queue.Limiter }

var (
	usageCalls  = prometheus.NewDesc("enjobridge_limiter_calls", "Calls of the Enjo API that count now, by limit.", []string{"limit"}, nil)
	usageLimit  = prometheus.NewDesc("enjobridge_limiter_calls_max", "Calls of the Enjo API that a limit allows.", []string{"limit"}, nil)
	usagePaused = prometheus.NewDesc("enjobridge_limiter_paused_seconds", "Time until calls continue after Enjo refused one for its rate; 0 if they are not paused.", nil, nil)
)

// Describe implements [prometheus.Collector].
func (u usage) Describe(descs chan<- *prometheus.Desc) {
	descs <- usageCalls
	descs <- usageLimit
	descs <- usagePaused
}

// Collect implements [prometheus.Collector].
func (u usage) Collect(metrics chan<- prometheus.Metric) {
	limits, paused := u.limiter.Usage()
	for _, l := range limits {
		name := l.Limit.String()
		metrics <- prometheus.MustNewConstMetric(usageCalls, prometheus.GaugeValue, float64(l.Calls), name)
		metrics <- prometheus.MustNewConstMetric(usageLimit, prometheus.GaugeValue, float64(l.Limit.Calls), name)
	}
	metrics <- prometheus.MustNewConstMetric(usagePaused, prometheus.GaugeValue, paused.Seconds())
}
