package blocks

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure that the law of answers covers every example of the CommonMark
// specification, which is part of goldmark's module.
func TestCommonMarkExamples(t *testing.T) {
	for _, e := range commonMarkExamples(t) {
		t.Run(fmt.Sprint(e.Example), func(t *testing.T) { checkAnswer(t, e.Markdown) })
	}
}

type commonMarkExample struct {
	Example  int    `json:"example"`
	Markdown string `json:"markdown"`
}

func commonMarkExamples(t *testing.T) []commonMarkExample {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Skipf("the go command cannot find goldmark's module: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	if err != nil {
		t.Skipf("goldmark's module has no examples: %v", err)
	}
	var examples []commonMarkExample
	if err := json.Unmarshal(data, &examples); err != nil {
		t.Fatal(err)
	}
	if len(examples) < 600 {
		t.Fatalf("only %d examples", len(examples))
	}
	return examples
}
