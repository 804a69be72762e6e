package blocks

import (
	"strings"
	"testing"
)

// Ensure that addresses are links after any text, and end where they should. A
// link is shown as <target>, or as <target|label> if its label differs.
func TestBareLinks(t *testing.T) {
	for text, want := range map[string]string{
		"详见https://x.example/a":       "详见<https://x.example/a>",
		"详见https://x.example/a。然后":    "详见<https://x.example/a>。然后",
		"详见：https://x.example/a，然后":   "详见：<https://x.example/a>，然后",
		"「https://x.example/a」を開く":    "「<https://x.example/a>」を開く",
		"（https://x.example/a）":       "（<https://x.example/a>）",
		"“https://x.example/a”":       "“<https://x.example/a>”",
		"링크는https://x.example/a입니다":   "링크는<https://x.example/a>입니다",
		"见https://x.example/wiki/首页。": "见<https://x.example/wiki/%E9%A6%96%E9%A1%B5|https://x.example/wiki/首页>。",
		"见https://x.example请点击":       "见<https://x.example>请点击",
		"见www.x.example/a。":           "见<http://www.x.example/a|www.x.example/a>。",
		"联系it@x.example。":             "联系<mailto:it@x.example|it@x.example>。",
		"联系：it@x.example；":            "联系：<mailto:it@x.example|it@x.example>；",
		"联系my_it@x.example":           "联系<mailto:my_it@x.example|my_it@x.example>",
		"URL:https://x.example/a":     "URL:<https://x.example/a>",
		"url=https://x.example/a":     "url=<https://x.example/a>",
		`"https://x.example/a"`:       `"<https://x.example/a>"`,
		`'https://x.example/a'`:       `'<https://x.example/a>'`,
		`'https://x.example/a', b`:    `'<https://x.example/a>', b`,
		"(https://x.example/a)":       "(<https://x.example/a>)",
		"(see https://x.example/a).":  "(see <https://x.example/a>).",
		"(https://x.example/a),b":     "(<https://x.example/a>),b",
		"https://x.example/a_(b)":     "<https://x.example/a_%28b%29|https://x.example/a_(b)>",
		"[https://x.example/a]":       "[<https://x.example/a>]",
		"{https://x.example/a}":       "{<https://x.example/a>}",
		"[see https://x.example/a":    "[see <https://x.example/a>",
		"|https://x.example/a":        "|<https://x.example/a>",
		"a,https://x.example/a;b":     "a,<https://x.example/a;b>",
		"<b>https://x.example/a</b>":  "<https://x.example/a>",
		"**https://x.example/a**":     "<https://x.example/a>",
		"**URL:**https://x.example/a": "URL:<https://x.example/a>",
		"_https://x.example/a_":       "<https://x.example/a>",
		"https://x.example/a.":        "<https://x.example/a>.",
		"https://x.example/a?b=1&c=2": "<https://x.example/a?b=1&c=2>",
		"https://x.example/?a&amp;b":  "<https://x.example/?a&b>",
		"https://x.example/a&gt;":     "<https://x.example/a>>",
		`https://x.example/a\_b`:      "<https://x.example/a_b>",
		"https://x.example/a_b_c":     "<https://x.example/a_b_c>",
		"https://x.example/über/a":    "<https://x.example/%C3%BCber/a|https://x.example/über/a>",
		"https://x.example/a—b":       "<https://x.example/a>—b",
		"https://x.example:8080/a":    "<https://x.example:8080/a>",
		"http://10.0.0.5/a":           "<http://10.0.0.5/a>",
		"http://intranet/a":           "<http://intranet/a>",
		"HTTPS://x.example/a":         "<https://x.example/a|HTTPS://x.example/a>",
		"https://x.example":           "<https://x.example>",
		"https://x.example, b":        "<https://x.example>, b",
		"my_it@x.example":             "<mailto:my_it@x.example|my_it@x.example>",
		"*it@x.example*":              "<mailto:it@x.example|it@x.example>",
		"'it@x.example'":              "'<mailto:it@x.example|it@x.example>'",
		"(it@x.example)":              "(<mailto:it@x.example|it@x.example>)",
		"to:it@x.example":             "to:<mailto:it@x.example|it@x.example>",
		// No links.
		"`https://x.example/a`":         "https://x.example/a",
		"```\nhttps://x.example/a\n```": "",
		"xhttps://x.example/a":          "xhttps://x.example/a",
		"git+https://x.example/a":       "git+https://x.example/a",
		"https://":                      "https://",
		"https:// x":                    "https:// x",
		"awww.x.example":                "awww.x.example",
		"www.x":                         "www.x",
		"josé.b@x.example":              "josé.b@x.example",
		"a@b":                           "a@b",
		"@x.example":                    "@x.example",
		"ssh://it:pw@x.example/a":       "ssh://it:pw@x.example/a",
		`https\://x.example/a`:          "https://x.example/a",
		// In other links.
		"[见https://x.example/a](https://y.example/b)":            "<https://y.example/b|见https://x.example/a> (y.example)",
		"<a href='https://y.example/b'>见https://x.example/a</a>": "<https://y.example/b|见https://x.example/a> (y.example)",
		"<https://x.example/a>":                                  "<https://x.example/a>",
		"|a|\n|-|\n|见https://x.example/a|":                       "",
	} {
		var out strings.Builder
		for _, b := range parse(text) {
			p, ok := b.(paragraph)
			if !ok {
				continue
			}
			for _, s := range p.text {
				switch {
				case s.url == "":
					out.WriteString(s.text)
				case s.url == s.text:
					out.WriteString("<" + s.url + ">")
				default:
					out.WriteString("<" + s.url + "|" + s.text + ">")
				}
			}
		}
		if got := out.String(); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
