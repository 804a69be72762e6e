package intake

import (
	"strings"
	"time"
	"unicode"

	"enjobridge/bot/slackevent"
)

const (
	// directPause is how long a short direct message waits for the next one, because many
	// people press Enter after each few words.
	directPause = 2 * time.Second
	// maxShortWords is how many words a short message has at most.
	maxShortWords = 4
	// runesInWord is how many characters count as a word in scripts without spaces.
	runesInWord = 2
)

// unspaced are the scripts that have no spaces between words.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// moreMayFollow reports whether the message can be the beginning of a question: a short
// direct message of a person at the top, without a question mark or anything else in it.
func moreMayFollow(m slackevent.Message, self slackevent.Identity) bool {
	text := slackevent.WithoutMention(m.Text, self.UserID)
	return m.IsDirect() && m.ThreadTS == "" && !m.FromBot() && m.Content == m.Text && len(m.UnreadFiles) == 0 &&
		!strings.ContainsAny(text, "?？؟") && words(text) <= maxShortWords
}

// words returns about how many words a text has. In scripts without spaces, each
// [runesInWord] characters count as one.
func words(text string) (n int) {
	for _, word := range strings.Fields(text) {
		runes := 0
		for _, r := range word {
			if unicode.In(r, unspaced...) {
				runes++
			}
		}
		n += max(1, (runes+runesInWord-1)/runesInWord)
	}
	return n
}
