package slackapi

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Ensure that the list has exactly the methods that the bot calls.
func TestMethodsAreListed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	called := regexp.MustCompile(`(?:call|callShown|decoded|showView)\((?:r, )?ctx, "([a-z.A-Z]+)"|Method += "([a-z.A-Z0-9]+)"`)
	found := []string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || slices.Contains([]string{"inspect.go", "manifest.go", "validate.go"}, file) { // which need no bot
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range called.FindAllStringSubmatch(string(source), -1) {
			found = append(found, match[1]+match[2])
		}
	}
	slices.Sort(found)
	if found = slices.Compact(found); !slices.Equal(found, methods) {
		t.Errorf("the calls are of\n%q, the list has\n%q", found, methods)
	}
}
