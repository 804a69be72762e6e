package blockkit

import (
	"strings"
	"testing"
)

// Ensure that Markdown becomes the right HTML, ignoring classes.
func TestMarkdown(t *testing.T) {
	for _, test := range [][2]string{
		{
			"**bold** __bold__ *italic* _italic_ ~~struck~~ `code`",
			"<p><strong>bold</strong> <strong>bold</strong> <em>italic</em> <em>italic</em> <s>struck</s> <code>code</code></p>",
		},
		{"***all***", "<p><em><strong>all</strong></em></p>"},
		{"# One\n## Two", "<h3>One</h3><h3>Two</h3>"},
		{"a\nb", "<p>a<br>b</p>"},
		{"a\n\nb", "<p>a</p><p>b</p>"},
		{"- a\n- b", "<ul><li>a</li><li>b</li></ul>"},
		{"3. a\n4. b", `<ol start="3"><li>a</li><li>b</li></ol>`},
		{"- [x] a\n- [ ] b", `<ul><li><input type="checkbox" checked="checked" disabled="disabled"><div>a</div></li>` +
			`<li><input type="checkbox" disabled="disabled"><div>b</div></li></ul>`},
		{"> q\n> r", "<blockquote><p>q<br>r</p></blockquote>"},
		{"&gt; not a quote", "<p>&gt; not a quote</p>"},
		{"```go\na < b\n```", "<pre>a &lt; b</pre>"},
		{"```\na &lt; b\n```", "<pre>a &lt; b</pre>"},
		{"`a &lt; b`", "<p><code>a &lt; b</code></p>"},
		{"---", "<hr>"},
		{"[x](https://example.com)", `<p><a href="https://example.com">x</a></p>`},
		{"[x](javascript:alert(1))", "<p>x &lt;javascript:alert(1)&gt;</p>"},
		{"[x](https://example.com?a=1&amp;b=2)", `<p><a href="https://example.com?a=1&amp;b=2">x</a></p>`},
		{"https://example.com", `<p><a href="https://example.com">https://example.com</a></p>`},
		{"![alt](https://example.com/i.png)", `<p><a href="https://example.com/i.png">alt</a></p>`},
		{"<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>"},
		{"<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"},
		{"<div>\n\n*x*\n</div>", "<p>&lt;div&gt;</p><p><em>x</em><br>&lt;/div&gt;</p>"},
		{"<!-- comment -->", "<p>&lt;!-- comment --&gt;</p>"},
		{"<!channel> wakes <@U1> and <!subteam^S1>", "<p><span>@channel</span> wakes <span>@Ada</span> and <span>@on-call</span></p>"},
		{"&lt;!channel&gt;", "<p>&lt;!channel&gt;</p>"},
		{"**<!here>**", "<p><strong><span>@here</span></strong></p>"},
		{"<https://example.com|label>", `<p><a href="https://example.com">label</a></p>`},
		{"<https://example.com>", `<p><a href="https://example.com">https://example.com</a></p>`},
		{"[a <https://example.com|b> c](https://example.org)", `<p><a href="https://example.org">a b c</a></p>`},
		{"AT&T &copy; &amp; \\*star\\*", "<p>AT&amp;T © &amp; *star*</p>"},
		{":tada: 10:30", "<p><span>🎉</span> 10:30</p>"},
		{"| a | b |\n|:-:|--:|\n| 1 | *2* |", `<div role="region" dir="auto"><table><tr><th scope="col">a</th><th scope="col">b</th></tr>` +
			`<tr><td>1</td><td><em>2</em></td></tr></table></div>`},
	} {
		w := &htmlWriter{r: workspace{}}
		w.nodes(parseMarkdown(test[0]))
		want := strings.ReplaceAll(test[1], ` role="region"`, "")
		if got := bare(w.b.String()); got != want {
			t.Errorf("%q\n got %s\nwant %s", test[0], got, want)
		}
		isSafe(t, w.b.String())
	}
}

// Ensure that Markdown that is made to be slow, or to nest without end, is
// neither.
func TestMarkdownHostile(t *testing.T) {
	for _, piece := range []string{"> ", ">", "- ", "* ", "1. ", "[", "![", "(", "*a ", "**a", "_", "~~a", "`a ``", "<a", "<!", "|a", "[a](", "\\[", "&lt;", "a\n"} {
		text := strings.Repeat(piece, maxMarkdown/len(piece))
		w := &htmlWriter{r: workspace{}}
		w.nodes(parseMarkdown(text))
		isSafe(t, w.b.String())
	}
	deep := strings.Repeat("> ", 100) + "bottom"
	w := &htmlWriter{r: workspace{}}
	w.nodes(parseMarkdown(deep))
	if quotes := strings.Count(w.b.String(), "<blockquote"); quotes > maxDepth+2 {
		t.Errorf("%d quotes in one another", quotes)
	}
	if !strings.Contains(w.b.String(), "bottom") {
		t.Error("deeply nested text is lost")
	}
}
