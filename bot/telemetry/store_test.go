package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// Ensure that only failures of the store count as its errors, and that health
// learns from writes alone whether the store takes them.
func TestStoreHook(t *testing.T) {
	health, metrics := NewHealth(1, time.Now), NewRegistry()
	report := storeHook(metrics, health, zerolog.Nop())
	full := errors.New("no space left on device")
	failures := 0.0
	for _, test := range []struct {
		op      string
		err     error
		failed  bool
		blocked bool
	}{
		{"accept", storage.ErrNotFound, false, false},
		{"accept", storage.ErrState, false, false},
		{"accept", fmt.Errorf("accept: %w", context.Canceled), false, false},
		{"question", full, true, false}, // a read proves nothing about writes
		{"accept", full, true, true},
		{"accept", nil, false, true}, // it may have written nothing
		{"end", storage.ErrState, false, true},
		{"question", nil, false, true},
		{"set_aside", &storage.SetAsideError{Bucket: "questions", Record: "T1/C1/1.1"}, true, true},
		{"probe", nil, false, false},
	} {
		report(test.op, time.Second, test.err)
		if test.failed {
			failures++
		}
		if blocked := health.store != nil; blocked != test.blocked {
			t.Errorf("after %s with %v the store takes no writes: %v, want %v", test.op, test.err, blocked, test.blocked)
		}
		if got := counted(t, metrics.Counter("store_errors_total", "Store operations that failed, by operation.", "operation")); got != failures {
			t.Errorf("after %s with %v there are %v errors, want %v", test.op, test.err, got, failures)
		}
	}
}

// Ensure that a damaged record that was set aside is logged with its identity and a hint.
func TestStoreHook_SetAside(t *testing.T) {
	var log bytes.Buffer
	report := storeHook(NewRegistry(), NewHealth(1, time.Now), zerolog.New(&log))
	report("set_aside", time.Second, errors.New("no space left on device"))
	report("set_aside", time.Second, &storage.SetAsideError{Bucket: "questions", Record: "T1/C1/1.1"})
	want := `{"level":"error","bucket":"questions","record":"T1/C1/1.1","hint":"` + setAsideHint + `","message":"storage: a damaged record was set aside"}` + "\n"
	if log.String() != want {
		t.Errorf("log %s, want %s", log.String(), want)
	}
}

// counted returns the sum of a counter over its labels.
func counted(t *testing.T, counter prometheus.Collector) (sum float64) {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(counter)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			sum += metric.GetCounter().GetValue()
		}
	}
	return sum
}
