package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Ensure that the transcripts in the README match the program's output.
func TestReadmeTranscripts(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	transcript := regexp.MustCompile("(?s)<!-- transcript: go run \\. demo -ask \"(.*?)\" -->\n```\n(.*?)```")
	found := transcript.FindAllSubmatch(readme, -1)
	if len(found) == 0 {
		t.Fatal("the README has no transcript")
	}
	for _, match := range found {
		var out bytes.Buffer
		if err := run(t.Context(), []string{"demo", "-ask", string(match[1])}, strings.NewReader(""), &out, &out); err != nil {
			t.Fatal(err)
		}
		if out.String() != string(match[2]) {
			t.Errorf("asked %q, the program prints:\n%s\nthe README says:\n%s", match[1], &out, match[2])
		}
	}
}
