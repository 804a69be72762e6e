package blocks

import "strings"

var (
	superscripts = map[rune]rune{
		'0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴', '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹',
		'+': '⁺', '-': '⁻', '−': '⁻', '=': '⁼', '(': '⁽', ')': '⁾', 'n': 'ⁿ', 'i': 'ⁱ',
	}
	subscripts = map[rune]rune{
		'0': '₀', '1': '₁', '2': '₂', '3': '₃', '4': '₄', '5': '₅', '6': '₆', '7': '₇', '8': '₈', '9': '₉',
		'+': '₊', '-': '₋', '−': '₋', '=': '₌', '(': '₍', ')': '₎',
	}
)

// scripted returns raised or lowered text: in Unicode's characters where they
// exist, else as in 10^(a/b). An ordinal such as 1st, a sign and the link of a
// footnote stay as they are.
func scripted(spans, before []span, raised bool) []span {
	text := strings.TrimSpace(textOf(spans))
	chars, mark := subscripts, "_"
	if raised {
		chars, mark = superscripts, "^"
	}
	if shown, ok := mapped(text, chars); ok && !hasLink(spans) {
		return []span{{text: shown, style: spans[0].style}}
	}
	prev := ' '
	if n := len(before); n > 0 {
		prev = lastRune(before[n-1].text)
	}
	if !isWord(prev) && prev != ')' || hasLink(spans) || !isWord(firstRune(text)) {
		return spans
	}
	if raised && within("st nd rd th TM SM", text) {
		return spans
	}
	out := append([]span{{text: mark + "(", style: spans[0].style}}, spans...)
	return append(out, span{text: ")", style: spans[0].style})
}

// mapped maps all characters of a text; false if one has no counterpart.
func mapped(text string, chars map[rune]rune) (string, bool) {
	var out strings.Builder
	for _, r := range text {
		to, ok := chars[r]
		if !ok {
			return "", false
		}
		out.WriteRune(to)
	}
	return out.String(), text != ""
}
