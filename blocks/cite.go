package blocks

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"enjobridge/enjo"
)

// Agents mark where a source is used: "[1]", "[2][3]" and "[^1^]" have its place
// in the reply, from 1, and 【4:0†vpn.pdf】 its name.

// annotate turns the markers in an answer into citations of its sources, and the
// short names of emoji into emoji. Markers that name an unknown source become the
// name in brackets; other text stays.
func annotate(blocks []block, sources []enjo.Source) []block {
	c := citer{}
	for i, s := range sources {
		c.sources = append(c.sources, newSource(s, i+1))
	}
	return mapText(blocks, func(spans []span) []span { return emojiSpans(c.spans(spans)) })
}

// mapText returns blocks with a function applied to their text, except code.
func mapText(blocks []block, f func([]span) []span) []block {
	out := slices.Clone(blocks)
	for i, b := range out {
		switch b := b.(type) {
		case paragraph:
			b.text = f(b.text)
			out[i] = b
		case heading:
			b.text = f(b.text)
			out[i] = b
		case quote:
			b.blocks = mapText(b.blocks, f)
			out[i] = b
		case list:
			b.items = slices.Clone(b.items)
			for j := range b.items {
				b.items[j].blocks = mapText(b.items[j].blocks, f)
			}
			out[i] = b
		case table:
			b.rows = mapCells(b.rows, f)
			out[i] = b
		}
	}
	return out
}

func mapCells(rows [][]cell, f func([]span) []span) [][]cell {
	out := make([][]cell, len(rows))
	for i, row := range rows {
		out[i] = make([]cell, len(row))
		for j, c := range row {
			out[i][j] = f(c)
		}
	}
	return out
}

type citer struct{ sources []source }

// marker matches a marker: a number, of a message if another one follows, and a
// name, perhaps with lines; or numbers only.
var marker = regexp.MustCompile(`【(\d{1,3})(:\d{1,4})?(?:†([^【】†\n]{1,200})(?:†L\d{1,6}(?:-L?\d{1,6})?)?)?】|` +
	`\[\^?([1-9]\d{0,2}(?: ?[,–-] ?[1-9]\d{0,2}){0,9})\^?\]`)

func mayCite(s span) bool {
	return s.url == "" && !s.style.has(monospace) && (strings.Contains(s.text, "[") || strings.Contains(s.text, "【"))
}

// spans turns the markers in text into citations.
func (c citer) spans(spans []span) []span {
	if !slices.ContainsFunc(spans, mayCite) {
		return spans
	}
	var out []span
	prev := ' '
	for _, s := range spans {
		if mayCite(s) {
			out = append(out, c.parts(s, prev)...)
		} else {
			out = append(out, s)
		}
		prev = lastRune(s.text)
	}
	return merge(out)
}

// parts divides a span at its markers.
func (c citer) parts(s span, prev rune) []span {
	var out []span
	text, end, cited := s.text, 0, -1
	for _, at := range marker.FindAllStringSubmatchIndex(text, -1) {
		before := prev
		if at[0] > 0 {
			before = lastRune(text[:at[0]])
		}
		m := groups(text, at)
		var refs []span
		switch {
		case m[4] == "":
			refs = c.named(m[1], m[2], m[3])
			if len(refs) > 0 && !unicode.IsSpace(before) && at[0] != cited {
				refs = append(plainSpans(" "), refs...)
			}
		case at[0] == cited || !joinsWord(before):
			refs = c.numbered(m[4])
		}
		if len(refs) > 0 {
			out = append(append(out, plainSpans(text[end:at[0]])...), refs...)
			end, cited = at[1], at[1]
		}
	}
	return styled(append(out, plainSpans(text[end:])...), s.style)
}

// groups returns the submatches at some indices.
func groups(text string, at []int) []string {
	all := make([]string, len(at)/2)
	for i := range all {
		if at[2*i] >= 0 {
			all[i] = text[at[2*i]:at[2*i+1]]
		}
	}
	return all
}

// joinsWord reports whether "[1]" after a character is part of a word or of
// code, such as list[1]. Scripts without spaces do not count.
func joinsWord(r rune) bool {
	return r == ']' || r == '_' || r == '[' || (isWord(r) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai))
}

// numbered returns citations of the sources with these numbers, such as "1, 3"
// or "2-4"; nil if one does not exist.
func (c citer) numbered(numbers string) []span {
	var out []span
	for part := range strings.SplitSeq(numbers, ",") {
		first, last, isRange := strings.Cut(strings.ReplaceAll(part, "–", "-"), "-")
		from, _ := strconv.Atoi(strings.TrimSpace(first))
		to := from
		if isRange {
			to, _ = strconv.Atoi(strings.TrimSpace(last))
		}
		if from < 1 || to < from || to > len(c.sources) || to-from > 9 {
			return nil
		}
		for n := from; n <= to; n++ {
			s := c.sources[n-1]
			if s.name == "" {
				return nil
			}
			out = append(out, s.citedAs("["+strconv.Itoa(n)+"]")...)
		}
	}
	return out
}

// sayNothing matches names that say nothing: lines, and the word itself.
var sayNothing = regexp.MustCompile(`^(?i:source|L\d+(-L?\d+)?|)$`)

// named returns a citation of the source with a name, or if the name says
// nothing, of the one with the number. Without such a source it is the name.
func (c citer) named(number, part, name string) []span {
	name = oneLine(name)
	for _, s := range c.sources {
		if name != "" && s.isNamed(name) {
			return s.citedAs("[" + name + "]")
		}
	}
	if part == "" && sayNothing.MatchString(name) {
		if refs := c.numbered(number); len(refs) > 0 {
			return refs
		}
	}
	if name == "" {
		return nil
	}
	return plainSpans("(" + name + ")")
}

// isNamed reports whether a name is the source's, or that of its file.
func (s source) isNamed(name string) bool {
	if strings.EqualFold(s.name, name) || strings.EqualFold(strings.TrimSuffix(name, path.Ext(name)), s.name) {
		return true
	}
	return s.url != "" && strings.EqualFold(path.Base(strings.ReplaceAll(s.url, "%20", " ")), name)
}

// citedAs returns a citation of the source; its name if it has no link.
func (s source) citedAs(label string) []span {
	if s.url == "" {
		return plainSpans(s.spelledOut(label))
	}
	out := []span{{text: label, url: s.url, cited: &s}}
	if misleads(label, s.url) {
		out = append(out, span{text: " (" + target(s.url) + ")"})
	}
	return out
}

// spelledOut adds the source's name to a label that is a number.
func (s source) spelledOut(label string) string {
	if label != "["+strconv.Itoa(s.number)+"]" {
		return label
	}
	return strings.TrimSuffix(label, "]") + ": " + s.name + "]"
}

// uncited returns spans in which citations are links, for where Slack shows no
// citations.
func uncited(spans []span) []span {
	out := slices.Clone(spans)
	for i := range out {
		out[i].cited = nil
	}
	return out
}
