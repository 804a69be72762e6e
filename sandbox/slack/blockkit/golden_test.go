package blockkit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Ensure that every kind of block is rendered as before, for a browser and for
// a terminal.
func TestGolden(t *testing.T) {
	for _, name := range examples() {
		t.Run(name, func(t *testing.T) {
			raw := example(t, name)
			golden(t, name+".html", strings.ReplaceAll(string(HTML(raw, workspace{})), "><", ">\n<")+"\n")
			golden(t, name+".txt", Text(raw, workspace{})+"\n")
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// Ensure that input that is long, deep or not a list of blocks is rendered, in
// short form.
func TestShownShortly(t *testing.T) {
	for name, raw := range map[string]string{
		"deep":        `[{"type":"x","v":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}]`,
		"long":        `[{"type":"x","v":` + quoted(100_000) + `}]`,
		"huge":        `[` + quoted(maxPayload) + `]`,
		"not JSON":    `{"blocks`,
		"no list":     `{"blocks":[]}`,
		"not objects": `[1, "two", null]`,
	} {
		shownHTML, text := string(HTML([]byte(raw), workspace{})), Text([]byte(raw), workspace{})
		isSafe(t, shownHTML)
		if !strings.Contains(shownHTML, "Not shown") || len(shownHTML) > 20_000 {
			t.Errorf("%s: HTML of %d bytes", name, len(shownHTML))
		}
		if !strings.Contains(text, "unknown block") || len(text) > 20_000 {
			t.Errorf("%s: text of %d bytes", name, len(text))
		}
	}
	if got := string(HTML(nil, workspace{})); got != `<div class="bk"></div>` {
		t.Errorf("no blocks: %s", got)
	}
}
