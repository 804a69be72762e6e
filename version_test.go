package main

import (
	"runtime/debug"
	"testing"
)

// Ensure that the commit of a build is shown as a short hash, with a mark if files had
// changed since.
func TestCommitOf(t *testing.T) {
	const hash = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
	for want, settings := range map[string][]debug.BuildSetting{
		"":              {{Key: "GOOS", Value: "linux"}, {Key: "vcs.modified", Value: "true"}},
		"1a2b3c4":       {{Key: "vcs.modified", Value: "false"}, {Key: "vcs.revision", Value: hash}},
		"1a2b3c4+dirty": {{Key: "vcs.modified", Value: "true"}, {Key: "vcs.revision", Value: hash}},
	} {
		if got := commitOf(settings); got != want {
			t.Errorf("it is %q, want %q", got, want)
		}
	}
}
