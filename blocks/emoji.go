package blocks

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/slack-go/slack"
)

// emojiShape matches the short name of an emoji between colons. Slack's custom
// emoji are unknown here, so the shape decides; Slack shows an unknown name as
// text.
var emojiShape = regexp.MustCompile(`:(?:[a-z0-9_+'-]*[a-z][a-z0-9_+'-]*|[+-]1|100)(?:::skin-tone-[2-6])?:`)

// emojiSpans finds the short names of emoji in text, such as :tada:. In code, in
// links, and next to letters, digits and colons, as in 10:30:45 and a::b::c, they
// are text.
func emojiSpans(spans []span) []span {
	if !slices.ContainsFunc(spans, mayHaveEmoji) {
		return spans
	}
	var out []span
	prev := ' '
	for i, s := range spans {
		next := ' '
		if i+1 < len(spans) {
			next = firstRune(spans[i+1].text)
		}
		if mayHaveEmoji(s) {
			out = append(out, emojiParts(s, prev, next)...)
		} else {
			out = append(out, s)
		}
		prev = lastRune(s.text)
	}
	return out
}

func mayHaveEmoji(s span) bool {
	return s.url == "" && !s.style.has(monospace) && strings.Count(s.text, ":") > 1
}

// emojiParts divides a span between two characters at its emoji.
func emojiParts(s span, prev, next rune) []span {
	var out []span
	end, emojiEnd := 0, 0
	for _, at := range emojiShape.FindAllStringIndex(s.text, -1) {
		before, after := prev, next
		if at[0] > 0 {
			before = lastRune(s.text[:at[0]])
		}
		rest := s.text[at[1]:]
		if rest != "" {
			after = firstRune(rest)
		}
		chained := emojiEnd > 0 && at[0] == emojiEnd
		if (!chained && touchesName(before)) || (touchesName(after) && !startsWithEmoji(rest)) {
			continue
		}
		if at[0] > end {
			out = append(out, s.with(s.text[end:at[0]]))
		}
		one := s.with(s.text[at[0]:at[1]])
		one.emoji = true
		out = append(out, one)
		end, emojiEnd = at[1], at[1]
	}
	if end < len(s.text) {
		out = append(out, s.with(s.text[end:]))
	}
	return out
}

// touchesName reports whether a colon next to a character is not that of an
// emoji.
func touchesName(r rune) bool {
	return r == ':' || r == '_' || r == '/' || (r < unicode.MaxASCII && isWord(r))
}

func startsWithEmoji(text string) bool {
	at := emojiShape.FindStringIndex(text[:min(len(text), 100)])
	return at != nil && at[0] == 0
}

// notEmoji separates the colons in text that Slack would take for an emoji. Two of them can
// share a colon, as in a:b:c:d.
func notEmoji(text string) string {
	if strings.Count(text, ":") < 2 {
		return text
	}
	var out strings.Builder
	for at := emojiShape.FindStringIndex(text); at != nil; at = emojiShape.FindStringIndex(text) {
		colon := at[0] + 1
		out.WriteString(text[:colon] + zeroWidth)
		text = text[colon:]
	}
	return out.String() + text
}

// emojiElement writes an emoji. See
// https://docs.slack.dev/reference/block-kit/block-elements/emoji-element.
func emojiElement(s span) slack.RichTextSectionElement {
	name, tone, _ := strings.Cut(strings.Trim(s.text, ":"), "::skin-tone-")
	element := slack.NewRichTextSectionEmojiElement(name, 0, richStyle(s.style))
	if tone != "" {
		element.SkinTone = int(tone[0] - '0')
	}
	return element
}

func hasEmoji(spans []span) bool {
	for _, s := range spans {
		if s.emoji {
			return true
		}
	}
	return false
}

// emojiObject is plainObject with emoji.
func emojiObject(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, true, false)
}
