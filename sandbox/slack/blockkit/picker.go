package blockkit

import "strings"

// Emoji is an emoji of a picker.
type Emoji struct {
	// Names are its short names without colons, the usual one first.
	Names []string
	// Characters is what is shown.
	Characters string
}

// AllEmoji returns the emoji with known short names, in the order of pickers.
func AllEmoji() []Emoji {
	var all []Emoji
	for line := range strings.Lines(emojiTable) {
		characters, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		all = append(all, Emoji{Names: strings.Fields(names), Characters: characters})
	}
	return all
}

// EmojiCharacters returns the characters of a short name such as "wave" or
// "wave::skin-tone-3", and whether the name is known.
func EmojiCharacters(name string) (string, bool) { return emoji(name) }
