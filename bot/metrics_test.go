package bot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// Ensure that docs/operations.md says what every figure tells.
func TestMetricsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	descs := make(chan *prometheus.Desc)
	go func() {
		newMetrics(nil).registry.Describe(descs)
		close(descs)
	}()
	found := 0
	for desc := range descs {
		_, rest, _ := strings.Cut(desc.String(), `fqName: "`)
		name, _, _ := strings.Cut(rest, `"`)
		if !strings.HasPrefix(name, "enjobridge_") {
			continue
		}
		found++
		if !strings.Contains(string(doc), "| `"+name+"` |") {
			t.Errorf("docs/operations.md does not know %s", name)
		}
	}
	if found == 0 {
		t.Error("there are no figures")
	}
}

// Ensure that only what the store could not do counts as its error, and that
// health learns from writes alone whether the store takes them.
func TestStoreHook(t *testing.T) {
	health, figures := newHealth(1, time.Now), newMetrics(nil)
	report := storeHook(figures, health)
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
		{"probe", nil, false, false},
	} {
		report(test.op, time.Second, test.err)
		if test.failed {
			failures++
		}
		if blocked := health.store != nil; blocked != test.blocked {
			t.Errorf("after %s with %v the store takes no writes: %v, want %v", test.op, test.err, blocked, test.blocked)
		}
		if got := counted(t, figures.storeErrors); got != failures {
			t.Errorf("after %s with %v there are %v errors, want %v", test.op, test.err, got, failures)
		}
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

// Ensure that labels cannot be made by who answers.
func TestErrorLabel(t *testing.T) {
	for word, want := range map[string]string{
		"channel_not_found": "channel_not_found", "U0123": "other", "a b": "other", strings.Repeat("x", 100): "other", "<b>": "other",
	} {
		if got := errorLabel(word); got != want {
			t.Errorf("%q becomes %q, want %q", word, got, want)
		}
	}
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	m := newMetrics(store)
	m.calledEnjo(time.Second, nil)
	m.calledEnjo(time.Second, &enjo.Error{Code: enjo.RateLimited})
	m.calledEnjo(time.Second, errors.New("cancelled by U0123"))
	families, err := m.registry.Gather()
	if err != nil {
		t.Error(err)
	}
	for _, family := range families {
		if strings.Contains(family.String(), "U0123") {
			t.Errorf("%s names a person", family.GetName())
		}
	}
}
