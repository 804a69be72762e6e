package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Ensure that the log can have each line that docs/operations.md explains.
func TestDocumentedLogMessages(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	err = filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := os.ReadFile(file)
		sources.Write(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	messages := regexp.MustCompile("`([a-z]+: [^`\\n]+)`").FindAllStringSubmatch(string(page), -1)
	if len(messages) == 0 {
		t.Error("docs/operations.md explains no line of the log")
	}
	for _, m := range messages {
		if m[1] != "setup: true" && !strings.Contains(sources.String(), `"`+m[1]) {
			t.Errorf("nothing logs %q", m[1])
		}
	}
}
