package storage

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// Ensure that MoveChannel knows all keys that begin with a message, a thread or a place.
func TestMessageKinds(t *testing.T) {
	source, err := os.ReadFile("key.go")
	if err != nil {
		t.Fatal(err)
	}
	found := []string{"stranger/", "refusing/", "bot-asked/", "person-asked/", deletedKind}
	for _, match := range regexp.MustCompile(`Key\("([a-z-]+/)" \+ (?:message|question|thread|place)\.String\(\)`).FindAllStringSubmatch(string(source), -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	if kinds := slices.Sorted(slices.Values(messageKinds)); !slices.Equal(kinds, found) {
		t.Errorf("the kinds of keys are %v, and these are moved: %v", found, kinds)
	}
}
