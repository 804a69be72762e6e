package blockkit

import (
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

// Ensure that each line of the table is one character and its names, and that
// each name is unique.
func TestEmojiTable(t *testing.T) {
	seen := map[string]string{}
	for line := range strings.Lines(emojiTable) {
		characters, names, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || uniseg.GraphemeClusterCount(characters) != 1 {
			t.Errorf("not one character and its names: %q", line)
		}
		for _, name := range strings.Fields(names) {
			if other, twice := seen[name]; twice {
				t.Errorf("%s is %s and %s", name, other, characters)
			}
			if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_+-") != "" {
				t.Errorf("not a short name: %q", name)
			}
			seen[name] = characters
		}
	}
}

func TestEmoji(t *testing.T) {
	for name, want := range map[string]string{
		"wave": "👋", "+1": "👍", "wave::skin-tone-2": "👋🏻", "wave::skin-tone-6": "👋🏿",
		"wave::skin-tone-7": "", "wave::skin-tone-": "", "nosuch": "", "": "",
	} {
		if got, ok := emoji(name); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", name, got, ok)
		}
	}
}

// Ensure that a picker offers the emoji that texts can show, with the same
// names.
func TestAllEmoji(t *testing.T) {
	all := AllEmoji()
	if len(all) < 100 {
		t.Errorf("only %d emoji", len(all))
	}
	for _, e := range all {
		for _, name := range e.Names {
			if characters, known := EmojiCharacters(name); !known || characters != e.Characters {
				t.Errorf("%s is %q in the picker and %q in text", name, e.Characters, characters)
			}
		}
	}
}
