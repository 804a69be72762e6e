package blocks

import (
	"regexp"
	"strings"
)

var thoughtTag = regexp.MustCompile(`(?i)<(/?)(?:think|thinking|reasoning)>`)

// withoutThoughts removes what a model thought before it answered: <think> up to
// </think>. Without the end, all is thought if nothing comes before; without the
// start, all before </think> if the tag starts or ends a line. Tags in code stay.
func withoutThoughts(text string) string {
	tags := thoughtTag.FindAllStringSubmatchIndex(text, -1)
	if tags == nil {
		return text
	}
	starts, lastEnd := make([]int, len(tags)), -1
	for i, t := range tags {
		starts[i] = t[0]
		if closes(t) {
			lastEnd = i
		}
	}
	code := codeAt(text, starts)
	var out strings.Builder
	kept := 0
	for i := 0; i < len(tags); i++ {
		start, end := tags[i][0], tags[i][1]
		switch {
		case code[i] || start < kept:
		case closes(tags[i]):
			alone := startsOrEndsLine(text, start, end)
			if (kept == 0 && alone) || (kept > 0 && blank(text[kept:start])) {
				kept = end
			}
		case i < lastEnd:
			out.WriteString(text[kept:start])
			for !closes(tags[i]) {
				i++
			}
			kept = tags[i][1]
		case blank(out.String()) && blank(text[kept:start]):
			return ""
		}
	}
	out.WriteString(text[kept:])
	if rest := strings.TrimLeft(out.String(), "\n"); !blank(rest) {
		return rest
	}
	return ""
}

func closes(tag []int) bool { return tag[3] > tag[2] }

func startsOrEndsLine(text string, start, end int) bool {
	before, after := strings.TrimRight(text[:start], " \t"), strings.TrimLeft(text[end:], " \t")
	return before == "" || after == "" || before[len(before)-1] == '\n' || after[0] == '\n'
}
