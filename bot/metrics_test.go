package bot

import (
	"errors"
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
		newMetrics(&meteredStore{}).registry.Describe(descs)
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

// Ensure that only what the store could not do counts as its error.
func TestMeteredStore_Errors(t *testing.T) {
	health := newHealth(1, time.Now)
	s := &meteredStore{metrics: newMetrics(nil), health: health}
	full := errors.New("no space left on device")
	for _, test := range []struct {
		did     bool
		err     error
		blocked bool
	}{
		{false, storage.ErrNotFound, false},
		{false, storage.ErrState, false},
		{false, full, true},
		{false, nil, true}, // a transaction that wrote nothing proves nothing
		{false, storage.ErrState, true},
		{true, nil, false},
	} {
		if err := s.wrote("accept", test.did, test.err); !errors.Is(err, test.err) {
			t.Errorf("error %v became %v", test.err, err)
		}
		if blocked := health.store != nil; blocked != test.blocked {
			t.Errorf("after %v (%v) the store takes no writes: %v, want %v", test.err, test.did, blocked, test.blocked)
		}
	}
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
