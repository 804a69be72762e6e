package blocks

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Ensure that a link that shows a different host also shows its target, however
// the shown host is put together.
func TestLabelsDoNotLie(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.SampledFrom([]string{"bank.example", "www.bank.example/login", "https://intranet/login", "localhost", "intranet:8080/login"}).Draw(t, "host")
		if rapid.Bool().Draw(t, "dots") {
			host = strings.ReplaceAll(host, ".", rapid.StringOfN(rapid.SampledFrom([]rune(oddDots)), 1, 1, -1).Draw(t, "dot"))
		}
		markdown := rapid.SampledFrom([]string{"", "See ", "("}).Draw(t, "before")
		for i, piece := range drawPieces(t, host) {
			if i > 0 {
				markdown += strings.Repeat("\u2063", rapid.SampledFrom([]int{0, 0, 1, 3 * wordLimit}).Draw(t, "between"))
			}
			piece = strings.Join(strings.Split(piece, ""), rapid.SampledFrom([]string{"", "", "\u034F", "\uFE0F", "\u2063", "\u2066", "\u200A"}).Draw(t, "unseen"))
			switch rapid.IntRange(0, 3).Draw(t, "link") {
			case 0:
				markdown += fmt.Sprintf("[%s](https://evil.test)", piece)
			case 1:
				markdown += fmt.Sprintf("<b>[%s](https://evil.test)</b>", piece)
			case 2:
				markdown += fmt.Sprintf("<a href='https://evil.test/%d'>%s</a>", i, piece)
			default:
				markdown += fmt.Sprintf("[<i>%s</i>](https://evil.test/%d)", piece, i)
			}
		}
		for _, b := range parse(clean(markdown)) {
			if text := textOf(b.(paragraph).text); !strings.Contains(text, " (evil.test)") {
				t.Errorf("%q is shown as %q", markdown, text)
			}
		}
	})
}

// drawPieces divides a text into up to three pieces.
func drawPieces(t *rapid.T, s string) []string {
	runes := []rune(s)
	a := rapid.IntRange(1, len(runes)).Draw(t, "a")
	b := rapid.IntRange(a, len(runes)).Draw(t, "b")
	var pieces []string
	for _, piece := range []string{string(runes[:a]), string(runes[a:b]), string(runes[b:])} {
		if piece != "" {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// Ensure that the check of adjacent links takes linear time: 40,000 in a row,
// each to a different host.
func TestManyTouchingLinks(t *testing.T) {
	var text strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&text, "[a.](https://x%d.example)", i)
	}
	if blocks := parse(text.String()); len(blocks) != 1 {
		t.Errorf("%d blocks", len(blocks))
	}
}
