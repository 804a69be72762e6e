package blocks

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure that the law of answers covers the inputs of other converters' tests,
// and that emphasis is found where those for East Asian text mean it.
func TestVectors(t *testing.T) {
	folder := os.Getenv("ENJOBRIDGE_VECTORS")
	if folder == "" {
		t.Skip("ENJOBRIDGE_VECTORS does not name the folder with the inputs of others")
	}
	for _, file := range []string{"markdown-inputs.jsonl", "cjk-emphasis.jsonl"} {
		data, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var v struct{ ID, Input string }
			if err := json.Unmarshal(line, &v); err != nil {
				t.Fatal(err)
			}
			t.Run(v.ID, func(t *testing.T) {
				checkAnswer(t, v.Input)
				if file == "cjk-emphasis.jsonl" {
					checkBold(t, v.Input)
				}
			})
		}
	}
}

// checkBold checks that exactly the text between double stars is bold.
func checkBold(t *testing.T, text string) {
	t.Helper()
	got := marked(parse(text))
	for i, part := range strings.Split(text, "**") {
		if !strings.Contains(got, map[bool]string{true: "<b>" + part + "</b>", false: strings.TrimPrefix(part, "1. ")}[i%2 == 1]) {
			t.Errorf("%q became %q", text, got)
		}
	}
	if strings.Contains(got, "*") {
		t.Errorf("%q shows stars: %q", text, got)
	}
}
