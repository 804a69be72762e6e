package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"enjobridge/internal/pgtest"
	"enjobridge/internal/settings"
)

// monitoring returns the content of a file for Prometheus or Grafana.
func monitoring(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("deploy", "monitoring", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// alertRules are Prometheus' alert rules.
type alertRules struct {
	Groups []struct {
		Rules []struct {
			Alert       string
			Expr        string
			Labels      map[string]string
			Annotations map[string]string
		}
	}
}

// dashboard is a dashboard of Grafana.
type dashboard struct {
	Panels []struct {
		ID                       int
		Type, Title, Description string
		Targets                  []struct{ Expr string }
	}
	Templating struct {
		List []struct{ Query json.RawMessage }
	}
}

// promtool runs promtool in the directory of the alert rules.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	tool, err := exec.LookPath("promtool")
	switch {
	case err != nil && os.Getenv("ENJOBRIDGE_CI") == "1":
		t.Fatal(err)
	case err != nil:
		t.Skip("promtool is not installed: install Debian's package prometheus, or prometheus from prometheus.io")
	}
	cmd := exec.CommandContext(t.Context(), tool, args...)
	cmd.Dir = filepath.Join("deploy", "monitoring")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}

// Ensure that promtool accepts the alert rules, and that each fires when it should.
func TestAlertRules(t *testing.T) {
	promtool(t, "check", "rules", "alerts.yml")
	promtool(t, "test", "rules", "alerts_test.yml")
}

// Ensure that promtool accepts the queries of the dashboard.
func TestDashboardQueries(t *testing.T) {
	var board dashboard
	if err := json.Unmarshal(monitoring(t, "dashboard.json"), &board); err != nil {
		t.Fatal(err)
	}
	variables := strings.NewReplacer("$__rate_interval", "5m", "$job", ".*", "$instance", ".*")
	type rule struct{ Record, Expr string }
	var rules []rule
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			rules = append(rules, rule{fmt.Sprintf("query:%d", len(rules)), variables.Replace(target.Expr)})
		}
	}
	groups := map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}}
	encoded, err := yaml.Marshal(groups)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}

// Ensure that each alert has a severity, and says what is wrong and what to do, and that the
// tests of the rules have a case for it.
func TestAlertsAreExplained(t *testing.T) {
	var rules alertRules
	if err := yaml.Unmarshal(monitoring(t, "alerts.yml"), &rules); err != nil {
		t.Fatal(err)
	}
	tests := string(monitoring(t, "alerts_test.yml"))
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			if !slices.Contains([]string{"critical", "warning", "info"}, rule.Labels["severity"]) || rule.Annotations["summary"] == "" || rule.Annotations["runbook"] == "" {
				t.Errorf("%s lacks a severity, a summary or a runbook", rule.Alert)
			}
			if !strings.Contains(tests, rule.Alert) {
				t.Errorf("no test makes %s fire", rule.Alert)
			}
		}
	}
}

// Ensure that each panel of the dashboard says what it shows.
func TestDashboardIsExplained(t *testing.T) {
	var board dashboard
	if err := json.Unmarshal(monitoring(t, "dashboard.json"), &board); err != nil {
		t.Fatal(err)
	}
	seen := make(map[int]bool)
	for _, panel := range board.Panels {
		if panel.Title == "" || panel.Type != "row" && (panel.Description == "" || len(panel.Targets) == 0) {
			t.Errorf("panel %d lacks a title, a description or a query", panel.ID)
		}
		if seen[panel.ID] {
			t.Errorf("two panels have the ID %d", panel.ID)
		}
		seen[panel.ID] = true
	}
	if len(seen) < 20 {
		t.Errorf("the dashboard has only %d panels", len(seen))
	}
}

// series are the metrics that a process serves: the names of their labels, by name.
type series map[string][]string

// metrics returns the metrics of a bot.
func (o *operated) metrics() (s series) {
	o.t.Helper()
	_, exposed := o.get("/metrics", "")
	s = make(series)
	for _, found := range regexp.MustCompile(`(?m)^(\w+)(?:\{(.*)\})? `).FindAllStringSubmatch(string(exposed), -1) {
		s[found[1]] = append(s[found[1]], labelNames(found[2])...)
	}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (enjobridge_\w+) histogram`).FindAllStringSubmatch(string(exposed), -1) {
		s[found[1]] = nil
	}
	return s
}

// leased matches the metrics that exist with replicas only.
var leased = regexp.MustCompile(`^enjobridge_(?:lease|late)_`)

// checkMonitoring checks that dashboards and alerts use only metrics and labels that exist,
// among those whose names match, and use each metric of the bot.
func checkMonitoring(t *testing.T, exist series, checked func(name string) bool) {
	t.Helper()
	exist["enjobridge_token_expiry_timestamp_seconds"] = []string{"token"} // only once a token that expires was refreshed
	files := string(monitoring(t, "alerts.yml")) + string(monitoring(t, "dashboard.json"))
	used := regexp.MustCompile(`\b((?:enjobridge|process|go)_\w+)(?:\{([^}]*)\})?`)
	for _, found := range used.FindAllStringSubmatch(files, -1) {
		name, selectors := found[1], strings.ReplaceAll(found[2], `\"`, `"`)
		if !checked(name) {
			continue
		}
		if _, exists := exist[name]; !exists {
			t.Errorf("there is no metric %s", name)
		}
		for _, label := range labelNames(selectors) {
			if label != "job" && label != "instance" && !slices.Contains(exist[name], label) {
				t.Errorf("%s has no label %s", name, label)
			}
		}
	}
	for name := range exist {
		if strings.HasPrefix(name, "enjobridge_") && !strings.Contains(files, part.ReplaceAllString(name, "")) {
			t.Errorf("neither the dashboard nor an alert uses %s", name)
		}
	}
}

// part matches what the name of a histogram's series has in addition.
var part = regexp.MustCompile(`_(?:bucket|sum|count)$`)

// Ensure that dashboards and alerts use only metrics and labels that exist, and use each
// metric of the bot.
func TestMonitoringUsesMetricsThatExist(t *testing.T) {
	o := operate(t, func(*settings.Config) {})
	checkMonitoring(t, o.metrics(), func(name string) bool { return !leased.MatchString(name) })
}

// Ensure that they use only metrics and labels that the replica exposes which works.
func TestMonitoringUsesMetricsOfReplicas(t *testing.T) {
	url := pgtest.Database(t)
	o := operate(t, func(c *settings.Config) { c.Storage = settings.Database(url) })
	o.log.await(t, "replica: this replica has the lease", 1)
	o.answered()
	checkMonitoring(t, o.metrics(), func(string) bool { return true })
}

// labelNames returns the names of the labels in a selector.
func labelNames(selector string) (names []string) {
	for _, found := range regexp.MustCompile(`(\w+)(?:=|!=|=~|!~)"`).FindAllStringSubmatch(selector, -1) {
		names = append(names, found[1])
	}
	return names
}
