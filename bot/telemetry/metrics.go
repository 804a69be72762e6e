// Package telemetry holds the registry that each package of the bot registers its
// metrics with, and the health that /readyz reports. It knows nothing of Slack,
// of Enjo, or of what the metrics of other packages mean.
package telemetry

import (
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// namespace begins the name of every metric.
const namespace = "enjobridge"

// Registry holds the metrics of one bot. docs/operations.md describes each of
// them. No label names a person, a channel or a question.
type Registry struct{ registry *prometheus.Registry }

// NewRegistry returns a registry with the metrics of the process.
func NewRegistry() *Registry {
	r := &Registry{prometheus.NewRegistry()}
	r.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return r
}

// register registers a metric, or returns the one that has its name: a bot can run
// more than once.
func register[M prometheus.Collector](r *Registry, metric M) M {
	err := r.registry.Register(metric)
	if known, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		return known.ExistingCollector.(M)
	} else if err != nil {
		panic(err) // two metrics have the same name
	}
	return metric
}

// Replace registers a collector in place of the one that has its metrics.
func (r *Registry) Replace(c prometheus.Collector) {
	r.registry.Unregister(c)
	r.registry.MustRegister(c)
}

// Remove removes a collector, so that its metrics are not served.
func (r *Registry) Remove(c prometheus.Collector) { r.registry.Unregister(c) }

// Counter registers a counter, with labels if there are any.
func (r *Registry) Counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	return register(r, c)
}

// Gauge registers a gauge.
func (r *Registry) Gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
	return register(r, g)
}

// Gauges registers a gauge with labels.
func (r *Registry) Gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	return register(r, g)
}

// Histogram registers a histogram with the upper bounds of its buckets, in seconds.
func (r *Registry) Histogram(name, help string, bounds []float64, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: bounds}, labels)
	return register(r, h)
}

// Handler serves the metrics in Prometheus' format.
func (r *Registry) Handler() http.Handler {
	return promhttp.HandlerFor(r.registry, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError, // a store that cannot be read hides no other metric
		MaxRequestsInFlight: 4,
	})
}
