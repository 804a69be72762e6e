package slackevent

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// userMention matches the mention of any person.
var userMention = regexp.MustCompile(`<@[UW][A-Z0-9]+(?:\|[^<>]*)?>`)

// groupMention matches the mention of a group of people, or of everyone.
// https://docs.slack.dev/messaging/formatting-message-text/#special-mentions
var groupMention = regexp.MustCompile(`<!(?:subteam\^[A-Z0-9]+|here|channel|everyone)(?:\|[^<>]*)?>`)

// Mentions reports whether a text as Slack sends it mentions the user.
func Mentions(text, user string) bool {
	return user != "" && (strings.Contains(text, "<@"+user+">") || strings.Contains(text, "<@"+user+"|"))
}

// MentionsAnyone reports whether a text as Slack sends it mentions a person or a group of
// people: a user group, here, channel, or everyone.
func MentionsAnyone(text string) bool {
	return userMention.MatchString(text) || groupMention.MatchString(text)
}

// WithoutMention removes the mentions of the user from a text as Slack sends it, with the
// spaces and the punctuation that only they needed: "Hey @bot, x" becomes "Hey, x".
func WithoutMention(text, user string) string {
	if !Mentions(text, user) {
		return text
	}
	var out []byte
	end, isRemoved := 0, false
	add := func(next string) {
		if isRemoved {
			out = closeGap(out, next)
		} else {
			out = append(out, next...)
		}
	}
	for _, at := range userMention.FindAllStringIndex(text, -1) {
		if Mentions(text[at[0]:at[1]], user) {
			add(text[end:at[0]])
			end, isRemoved = at[1], true
		}
	}
	add(text[end:])
	return string(out)
}

const (
	blanks = " \t\u00a0" // some clients put a no-break space after a mention
	// separators follow a mention, and belong to it if nothing is before it.
	separators = ",:;-–—"
	// attached are those that can follow a mention without a space.
	attached = ",:;.!?"
	// wide are separators that no space follows.
	wide = "，、：；。！"
	// closing belong to what is before a mention.
	closing = ",.;:!?)]…" + wide + "？"
)

// pairs are marks around a mention that go with it.
var pairs = map[byte]byte{'(': ')', '[': ']', '*': '*', '_': '_', '~': '~', '`': '`', '"': '"'}

// lineStart matches a text whose last line has nothing but the mark of a list or a quotation.
var lineStart = regexp.MustCompile(`\n[ \t]*(?:[-•◦*]|&gt;|[0-9]{1,3}[.)])?[ \t]*$`)

// closeGap joins the texts on both sides of a removed mention.
func closeGap(left []byte, right string) []byte {
	for len(left) > 0 && right != "" && pairs[left[len(left)-1]] == right[0] {
		left, right = left[:len(left)-1], right[1:]
	}
	rest := strings.TrimLeft(right, blanks)
	switch {
	case startsLine(left):
		return append(left, withoutSeparator(rest, len(rest) < len(right))...)
	case rest == "" || rest[0] == '\n':
		return append(bytes.TrimRight(left, blanks+","), rest...)
	case startsWith(rest, closing):
		left = bytes.TrimRight(left, blanks)
		if strings.IndexByte(closing, rest[0]) >= 0 && rest[0] != ')' && rest[0] != ']' {
			left = bytes.TrimRight(left, ",")
		}
		return append(left, rest...)
	case bytes.HasSuffix(left, []byte(" ")) || bytes.HasSuffix(left, []byte("(")):
		return append(left, rest...)
	}
	return append(left, right...)
}

// startsLine reports whether what follows a text is the first of its line.
func startsLine(text []byte) bool {
	const enough = 16 // bytes for the mark of a list
	if len(text) > enough {
		return lineStart.Match(text[len(text)-enough:])
	}
	return lineStart.Match(append([]byte("\n"), text...))
}

// withoutSeparator removes the separator between a mention and a text.
func withoutSeparator(text string, isSpaced bool) string {
	set := attached
	if isSpaced {
		set = separators
	}
	if startsWith(text, set) {
		text = strings.TrimLeft(text, set)
	}
	return strings.TrimLeft(text, wide+blanks)
}

// startsWith reports whether a text starts with punctuation of a set, and nothing else
// before the next space: ":wave:" and "-1" do not.
func startsWith(text, set string) bool {
	rest := strings.TrimLeft(text, set)
	if len(rest) == len(text) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(rest)
	first, _ := utf8.DecodeRuneInString(text)
	return rest == "" || unicode.IsSpace(next) || strings.ContainsRune(wide+"？", first) || strings.ContainsRune(`"*_~)`, next)
}
