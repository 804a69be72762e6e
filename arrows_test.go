package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows lists the packages of this project that each package may import.
var arrows = map[string][]string{
	".":                      {"bot", "bot/backoff", "bot/explain", "enjo", "internal/ask", "internal/demo", "internal/doctor", "internal/migrate", "internal/ops", "internal/preview", "internal/settings", "internal/setup", "storage", "storage/postgres"},
	"bot":                    {"bot/agents", "bot/backfill", "bot/backoff", "bot/deliver", "bot/dispatch", "bot/explain", "bot/intake", "bot/interact", "bot/journal", "bot/queue", "bot/receive", "bot/replica", "bot/report", "bot/slackapi", "bot/slackevent", "bot/socketmode", "bot/supervise", "bot/telemetry", "bot/ticket", "bot/tokens", "bot/workspace", "enjo", "storage"},
	"bot/backfill":           {"bot/backoff", "bot/slackapi", "bot/slackevent", "bot/supervise", "storage"},
	"bot/agents":             {},
	"bot/background":         {"bot/supervise"},
	"bot/deliver":            {"blocks", "bot/backoff", "bot/keylock", "bot/slackapi", "bot/slackevent", "bot/supervise", "bot/telemetry", "bot/ticket", "storage"},
	"bot/dispatch":           {"blocks", "bot/agents", "bot/backoff", "bot/deliver", "bot/keylock", "bot/queue", "bot/slackapi", "bot/slackevent", "bot/supervise", "bot/telemetry", "enjo", "storage"},
	"bot/explain":            {"bot/deliver", "bot/intake", "bot/slackapi", "bot/slackevent", "bot/telemetry", "storage"},
	"bot/intake":             {"blocks", "bot/backoff", "bot/background", "bot/keylock", "bot/slackapi", "bot/slackevent", "bot/supervise", "bot/telemetry", "storage"},
	"bot/interact":           {"blocks", "bot/agents", "bot/background", "bot/backoff", "bot/deliver", "bot/dispatch", "bot/intake", "bot/keylock", "bot/slackapi", "bot/slackevent", "bot/supervise", "bot/telemetry", "storage"},
	"bot/journal":            {"bot/backoff", "storage"},
	"bot/keylock":            {},
	"bot/backoff":            {},
	"bot/queue":              {"bot/slackevent", "enjo", "storage"},
	"bot/receive":            {"bot/slackevent", "bot/socketmode", "bot/supervise", "bot/telemetry", "storage"},
	"bot/replica":            {"bot/backoff", "bot/telemetry", "storage"},
	"bot/report":             {"blocks", "bot/backoff", "bot/slackapi", "bot/slackevent", "storage"},
	"bot/slackapi":           {"blocks", "bot/backoff", "bot/keylock", "bot/slackevent", "bot/supervise", "bot/telemetry", "storage"},
	"bot/slackevent":         {"storage"},
	"bot/socketmode":         {"bot/backoff", "bot/slackapi", "bot/supervise", "bot/telemetry"},
	"bot/supervise":          {"bot/backoff", "bot/telemetry"},
	"bot/telemetry":          {"storage"},
	"bot/ticket":             {"blocks", "bot/keylock", "bot/slackapi", "bot/slackevent", "bot/supervise", "bot/telemetry", "enjo", "storage"},
	"bot/tokens":             {"bot/backoff", "bot/slackapi", "bot/supervise", "bot/telemetry", "storage"},
	"bot/workspace":          {"blocks", "bot/background", "bot/intake", "bot/slackapi", "bot/slackevent", "bot/supervise", "bot/telemetry", "storage"},
	"enjo":                   {},
	"storage":                {"enjo", "storage/groupcommit"},
	"storage/groupcommit":    {},
	"storage/postgres":       {"enjo", "storage", "storage/groupcommit"},
	"storage/replicatedtest": {"enjo", "storage", "storage/groupcommit"},
	"storage/storagetest":    {"enjo", "storage"},
	"blocks":                 {"enjo"},
	"deploy/roots":           {},
	"sandbox/slack":          {"sandbox/slack/blockkit"},
	"sandbox/slack/blockkit": {},
	"sandbox/slack/page":     {"sandbox/slack", "sandbox/slack/blockkit"},
	"sandbox/enjo":           {},
	"internal/ask":           {"blocks", "bot/deliver", "enjo", "sandbox/slack/blockkit", "storage"},
	"internal/browser":       {},
	"internal/demo":          {"bot", "enjo", "storage", "sandbox/enjo", "sandbox/slack", "sandbox/slack/page", "sandbox/terminal"},
	"internal/doctor":        {"bot", "bot/backoff", "bot/deliver", "bot/slackapi", "bot/slackevent", "bot/socketmode", "enjo", "internal/ops", "internal/settings", "storage", "storage/postgres"},
	"internal/memnet":        {},
	"internal/migrate":       {"internal/settings", "storage", "storage/postgres"},
	"internal/ops":           {"storage", "storage/postgres"},
	"internal/pgtest":        {},
	"internal/preview":       {"blocks", "bot/slackapi", "sandbox/slack/blockkit"},
	"internal/settings":      {"bot", "enjo", "storage/postgres"},
	"internal/setup":         {"bot/slackapi", "enjo", "internal/settings"},
	"internal/smalldisk":     {},
	"sim":                    {},
	"sandbox/terminal":       {"sandbox/slack", "sandbox/slack/blockkit"},
}

// homes lists the packages that may import a library.
var homes = map[string][]string{
	"github.com/slack-go/slack": {"blocks"},
	"go.etcd.io/bbolt":          {"storage"},
	"github.com/jackc/pgx":      {"internal/pgtest", "storage/postgres"},
	"github.com/go-analyze":     {"bot/report"},
	"github.com/prometheus":     {"bot/deliver", "bot/dispatch", "bot/intake", "bot/interact", "bot/queue", "bot/receive", "bot/replica", "bot/slackapi", "bot/socketmode", "bot/supervise", "bot/telemetry", "bot/ticket", "bot/tokens", "bot/workspace"},
}

// Ensure that packages import only what is allowed.
func TestArrows(t *testing.T) {
	for file := range goFiles(t, ".") {
		checkArrows(t, file)
	}
}

func checkArrows(t *testing.T, file string) {
	t.Helper()
	home := path.Dir(file)
	allowed, known := arrows[home]
	if !known {
		t.Errorf("%s is in a package that this test does not know", file)
		return
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if ours, ok := strings.CutPrefix(imported, "enjobridge/"); ok && !slices.Contains(allowed, ours) {
			t.Errorf("%s imports %s", file, ours)
		}
		for library, packages := range homes {
			if strings.HasPrefix(imported+"/", library+"/") && !slices.Contains(packages, home) {
				t.Errorf("%s imports %s", file, imported)
			}
		}
	}
}

// Ensure that docs/architecture.md explains each dependency.
func TestDependenciesAreExplained(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(filepath.Join("docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		module, _, ok := strings.Cut(strings.TrimSpace(line), " v")
		if ok && !strings.Contains(line, "// indirect") && !strings.Contains(string(doc), module) {
			t.Errorf("docs/architecture.md does not explain %s", module)
		}
	}
}

// Ensure that docs/operations.md describes every metric.
func TestMetricsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	registered := regexp.MustCompile(`\.(?:Counter|Gauges?|Histogram)\("([a-z_]+)"|NewDesc\("enjobridge_([a-z_]+)"`)
	found := 0
	for file := range goFiles(t, "bot") {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range registered.FindAllStringSubmatch(string(source), -1) {
			found++
			if name := match[1] + match[2]; !strings.Contains(string(doc), "| `enjobridge_"+name+"` |") {
				t.Errorf("docs/operations.md does not describe enjobridge_%s", name)
			}
		}
	}
	if found < 17 {
		t.Errorf("found only %d metrics", found)
	}
}

// goFiles yields the Go files below a directory, except tests.
func goFiles(t *testing.T, dir string) iter.Seq[string] {
	return func(yield func(string) bool) {
		t.Helper()
		err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return err
			}
			if !yield(filepath.ToSlash(file)) {
				return filepath.SkipAll
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
