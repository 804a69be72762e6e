package blocks

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tidy normalises spans for the renderings: no span is empty or contains a line
// break together with a style or a link, neighbours differ, there is no space
// at the ends of a line or of emphasis, and at most one empty line in a row. It
// returns nil if nothing is visible.
func tidy(spans []span) []span {
	var t tidier
	for _, s := range spans {
		for {
			line, rest, more := strings.Cut(s.text, "\n")
			t.add(s.with(line))
			if !more {
				break
			}
			t.breakLine()
			s.text = rest
		}
	}
	t.breakLine()
	return merge(t.out)
}

// tidier collects spans line by line.
type tidier struct {
	out    []span
	line   []span // the current line
	breaks int    // line breaks since the last line with text
}

func (t *tidier) add(s span) {
	if len(t.line) == 0 {
		s.text = strings.TrimLeftFunc(s.text, unicode.IsSpace)
	}
	if s.text == "" {
		return
	}
	before, core, after := trimmed(s.text)
	if core != "" && (s.style == 0 || s.style.has(monospace) || s.url != "") {
		t.line = append(t.line, s)
		return
	}
	for _, part := range []span{{text: before}, s.with(core), {text: after}} {
		if part.text != "" {
			t.line = append(t.line, part)
		}
	}
}

// breakLine ends the line.
func (t *tidier) breakLine() {
	for len(t.line) > 0 {
		last := &t.line[len(t.line)-1]
		last.text = strings.TrimRightFunc(last.text, unicode.IsSpace)
		if last.text != "" {
			break
		}
		t.line = t.line[:len(t.line)-1]
	}
	if !visible(t.line) {
		t.line = t.line[:0]
		t.breaks++
		return
	}
	if t.breaks > 0 && len(t.out) > 0 {
		t.out = append(t.out, span{text: "\n\n"[:min(t.breaks, 2)]})
	}
	t.out = append(t.out, t.line...)
	t.line, t.breaks = t.line[:0], 1
}

// merge joins neighbours with the same style and link.
func merge(spans []span) []span {
	if !anyJoins(spans) {
		return spans
	}
	out := make([]span, 0, len(spans)-1)
	for i := 0; i < len(spans); {
		j := i + 1
		for j < len(spans) && spans[i].joins(spans[j]) {
			j++
		}
		out = append(out, spans[i].with(textOf(spans[i:j])))
		i = j
	}
	return out
}

func anyJoins(spans []span) bool {
	for i := 1; i < len(spans); i++ {
		if spans[i-1].joins(spans[i]) {
			return true
		}
	}
	return false
}

// visible reports whether anything is visible.
func visible(spans []span) bool {
	for _, s := range spans {
		if !blank(s.text) {
			return true
		}
	}
	return false
}

// blank reports whether a text shows nothing, such as zero-width spaces only.
// Slack would refuse it as empty.
func blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return true
}

// trimmed separates the space at both ends from a text.
func trimmed(s string) (before, core, after string) {
	core = strings.TrimLeftFunc(s, unicode.IsSpace)
	before = s[:len(s)-len(core)]
	core = strings.TrimRightFunc(core, unicode.IsSpace)
	return before, core, s[len(before)+len(core):]
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func lastRune(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }
