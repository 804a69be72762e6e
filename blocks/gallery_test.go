package blocks

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Ensure that every example matches its golden file and Slack's rules.
func TestGallery(t *testing.T) {
	names := map[string]bool{}
	for _, e := range Gallery() {
		t.Run(e.Name, func(t *testing.T) {
			if names[e.Name] || !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(e.Name) || e.Description == "" {
				t.Errorf("name %q is taken or not a name, or the description is missing", e.Name)
			}
			names[e.Name] = true
			for _, problem := range problemsOf(t, e) {
				t.Error(problem)
			}
			golden(t, e)
		})
	}
	left, err := filepath.Glob("testdata/golden/*.json")
	if err != nil || len(left) != len(names) {
		t.Errorf("%d golden files for %d examples, %v", len(left), len(names), err)
	}
}

func problemsOf(t *testing.T, e Example) []string {
	t.Helper()
	switch {
	case e.Kind == "message" && len(e.Messages) > 0 && e.Modal == nil && e.Home == nil:
		var problems []string
		for _, m := range e.Messages {
			problems = append(problems, checkMessage(m, e.Calls...)...)
		}
		return problems
	case e.Kind == "modal" && e.Modal != nil && e.Home == nil:
		return checkView(e.Modal)
	case e.Kind == "home" && e.Home != nil && e.Modal == nil:
		return checkView(e.Home)
	}
	return []string{"the payload is not of the kind " + e.Kind}
}

func golden(t *testing.T, e Example) {
	t.Helper()
	var payload any = e.Messages
	if e.Modal != nil {
		payload = e.Modal
	}
	if e.Home != nil {
		payload = e.Home
	}
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(payload); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "golden", e.Name+".json")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test ./blocks -update", err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", path, diff)
	}
}
