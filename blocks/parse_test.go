package blocks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Ensure that a paragraph that was cut for the parser is joined again, whatever
// is at the cut.
func TestLongParagraphsStayWhole(t *testing.T) {
	for name, text := range map[string]string{
		"words":        strings.TrimSpace(strings.Repeat("word ", 5000)),
		"lines":        strings.TrimSpace(strings.Repeat("some words\n", 5000)),
		"one word":     strings.Repeat("wörd", 5000),
		"markup":       strings.Repeat("]", 100) + " ]x" + strings.Repeat("]", 1600),
		"markup words": strings.TrimSpace(strings.Repeat("] ", 2000)),
		"markup lines": strings.TrimSpace(strings.Repeat("]\n", 2000)),
	} {
		t.Run(name, func(t *testing.T) {
			for before, after := range map[string]string{"": "", "> ": "> ", "- ": "  "} {
				blocks := parse(before + strings.ReplaceAll(text, "\n", "\n"+after))
				for len(blocks) == 1 {
					switch b := blocks[0].(type) {
					case quote:
						blocks = b.blocks
						continue
					case list:
						blocks = b.items[0].blocks
						continue
					case paragraph:
						if got := textOf(b.text); got != text {
							t.Errorf("after %q: got %d bytes, want %d: %.300q", before, len(got), len(text), got)
						}
					}
					break
				}
				if len(blocks) != 1 {
					t.Errorf("after %q: %d paragraphs", before, len(blocks))
				}
			}
		})
	}
}

// faultyParser fails like a parser with a bug.
type faultyParser struct{ parser.Parser }

func (faultyParser) Parse(text.Reader, ...parser.ParseOption) ast.Node { panic("index out of range") }

// Ensure that an answer is shown as it is if the parser fails.
func TestFaultyParser(t *testing.T) {
	want := []block{paragraph{[]span{{text: "**a**\n<!here>"}}}}
	got := parseWith(faultyParser{}, "**a**\n<!here>\n")
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(paragraph{}, span{})); diff != "" {
		t.Error(diff)
	}
}

// Ensure that an agent's text is parsed correctly; shown as plain text with an
// empty line between blocks.
func TestParse(t *testing.T) {
	for markdown, want := range map[string]string{
		"a\nb":                          "a\nb",
		"a  \nb\\\nc":                   "a\nb\nc",
		"a\n---\nb":                     "a\n\n———\n\nb",
		"a\n===":                        "a\n===",
		"# a #":                         "a",
		"1) a\n2) b":                    "1. a\n2. b",
		"1. a\n1. b":                    "1. a\n2. b",
		"1. a\n2.\n3. c":                "1. a\n\n2.\n\n3. c",
		"42.":                           "42.",
		"2024)":                         "2024)",
		"-":                             "-",
		"- a\n-\n- b":                   "• a\n\n• b",
		"0. a\n1. b":                    "0. a\n1. b",
		"- [ ] a\n- [X] b":              "• ☐ a\n• ☑ b",
		"> a\n> > b":                    "> a\n> \n> b",
		"```go\na\n\nb\n```":            "a\n\nb",
		"```\n```":                      "```\n```",
		"```how to do it\na\n```":       "how to do it\n\na",
		"``` \n a\n```":                 " a",
		"    a\n\n    b":                "a\n\nb",
		"`a\nb`":                        "a b",
		"|a|b|\n|-|-|\n|1|":             "a | b\n-----\n1 | –",
		"|a|\n|-|\n|1|2|":               "a | –\n-----\n1 | 2",
		"|a|\n|-|\n|`1\\|2`|":           "a\n---\n1|2",
		"|a|\n|-|":                      "a\n---",
		"<img> <img alt='a'>":           "<img> <img alt='a'>",
		"a<br>b<br/>c":                  "a\nb\nc",
		"<p>a</p><p>b</p>":              "a\n\nb",
		"<ul><li>a</li><li>b</ul>":      "• a\n• b",
		"<ol><li>a<li>b</ol>c":          "1. a\n2. b\n\nc",
		"<tr><td>a</td><td>b</td></tr>": "a | b",
		"<unknown x='1'>a</unknown>":    "<unknown x='1'>a</unknown>",
		"a <!-- b --> c":                "a <!-- b --> c",
		"&lt;b&gt; &amp;amp; &nope;":    "<b> &amp; &nope;",
		"&ampbr&gt; &ampere; &semi;":    "&ampbr> &ampere; ;",
		"&#60;!channel&#62;":            "<!channel>",
		`\<b\> \& \\`:                   `<b> & \`,
		"&#27;[31m":                     "[31m",
		"a\u202Eb\x1b\x00c":             "abc",
		"a\xffb":                        "a\uFFFDb",
		"a\r\nb\rc\u2028d":              "a\nb\nc\nd",
		"<b>":                           "<b>",
		"404. a\n500. b\n501. c":        "404. a\n\n500. b\n501. c",
		"1. a\n3. b\n7. c":              "1. a\n\n3. b\n\n7. c",
		"1. a\n1. b\n3. c\n1. d":        "1. a\n2. b\n3. c\n\n1. d",
		"- 3. a\n  5. b":                "• 3. a\n    5. b",
		"Enter the <code> from your phone, run UPDATE <table> SET x": "Enter the <code> from your phone, run UPDATE <table> SET x",
		"if a <b and c> d then e</b>":                                "if a <b and c> d then e</b>",
		"<b>ssh -i <key> -p <p></b> <i>x</b>":                        "ssh -i <key> -p <p> <i>x</b>",
		"<ol start='5'><li>a</li><li>b</li></ol>":                    "5. a\n6. b",
		"<ol><li>a<li value=7>b<li>c</ol>":                           "1. a\n\n7. b\n8. c",
		"<table><tr><td>a<td>b</table>":                              "a | b",
		"<p>a</p> <b nowrap>b</b>":                                   "a\n\n<b nowrap>b</b>",
	} {
		var got []string
		for _, b := range parse(clean(markdown)) {
			got = append(got, asPlain.write(b))
		}
		if s := strings.Join(got, "\n\n"); s != want {
			t.Errorf("%q\n got %q\nwant %q", markdown, s, want)
		}
	}
}

// Ensure that styles are rendered in mrkdwn.
func TestStyles(t *testing.T) {
	for markdown, want := range map[string]string{
		"**a** *b* ~~c~~ `d`":         "*a* _b_ ~c~ `d`",
		"***a***":                     "*_a_*",
		"**a `b`**":                   "*a* *`b`*",
		"a**b**c":                     "abc",
		"**a**, (*b*)":                "*a*, (_b_)",
		"<b>a <i>b</i></b> c":         "*a* *_b_* c",
		"<b>a <i>b</b> c":             "*a &lt;i&gt;b* c",
		"<code>a</code> <kbd>b</kbd>": "`a` `b`",
		"[**a**](https://x.example)":  "*<https://x.example|a>*",
		"[a|b](https://x.example)":    "<https://x.example|a|b>",
		"5 * 3 * 2 snake_case_name":   "5 * 3 * 2 snake_case_name",
		`\*a\*`:                       "*\u200Aa*",
		"`a``b`":                      "a`\u200A`\u200Ab",
		`\> a`:                        "\u200B&gt; a",
		"`<!channel>` & <@U1>":        "`&lt;!channel&gt;` &amp; &lt;@U1&gt;",
	} {
		var got []string
		for _, b := range parse(markdown) {
			got = append(got, asMrkdwn.write(b))
		}
		if s := strings.Join(got, "\n\n"); s != want {
			t.Errorf("%q\n got %q\nwant %q", markdown, s, want)
		}
	}
}
