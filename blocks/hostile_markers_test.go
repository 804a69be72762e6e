package blocks

import "strings"

// hostileMarkers returns texts that are hard to parse for what agents write
// beyond Markdown.
func hostileMarkers(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)+1) }
	return map[string]string{
		"spaced links":          fill("[a](https://x.example/b c) "),
		"spaced links unclosed": fill("[a](https://x.example/b c "),
		"spaced links quoted":   fill(`[a](https://x.example/b "c ' "`),
		"spaced links nested":   fill("[a](https://x.example/ ((("),
	}
}
