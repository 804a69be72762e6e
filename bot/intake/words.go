package intake

import (
	"slices"
	"strings"
	"unicode"
)

// commandWords are the words that do what they do after /enjo, if a message is nothing
// but a mention and one of them.
var commandWords = []string{"status", commandNew, "tickets", "help"}

// commandNew is the command that starts a new conversation.
const commandNew = "new"

// isStop reports whether a text is nothing but the word stop.
func isStop(text string) bool {
	return !strings.ContainsAny(text, questionMarks) && slices.Equal(plainWords(text), []string{"stop"})
}

// commandIn returns the command that a text consists of; "" if it is none. People who
// know the slash command may repeat its name.
func commandIn(text string) string {
	words := plainWords(text)
	if len(words) == 2 && words[0] == "enjo" {
		words = words[1:]
	}
	if len(words) == 1 && slices.Contains(commandWords, words[0]) {
		return words[0]
	}
	return ""
}

// plainWords returns the words of a text in lower case, without punctuation.
func plainWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r) || r == '`' || r == '~'
	})
}
