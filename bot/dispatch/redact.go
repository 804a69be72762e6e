package dispatch

import (
	"regexp"
	"strings"
)

// words matches each word of a text.
var words = regexp.MustCompile(`[\pL\pN]+`)

// withoutWordsOf returns what an error says without the words of a text: an API
// may repeat what it was asked, and what people write must not get into the log.
func withoutWordsOf(text, said string) string {
	of := make(map[string]bool)
	for _, word := range words.FindAllString(strings.ToLower(text), -1) {
		of[word] = true
	}
	return words.ReplaceAllStringFunc(said, func(word string) string {
		if of[strings.ToLower(word)] {
			return "…"
		}
		return word
	})
}
