package telemetry

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Preset creates the series of all combinations of label values, in the order of the
// metric's labels, so that they exist with the value 0 from the start: an increase from a
// missing series is not seen by Prometheus.
// https://prometheus.io/docs/practices/instrumentation/#avoid-missing-metrics
func Preset(metric *prometheus.MetricVec, values ...[]string) {
	for _, series := range combinations(values) {
		if _, err := metric.GetMetricWithLabelValues(series...); err != nil {
			panic(fmt.Sprintf("the series %q does not fit the metric's labels: %v", series, err))
		}
	}
}

// combinations returns each choice of one value of every list.
func combinations(lists [][]string) [][]string {
	all := [][]string{nil}
	for _, values := range lists {
		var longer [][]string
		for _, begun := range all {
			for _, value := range values {
				longer = append(longer, append(begun[:len(begun):len(begun)], value))
			}
		}
		all = longer
	}
	return all
}
