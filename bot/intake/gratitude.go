package intake

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// A message that consists of nothing but thanks gets a reaction and costs no call. It
// must be covered completely by known phrases, at least one of which is a thank: what is
// left over, or a question mark, means that it is asked. Words that can answer a question
// of the agent, such as yes and no, are no such phrases.

// maxThanks is the maximum length of thanks in bytes.
const maxThanks = 300

// questionMarks are those of all scripts. Greek has a semicolon as well: see greekQuestion.
const questionMarks = "?？؟¿⁇⁈⁉‽﹖︖՞፧⸮❓❔\u037e"

var (
	anyMention = regexp.MustCompile(`<@[UW][A-Z0-9]+(?:\|[^<>]*)?>`)
	emojiCode  = regexp.MustCompile(`:[a-z0-9_+'-]+:`)
	// smiley and frown match faces of ASCII characters.
	smiley = regexp.MustCompile(`(?:^|\s)(?:[:;=]-?[)d]|<3|\^\^|xd)(?:\s|$)`)
	frown  = regexp.MustCompile(`[:;=]'?-?[(/\\|]`)
	// thumb matches the older way to write a thumb.
	thumb = regexp.MustCompile(`(?:^|\s)\+1(?:\s|$)`)
	// greekQuestion matches a question in Greek.
	greekQuestion = regexp.MustCompile(`\p{Greek}\s*;`)
)

// isThanks reports whether a text is nothing but thanks.
func isThanks(text string) bool {
	if len(text) > maxThanks || strings.ContainsAny(text, questionMarks) {
		return false
	}
	words, thankful, ok := thankWords(text)
	if !ok {
		return false
	}
	if len(words) == 0 {
		return thankful
	}
	return gratitude.covers(words)
}

// thankWords returns the words of a text, and whether it has an emoji of thanks. It
// returns false if it has something that is not said with thanks.
func thankWords(text string) (words []string, thankful, ok bool) {
	text = strings.ToLower(html.UnescapeString(anyMention.ReplaceAllString(text, " ")))
	if frown.MatchString(text) || greekQuestion.MatchString(text) {
		return nil, false, false
	}
	ok = true
	note := func(isThankful, isKnown bool) {
		thankful = thankful || isThankful
		ok = ok && (isThankful || isKnown)
	}
	text = emojiCode.ReplaceAllStringFunc(text, func(code string) string {
		name := strings.Trim(code, ":")
		note(thankfulEmoji[name], friendlyEmoji[name] || strings.HasPrefix(name, "skin-tone-"))
		return " "
	})
	text = smiley.ReplaceAllString(text, " ")
	text = thumb.ReplaceAllStringFunc(text, func(string) string { note(true, true); return " " })
	text = strings.Map(func(r rune) rune {
		if !unicode.Is(unicode.So, r) && !(r >= 0x1F000 && r < 0x20000) && !strings.ContainsRune(emojiModifiers, r) {
			return r
		}
		note(strings.ContainsRune(thankfulSigns, r), strings.ContainsRune(friendlySigns+emojiModifiers, r))
		return ' '
	}, text)
	return foldedWords(text), thankful, ok
}

// foldedWords returns the words of a text without marks, apostrophes, and letters that
// are repeated for emphasis. Each character of a script without spaces is a word.
func foldedWords(text string) []string {
	var out strings.Builder
	for _, r := range shortened(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.M, r) || strings.ContainsRune("'’ʼ`´ー〜~", r):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			out.WriteString(" " + string(r) + " ")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			out.WriteRune(r)
		default:
			out.WriteByte(' ')
		}
	}
	return strings.Fields(withoutMarks.Replace(out.String()))
}

// shortened returns a text in which a letter that is repeated more than twice is there once.
func shortened(text string) string {
	var out []rune
	runes := []rune(text)
	for at := 0; at < len(runes); {
		end := at + 1
		for end < len(runes) && runes[end] == runes[at] {
			end++
		}
		if end-at > 2 && unicode.IsLetter(runes[at]) {
			out = append(out, runes[at])
		} else {
			out = append(out, runes[at:end]...)
		}
		at = end
	}
	return string(out)
}

// withoutMarks replaces letters by those that people write without a special keyboard.
var withoutMarks = strings.NewReplacer(
	"á", "a", "à", "a", "â", "a", "ä", "a", "ã", "a", "å", "a", "ą", "a", "ç", "c", "č", "c", "ć", "c", "ď", "d", "é", "e", "è", "e",
	"ê", "e", "ë", "e", "ě", "e", "ę", "e", "ğ", "g", "í", "i", "ì", "i", "î", "i", "ï", "i", "ı", "i", "ł", "l", "ñ", "n", "ń", "n",
	"ň", "n", "ó", "o", "ò", "o", "ô", "o", "ö", "o", "õ", "o", "ø", "o", "ř", "r", "š", "s", "ś", "s", "ş", "s", "ť", "t", "ú", "u",
	"ù", "u", "û", "u", "ü", "u", "ů", "u", "ý", "y", "ž", "z", "ź", "z", "ż", "z", "ß", "ss", "ё", "е", "ά", "α", "έ", "ε", "ή", "η",
	"ί", "ι", "ό", "ο", "ύ", "υ", "ώ", "ω", "ς", "σ", "أ", "ا", "إ", "ا", "آ", "ا", "ى", "ي", "ة", "ه",
)

// phrases are the phrases of thanks by their first word.
type phrases map[string][]phrase

type phrase struct {
	words  []string
	thanks bool // otherwise it only goes with thanks
}

// newPhrases returns the phrases of two lists; see listed.
func newPhrases(thanks, company string) phrases {
	all := make(phrases)
	for list, isThanks := range map[string]bool{thanks: true, company: false} {
		for _, words := range listed(list) {
			all[words[0]] = append(all[words[0]], phrase{words, isThanks})
		}
	}
	return all
}

// listed returns the folded words of the phrases of a list, which are separated by commas
// and lines.
func listed(list string) (phrases [][]string) {
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '\n' }) {
		if words := foldedWords(text); len(words) > 0 {
			phrases = append(phrases, words)
		}
	}
	return phrases
}

// covers reports whether words consist of phrases, at least one of which is thanks.
func (p phrases) covers(words []string) bool {
	// How the words before each place are covered: not at all, without thanks, with thanks.
	type cover struct{ without, with bool }
	covered := make([]cover, len(words)+1)
	covered[0].without = true
	for at, before := range covered[:len(words)] {
		if !before.without && !before.with {
			continue
		}
		for _, next := range p[words[at]] {
			if end := at + len(next.words); end <= len(words) && equalWords(words[at:end], next.words) {
				covered[end].with = covered[end].with || before.with || next.thanks
				covered[end].without = covered[end].without || before.without && !next.thanks
			}
		}
	}
	return covered[len(words)].with
}

func equalWords(a, b []string) bool { return strings.Join(a, " ") == strings.Join(b, " ") }
