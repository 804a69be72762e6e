package blocks

import (
	"regexp"
	"strings"
)

// wikiInline matches markup within a line, one kind in each group.
var wikiInline = regexp.MustCompile(`\{\{([^{}\n]+)\}\}|\{(?:code|noformat)[^}\n]*\}([^{}\n]+)\{(?:code|noformat)\}` +
	`|(\{color(?::[^}\n]*)?\}|\{anchor:[^}\n]*\})|\[([^\[\]\n]+)\]|!([^!\s|]+\.[A-Za-z0-9]{2,5})(?:\|[^!\n]*)?!` +
	`|(https?://[^\s|\]\[{}<>"]+)|(\\\\)(?:[ \t]|\n|$)|\\([*_+^~{}\[\]!|-])` +
	`|\*([^*\n]+)\*|_([^_\n]+)_|-([^-\n]+)-|\+([^+\n]+)\+|\^([^^\n]+)\^|~([^~\n]+)~|\?\?([^?\n]+)\?\?`)

// The groups of wikiInline.
const (
	wikiMono = iota + 1
	wikiCode
	wikiNothing
	wikiLink
	wikiImage
	wikiURL
	wikiBreak
	wikiEscape
	wikiBold
	wikiItalic
	wikiStrike
	wikiUnder
	wikiSup
	wikiSub
	wikiCite
)

var wikiStyles = map[int]style{wikiBold: bold, wikiItalic: italic, wikiStrike: strike, wikiUnder: 0, wikiSup: 0, wikiSub: 0, wikiCite: italic}

// wikiText reads the text of a block.
func wikiText(text string) []span { return honest(tidy(merge(wikiSpans(text, 0)))) }

func wikiSpans(text string, s style) []span {
	var out []span
	add := func(text string) {
		if text != "" {
			out = append(out, span{text: withoutEntities(text), style: s})
		}
	}
	done := 0 // the end of what is in out
	for at := 0; at < len(text); {
		m := wikiInline.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		start, end := at+m[0], at+m[1]
		kind, inner := wikiGroup(text[at:], m)
		if !wikiApplies(text, start, end, kind, inner) {
			at = start + 1
			continue
		}
		add(text[done:start])
		out = append(out, wikiSpan(kind, inner, out, s)...)
		if kind == wikiBreak {
			end = start + len(`\\`)
		}
		at, done = end, end
	}
	add(text[done:])
	return out
}

// wikiGroup returns the kind of a match and its content.
func wikiGroup(text string, m []int) (kind int, inner string) {
	for i := 1; 2*i < len(m); i++ {
		if m[2*i] >= 0 {
			return i, text[m[2*i]:m[2*i+1]]
		}
	}
	return 0, ""
}

// wikiApplies reports whether a match is markup: a style is at the ends of
// words, and a backslash in a path is none.
func wikiApplies(text string, start, end, kind int, inner string) bool {
	before, after := lastRune(text[:start]), firstRune(text[end:])
	switch kind {
	case wikiSup, wikiSub:
		return strings.TrimSpace(inner) == inner
	case wikiEscape:
		return before != '\\' && before != ':' && (!isWord(before) || !strings.Contains("_-+~^", inner))
	case wikiBold, wikiItalic, wikiStrike, wikiUnder, wikiCite:
		return strings.TrimSpace(inner) == inner && !isWord(before) && !isWord(after) && !strings.ContainsRune(`\/.=:-@`, before)
	}
	return true
}

// wikiSpan returns the spans of a match.
func wikiSpan(kind int, inner string, before []span, s style) []span {
	switch kind {
	case wikiMono, wikiCode:
		return []span{{text: inner, style: s | monospace}}
	case wikiNothing:
		return nil
	case wikiBreak:
		return []span{{text: "\n"}}
	case wikiEscape:
		return []span{{text: inner, style: s}}
	case wikiLink:
		return styled(wikiLinked(inner), s)
	case wikiImage:
		if _, ok := webURL(inner); ok {
			return styled(linked(nil, inner, ""), s)
		}
		return []span{{text: inner, style: s}}
	case wikiURL:
		core := strings.TrimRight(inner, ".,;:!?)'*_")
		return append(styled(linked(nil, core, ""), s), plainSpans(inner[len(core):])...)
	case wikiSup, wikiSub:
		return scripted(wikiSpans(inner, s), before, kind == wikiSup)
	}
	return wikiSpans(inner, s|wikiStyles[kind])
}

// wikiLinked reads [label|target], [target], [~person] and [^file].
func wikiLinked(inner string) []span {
	label, dest, found := strings.Cut(inner, "|")
	dest, _, _ = strings.Cut(dest, "|") // the rest says how to show it
	switch {
	case strings.HasPrefix(inner, "~"):
		return plainSpans("@" + strings.TrimPrefix(strings.TrimPrefix(inner, "~"), "accountid:"))
	case strings.HasPrefix(inner, "^"):
		return plainSpans(inner[1:])
	case found && strings.HasPrefix(dest, "#"):
		return wikiSpans(label, 0)
	case found:
		if _, live := safeURL(dest); live || strings.Contains(dest, ":") {
			return linked(plainSpans(withoutEntities(label)), dest, "")
		}
	case strings.Contains(inner, "://") || strings.HasPrefix(inner, "mailto:"):
		return linked(plainSpans(strings.TrimPrefix(inner, "mailto:")), inner, "")
	}
	return plainSpans("[" + inner + "]")
}
