package blocks

import "strings"

// meant returns the Markdown that an agent meant: without its thoughts, with line
// breaks for "\n", with Markdown for Slack's own markup, without blank lines in
// tables, and with the targets of references in their places.
func meant(text string) string {
	return withReferences(withWholeTables(withListMarkers(fromMrkdwn(unescaped(withoutThoughts(text))))))
}

// eachLine returns a text with a function applied to each line, which learns
// whether the line is in fenced code or a fence.
func eachLine(text string, f func(line string, inFence bool) string) string {
	var out strings.Builder
	fence := ""
	for line := range strings.Lines(text) {
		was := fence
		fence = fenceAfter(fence, line)
		out.WriteString(f(line, was != "" || fence != ""))
	}
	return out.String()
}

// fenceAfter returns the fence that is open after a line; empty for none.
func fenceAfter(fence, line string) string {
	line = strings.TrimSpace(strings.TrimLeft(line, " \t>"))
	if fence != "" {
		if strings.HasPrefix(line, fence) && strings.Trim(line, fence[:1]) == "" {
			return ""
		}
		return fence
	}
	for _, c := range []string{"`", "~"} {
		rest := strings.TrimLeft(line, c)
		if n := len(line) - len(rest); n >= 3 && (c == "~" || !strings.Contains(rest, c)) {
			return line[:n]
		}
	}
	return ""
}

// codeAt reports for each of some ascending offsets in a text whether it is in
// code: between fences, or after an odd number of backticks in its line.
func codeAt(text string, offsets []int) []bool {
	in := make([]bool, len(offsets))
	next, start := 0, 0
	eachLine(text, func(line string, inFence bool) string {
		ticks, from := 0, 0
		for ; next < len(offsets) && offsets[next] < start+len(line); next++ {
			at := offsets[next] - start
			ticks += strings.Count(line[from:at], "`")
			from = at
			in[next] = inFence || ticks%2 == 1
		}
		start += len(line)
		return ""
	})
	return in
}
