package slack

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Ensure that the package's documentation lists exactly the methods that are
// served.
func TestDocNamesMethods(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(doc), "# Which methods are served")
	section, _, ends := strings.Cut(section, "// # ")
	if !found || !ends {
		t.Fatal("the section is gone")
	}
	named := regexp.MustCompile(`[a-z]+(\.[a-zA-Z0-9]+)+`).FindAllString(section, -1)
	slices.Sort(named)
	if served := slices.Sorted(maps.Keys(methods)); !slices.Equal(named, served) {
		t.Errorf("the documentation names\n%q\nserved are\n%q", named, served)
	}
}
