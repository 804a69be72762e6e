package blocks

import (
	"strings"
	"testing"
)

// shownAsPlain returns an agent's text as plain text with an empty line between
// blocks.
func shownAsPlain(blocks []block) string {
	var got []string
	for _, b := range blocks {
		got = append(got, asPlain.write(b))
	}
	return strings.Join(got, "\n\n")
}

// Ensure that a link whose target has spaces leads to the whole target.
func TestSpacedLinks(t *testing.T) {
	for markdown, want := range map[string]string{
		"[Guide](https://acme.sharepoint.com/sites/IT/Shared Documents/VPN guide.pdf)":    "Guide (https://acme.sharepoint.com/sites/IT/Shared%20Documents/VPN%20guide.pdf)",
		"See [a](https://x.example/b c), [d](https://x.example/e f) and [g](https://y.x)": "See a (https://x.example/b%20c), d (https://x.example/e%20f) and g (https://y.x)",
		`[a](https://x.example/b c "the title")`:                                          "a (https://x.example/b%20c) (the title)",
		`[a](https://x.example/b c 'the (title')`:                                         "a (https://x.example/b%20c) (the (title)",
		`[a](<https://x.example/b c> "t")`:                                                "a (https://x.example/b%20c) (t)",
		"[a](<https://x.example/b c>)":                                                    "a (https://x.example/b%20c)",
		"[a](https://x.example/b (c) d.pdf)":                                              "a (https://x.example/b%20%28c%29%20d.pdf)",
		"([a](https://x.example/b c))":                                                    "(a (https://x.example/b%20c))",
		"[a](https://x.example/?q=b c&d=e f)":                                             "a (https://x.example/?q=b%20c&d=e%20f)",
		"[a](https://x.example/b%20c d)":                                                  "a (https://x.example/b%20c%20d)",
		"[a](HTTPS://x.example/b  c )":                                                    "a (https://x.example/b%20%20c)",
		"[a **b**](https://x.example/b c)":                                                "a b (https://x.example/b%20c)",
		"**[a](https://x.example/b c)**":                                                  "a (https://x.example/b%20c)",
		"![a](https://x.example/b c.png)":                                                 "a (https://x.example/b%20c.png)",
		"![a](https://x.example/b.png =100x200)":                                          "a (https://x.example/b.png)",
		"[![a](https://x.example/b c.png)](https://y.x/d e)":                              "a (https://y.x/d%20e)",
		"| a |\n|---|\n| [b](https://x.example/c d) |":                                    "a\n---------------------------\nb (https://x.example/c%20d)",
		"[a](mailto:a@x.example?subject=b c)":                                             "a (mailto:a@x.example?subject=b%20c)",
		"<https://x.example/b c|two words>":                                               "two words (https://x.example/b%20c)",
		`[a](https://x.example/b \) c)`:                                                   "a (https://x.example/b%20%29%20c)",
		// Not a link: no end, no host, two addresses, a line break, code.
		"[a](https://x.example/b c":                       "[a](https://x.example/b c",
		"[a](see https://x.example)":                      "[a](see https://x.example)",
		"[a](https://x.example and b)":                    "[a](https://x.example and b)",
		"[a](https://x.example/b or https://y.example/c)": "[a](https://x.example/b or https://y.example/c)",
		"[a](https://x.example/b\nc d)":                   "[a](https://x.example/b\nc d)",
		"`[a](https://x.example/b c)`":                    "[a](https://x.example/b c)",
		`[a](https://x.example/b c\ "t")`:                 `[a](https://x.example/b c\ "t")`,
		`\[a](https://x.example/b c)`:                     "[a](https://x.example/b c)",
		"a](https://x.example/b c)":                       "a](https://x.example/b c)",
	} {
		if got := shownAsPlain(parse(markdown)); got != want {
			t.Errorf("%s\n got %q\nwant %q", markdown, got, want)
		}
	}
}
