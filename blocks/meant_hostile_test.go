package blocks

import (
	"cmp"
	"regexp"
	"strings"
)

var (
	thoughts     = regexp.MustCompile(`(?is)<(?:think|thinking|reasoning)>.*?</(?:think|thinking|reasoning)>`)
	openThought  = regexp.MustCompile(`(?is)^\P{L}*<(?:think|thinking|reasoning)>.*`)
	endOfThought = regexp.MustCompile(`(?is)^.*</(?:think|thinking|reasoning)>`)
	firstEnd     = regexp.MustCompile(`(?is)^.*?</(?:think|thinking|reasoning)>`)
	breakOfJSON  = regexp.MustCompile(`\\[nrt]`)
	escapeOfJSON = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|[\\"/bf])`)
)

// meaningsOf returns what an agent can have meant to be shown: with its thoughts removed
// or not, with the escapes of one line resolved or not, or only those of line breaks, and
// with the sections of data in XML resolved or not.
func meaningsOf(text string) []string {
	all := []string{text}
	for _, thoughts := range [][]*regexp.Regexp{{thoughts, openThought, endOfThought, openThought}, {endOfThought}, {firstEnd}} {
		answer := text
		for _, thought := range thoughts {
			answer = thought.ReplaceAllString(answer, "")
		}
		if answer != text {
			all = append(all, answer)
		}
	}
	for _, text := range all {
		if mayBeEscaped(text) {
			text = breakOfJSON.ReplaceAllString(text, "\n")
			all = append(all, text, escapeOfJSON.ReplaceAllStringFunc(text, func(raw string) string {
				if strings.Contains(`"\/`, raw[1:]) {
					return raw[1:]
				}
				return "†"
			}))
		}
	}
	for _, text := range all {
		if data := replaceUnescaped(cdata, text, "$1]"); data != text {
			all = append(all, data)
		}
	}
	for i, text := range all {
		all[i] = withoutLabels(text)
	}
	return all
}

// mayBeEscaped reports whether a text is one line that may be escaped.
func mayBeEscaped(text string) bool {
	line := strings.TrimSpace(text)
	n := strings.Count(line, `\n`)
	return !strings.Contains(line, "\n") && (n > 1 || n == 1 && (strings.Contains(line, `"`) || strings.Contains(line, `\n\t`)))
}

var (
	defines = regexp.MustCompile(`(?m)^[ \t>]*\[[^\[\]\n]+\]:[ \t]+<?(?i:https?://|mailto:|www\.).*$`)
	refers  = regexp.MustCompile(`(\[[^\[\]\n]+\])\[[^\[\]\n]*\]|\\?\[\^[^\[\]\s]+\]`)
)

// withoutLabels removes the definitions of links, and the labels of links and
// footnotes with their escape, from a text that has definitions.
func withoutLabels(text string) string {
	if !strings.Contains(text, "]:") {
		return text
	}
	text = defines.ReplaceAllStringFunc(text, func(raw string) string { return raw[:strings.IndexByte(raw, '[')] + endTagsIn(raw) })
	return refers.ReplaceAllStringFunc(text, func(raw string) string {
		return cmp.Or(refers.FindStringSubmatch(raw)[1], "†") + endTagsIn(raw)
	})
}

// hostileMarkers returns texts that are hard to parse for what agents write
// beyond Markdown.
func hostileMarkers(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)+1) }
	return map[string]string{
		"spaced links":           fill("[a](https://x.example/b c) "),
		"spaced links unclosed":  fill("[a](https://x.example/b c "),
		"spaced links quoted":    fill(`[a](https://x.example/b "c ' "`),
		"spaced links nested":    fill("[a](https://x.example/ ((("),
		"citations":              fill("[1][2, 3] "),
		"names of sources":       fill("【4:0†How to reset a password, part 1】"),
		"markers unclosed":       fill("【4:0†"),
		"thoughts":               fill("<think>a</think>b "),
		"thoughts unclosed":      "x " + fill("<think> "),
		"thoughts opened before": fill("a </think>\n"),
		"rows apart":             "|a|b|\n\n|-|-|\n\n" + fill("|c|d|\n\n"),
		"rows far apart":         fill("|a|\n") + fill("\n") + fill("|-|\n \n"),
		"escaped":                fill(`One.\nTwo\n- three C:\new\n`),
		"escaped quotes":         fill(`Say \"a\".\n\tThen \u00e9 `),
		"escaped paths":          fill(`C:\new\name `),
		"mrkdwn":                 fill("*a* <https://x.example|b> *c "),
		"mrkdwn stars":           "<https://x.example|b> " + fill("*a "),
		"typographic bullets":    fill("• a\n   ◦ b\n"),
		"references that grow":   fill("[a] ") + "\n\n[a]: https://x.example/" + strings.Repeat("b", 1400),
		"references":             fill("[a][b] ") + "\n\n[b]: https://x.example",
		"many definitions":       fill("[a] ") + "\n" + fill("[a]: https://x.example\n"),
		"footnotes":              fill("a[^1] ") + "\n" + fill("[^1]: b\n"),
		"emoji":                  fill(":tada: :+1:"),
		"emoji in a row":         fill(":tada:"),
		"not emoji":              fill("a:b:c::d "),
		"colons":                 fill(":"),
		"lists by two":           fill("1. a\n  - b\n"),
		"lists by less":          fill("1. a\n    - b\n  - c\n - d\n"),
		"pipes":                  fill("|"),
		"wider and wider":        "|a|\n|-|\n" + growing(size, "|b"),
		"extra pipes":            "|a|b|\n|-|-|\n" + fill("|x|y||||\n"),
		"pipes in code":          "|a|b|\n|-|-|\n" + fill("|`x|y`|z|\n"),
		"ticks in rows":          "|a|\n|-|\n" + fill("|`|``|```|\n"),
		"tables too wide":        "|a|\n" + fill("|-|\n") + strings.Repeat("|c", 1500) + "\n",
		"one wide row":           "|a|\n|-|\n" + fill("|b|\n") + strings.Repeat("|c", 1500) + "\n",
	}
}

// growing returns lines of one piece, of two pieces, and so on.
func growing(size int, piece string) string {
	var out strings.Builder
	for n := 1; out.Len() < size; n++ {
		out.WriteString(strings.Repeat(piece, n) + "\n")
	}
	return out.String()
}
