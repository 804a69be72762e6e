package blockkit

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed emoji.txt
var emojiTable string

// emojis maps the short names of common emoji to their characters.
var emojis = sync.OnceValue(func() map[string]string {
	table := map[string]string{}
	for line := range strings.Lines(emojiTable) {
		characters, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, name := range strings.Fields(names) {
			table[name] = characters
		}
	}
	return table
})

// emoji returns the characters of a short name such as "wave" or
// "wave::skin-tone-3", and whether the name is known.
func emoji(name string) (string, bool) {
	base, tone, hasTone := strings.Cut(name, "::skin-tone-")
	characters, ok := emojis()[base]
	if ok && hasTone {
		if len(tone) != 1 || tone[0] < '2' || tone[0] > '6' {
			return "", false
		}
		characters = strings.TrimSuffix(characters, "\uFE0F") + string(rune(0x1F3FB+int(tone[0]-'2')))
	}
	return characters, ok
}

// withEmoji parses text in which only the short names of emoji are special.
func withEmoji(s string) []node {
	var nodes []node
	for {
		name, start, end := findEmoji(s)
		if name == "" {
			return appendText(nodes, s)
		}
		nodes = append(appendText(nodes, s[:start]), node{kind: nodeEmoji, text: name})
		s = s[end:]
	}
}

// findEmoji finds the first known short name, with its skin tone.
func findEmoji(s string) (name string, start, end int) {
	for start < len(s) {
		colon := strings.IndexByte(s[start:], ':')
		if colon < 0 {
			return "", 0, 0
		}
		start += colon
		length := strings.IndexByte(s[start+1:], ':')
		if length < 0 {
			return "", 0, 0
		}
		name, end = s[start+1:start+1+length], start+length+2
		if _, ok := emojis()[name]; !ok {
			start++
			continue
		}
		if tone, rest, ok := cutTone(s[end:]); ok {
			return name + "::" + tone, start, len(s) - len(rest)
		}
		return name, start, end
	}
	return "", 0, 0
}

// cutTone cuts off ":skin-tone-3:".
func cutTone(s string) (tone, rest string, ok bool) {
	const form = ":skin-tone-?:"
	if len(s) < len(form) || !strings.HasPrefix(s, ":skin-tone-") || s[len(form)-1] != ':' {
		return "", s, false
	}
	if digit := s[len(form)-2]; digit < '2' || digit > '6' {
		return "", s, false
	}
	return s[1 : len(form)-1], s[len(form):], true
}
