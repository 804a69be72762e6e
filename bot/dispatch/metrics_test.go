package dispatch

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
)

// Ensure that no label of a metric names a person.
func TestAskMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := newMetrics(telemetry.NewRegistry(), []string{"default"})
	registry.MustRegister(m.calls)
	m.called(time.Second, nil)
	m.called(time.Second, &enjo.Error{Code: enjo.RateLimited})
	m.called(time.Second, errors.New("cancelled by U0123"))
	families, err := registry.Gather()
	if err != nil || len(families) != 1 {
		t.Fatalf("%v, %v", families, err)
	}
	if got, want := len(families[0].GetMetric()), len(enjo.Codes())+2; got != want {
		t.Errorf("there are %d series, want one for each code, %d", got, want)
	}
	if strings.Contains(families[0].String(), "U0123") {
		t.Errorf("%s names a person", families[0])
	}
}
