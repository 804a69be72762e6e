package blocks

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"enjobridge/enjo"
)

var renderings = []Rendering{Rich, Markdown, Mrkdwn, Plain, AsFile}

// checkAnswer checks the law of answers for a text: Slack accepts every
// rendering of it, and each shows all of the text in order: in messages, and if
// there are many also as their beginning with a file.
func checkAnswer(t interface {
	Helper()
	Errorf(string, ...any)
}, text string,
) {
	t.Helper()
	var wants []string
	for _, meaning := range meaningsOf(clean(text)) {
		wants = append(wants, certain(meaning))
	}
	view := AnswerView{
		Reply: enjo.Reply{Text: text, Sources: exampleSources(4)}, Agent: "HR", Question: "T1/C1/1.2",
		ShowFeedback: true, ShowCreateTicket: true, ShowEscalate: true,
	}
	for _, as := range renderings {
		view.Whole = true
		messages := Answer(view, as)
		var all strings.Builder
		for i, m := range messages {
			for _, problem := range checkMessage(m) {
				t.Errorf("%s, message %d of %d: %s", as, i+1, len(messages), problem)
			}
			all.WriteString(shown(m))
		}
		if lost := lostOf(all.String(), wants); lost != "" {
			t.Errorf("%s: lost %q\nshown %.2000q", as, lost, all.String())
		}
		if view.Whole = false; len(messages) > messagesMost {
			checkBeginning(t, Answer(view, as), as, text)
		}
	}
}

// checkBeginning checks the beginning of a long answer, and its file.
func checkBeginning(t interface {
	Helper()
	Errorf(string, ...any)
}, messages []Message, as Rendering, text string,
) {
	t.Helper()
	for i, m := range messages {
		for _, problem := range checkMessage(m) {
			t.Errorf("%s, message %d of the beginning: %s", as, i+1, problem)
		}
	}
	if m := messages[0]; len(messages) > 1 || m.File == nil || !strings.HasPrefix(m.File.Content, meant(clean(text))) || !strings.Contains(m.Text, sayLong.Text()) {
		t.Errorf("%s: %d messages, the first is %.500q with the file %.500v", as, len(messages), m.Text, m.File)
	}
}

// shortened finds what is shown only in part: the data of data: URIs, and long base64.
var shortened = func() *regexp.Regexp {
	const of, data = `data:[\w.+-]+/[\w.+-]+`, `[^\s"'<>()\[\]{}|\\^` + "`" + `]*`
	const wrapped = `[A-Za-z0-9+/=]*(?:\n[A-Za-z0-9+/=]{40,})+`
	return regexp.MustCompile(of + `(?:[;,]` + data + `?)??;base64,` + wrapped + `(?::[\w.+-]+/[\w.+-]+;base64,` + wrapped + `)?|` + of + `(?:;[\w=.+-]+)*,` + data +
		`|[A-Za-z0-9+/=]{1000}[A-Za-z0-9+/=]{1000,}`)
}()

// withoutShortened removes what is shown only in part.
func withoutShortened(text string) string {
	text = replaceUnescaped(angledData, text, "$1")
	return shortened.ReplaceAllStringFunc(text, func(raw string) string {
		if strings.HasPrefix(raw, "data:") || looksEncoded(raw) {
			return "†" + raw[len(strings.TrimRight(raw, "-!")):] // a comment can end here
		}
		return raw
	})
}

// lostOf returns nothing if all of one meaning of a text is shown, else the characters
// that are missing of the last one.
func lostOf(shown string, wants []string) (lost string) {
	for _, want := range wants {
		if lost = missing(shown, want); lost == "" {
			return ""
		}
	}
	return lost
}

// missing returns what text lacks of the characters of want, which have to be in order.
func missing(text, want string) string {
	rest := []rune(want)
	for _, r := range lined(text) {
		if len(rest) > 0 && r == rest[0] {
			rest = rest[1:]
		}
	}
	return string(rest)
}

func FuzzAnswer(f *testing.F) {
	for _, text := range seeds() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkAnswer(t, text) })
}

// Ensure that the law of answers covers hostile texts.
func TestHostileAnswers(t *testing.T) {
	for name, text := range hostile(14_000) {
		t.Run(name, func(t *testing.T) { checkAnswer(t, text) })
	}
}

// hostile returns texts of about size bytes that are hard to parse or to cut.
func hostile(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)+1) }
	texts := map[string]string{
		"prose":               fill("The quick brown fox jumps over the lazy dog. "),
		"one word":            fill("a"),
		"short lines":         fill("a\n"),
		"paragraphs":          fill("a\n\n"),
		"quotes in quotes":    fill("> ") + "x",
		"quotes without end":  fill(">"),
		"lists in lists":      fill("- ") + "x",
		"numbers in numbers":  fill("1. ") + "x",
		"lists by indent":     stairs(size),
		"lazy quotes":         strings.Repeat("> ", 2500) + fill("a\n"),
		"brackets":            fill("["),
		"brackets closed":     fill("[") + fill("]"),
		"links in links":      strings.Repeat("[", size/20) + "x" + strings.Repeat("](https://x.example)", size/20),
		"images":              fill("![a]("),
		"stars":               fill("*a "),
		"stars back":          fill("a* "),
		"stars and bars":      fill("*a _b "),
		"triple stars":        fill("***a** "),
		"tildes":              fill("~~a "),
		"backticks":           ticks(size),
		"fences":              fill("```\n"),
		"fences after text":   fill("a ```\n"),
		"fences in an item":   "- a ```\n" + fill("  b ```\n") + "```\n",
		"fences and words":    "```\n" + fill("a```\n"),
		"fences with text":    fill("```\nls\n``` now\n"),
		"fence unclosed":      "```go\n" + fill("x := 1\n"),
		"fence of one line":   "```\n" + fill("x"),
		"tags":                fill("<a "),
		"bold tags":           fill("<b>"),
		"lists of HTML":       fill("<ul><li>"),
		"links of HTML":       fill(`<a href="https://x.example">`),
		"comments":            fill("<!--"),
		"entities":            fill("&amp;"),
		"ampersands":          fill("&"),
		"angles":              fill("<"),
		"closing angles":      fill(">x\n\n<"),
		"backslashes":         fill(`\`),
		"wide table":          "|" + fill("a|") + "\n|" + strings.Repeat("-|", size/2) + "\n|" + fill("b|"),
		"long table":          "|a|b|\n|-|-|\n" + fill("|x|y|\n"),
		"ragged table":        "|" + strings.Repeat("a|", 500) + "\n|" + strings.Repeat("-|", 500) + "\n" + fill("b\n"),
		"table of delimiters": fill("|-|\n"),
		"escaped pipes":       "|a|\n|-|\n" + fill("|`\\|`|\n"),
		"tables":              fill("|a|b|\n|-|-|\n|x|y|\n\n"),
		"table of fat cells":  "|a|b|\n|-|-|\n" + strings.Repeat("|"+strings.Repeat("cell ", 300)+"|x|\n", size/1500),
		"table of long rows":  "|" + strings.Repeat("a|", 15) + "\n|" + strings.Repeat("-|", 15) + "\n" + strings.Repeat("|"+strings.Repeat("cells ", 30)+strings.Repeat("|"+strings.Repeat("cells ", 30), 14)+"|\n", size/2700),
		"table of ampersands": "|" + strings.Repeat("a|", 12) + "\n|" + strings.Repeat("-|", 12) + "\n" + strings.Repeat("|"+strings.Repeat(strings.Repeat("&", 170)+"|", 12)+"\n", size/2000),
		"table of headers":    "|" + strings.Repeat(strings.Repeat("head ", 100)+"|", 8) + "\n|" + strings.Repeat("-|", 8) + "\n" + fill("|x|y|\n"),
		"quote":               fill("> Some words in a quote.\n>\n"),
		"quote of lists":      fill("> - one\n> - two\n>\n> text\n>\n"),
		"long item":           "1. a\n2. " + fill("b c d e.\n\n   ") + "\n3. c\n",
		"long item of code":   "1. a\n   ```go\n" + fill("   x := 1\n") + "   ```\n2. b\n",
		"links in prose":      fill("Read [the guide](https://x.example/guide?a=1&b=2) first. "),
		"code of empty lines": "```\na\n" + fill("\n") + "b\n```",
		"headings":            fill("# a\n"),
		"long heading":        "# " + fill("a*b* "),
		"rules":               fill("---\n"),
		"headings and prose":  fill("## Heading 7\n\n" + strings.Repeat("word ", 100) + "\n\n"),
		"headings in items":   fill("- a\n\n  # h\n\n"),
		"headings and text":   "- a\n\n" + fill("  # h\n\n  text\n\n"),
		"headings in quotes":  fill("> # h\n>\n> text\n>\n"),
		"rules in items":      fill("- a\n\n  ***\n\n"),
		"numbers apart":       fill("404. a\n500. b\n"),
		"numbers in items":    fill("- 9. a\n  5. b\n"),
		"touching links":      fill("[a](https://x.example/1)[b](https://y.example/2)"),
		"tags of HTML":        fill("<table><tr><td>a</td></tr></table> <code> "),
		"cells of HTML":       fill("<td> </td>"),
		"tags apart":          fill("<i>") + fill("</i>"),
		"tags crossed":        fill("<i>a<b>b</i>c</b>"),
		"numbered HTML":       fill("<ol start=7><li value='3'>a</ol>"),
		"tasks":               fill("- [ ] a\n"),
		"divs in divs":        fill("<div>") + "x",
		"divs and ends":       fill("<div>") + "x" + fill("</div>"),
		"ends only":           fill("</div>"),
		"paragraphs of HTML":  fill("<p>a"),
		"bold and rules":      fill("<b>") + fill("<hr>"),
		"lists in lists HTML": strings.Repeat("<ul><li>a", size/20) + strings.Repeat("</li></ul>", size/20),
		"quotes of HTML":      strings.Repeat("<blockquote>a", size/30) + strings.Repeat("</blockquote>", size/30),
		"tables in tables":    strings.Repeat("<table><tr><td>a", size/35) + strings.Repeat("</td></tr></table>", size/35),
		"tables and lines":    strings.Repeat("<table><tr><td>", 250) + fill("a<br>") + strings.Repeat("</td></tr></table>", 250),
		"ragged HTML table":   "<table><tr>" + strings.Repeat("<td>a</td>", size/20) + "</tr>" + strings.Repeat("<tr><td>b</td></tr>", size/40) + "</table>",
		"spans of cells":      "<table>" + fill("<tr><td colspan=999 rowspan=999>a</td></tr>") + "</table>",
		"raised text":         "<p>" + fill("x<sup>2</sup>") + "</p>",
		"raised in raised":    "<p>" + fill("<sup>") + "x" + fill("</sup>") + "</p>",
		"links in HTML":       "<div>" + fill("<a href='https://x.example'>a") + "</div>",
		"links around blocks": "<div>" + fill("<a href='https://x.example'><p>a</p>") + "</div>",
		"scripts":             "<div>" + fill("<script>"),
		"styles and scripts":  "<div>" + fill("<style>a<script>b"),
		"comments in HTML":    "<div>" + fill("<!-- a -->b") + "</div>",
		"comments open":       "<div>" + fill("<!-- a "),
		"sections of data":    "<div>" + fill("<![CDATA[a") + "</div>",
		"attributes":          "<div>" + fill("<a b=c d=e") + "</div>",
		"quotes in tags":      "<div>" + fill("<a b=\"") + "</div>",
		"Markdown in HTML":    "<div>\n\n" + fill("<b>\n\n**a**\n\n") + "</div>",
		"Markdown in cells":   "<table>" + fill("<tr><td>\n\n- a\n\n</td></tr>") + "</table>",
		"code in HTML":        "<div>" + fill("`<p>` ") + "</div>",
		"fences in HTML":      "<div>\n\n" + fill("```\n<p>\n```\n\n") + "</div>",
		"islands":             "a\n" + fill("<ul><li>a</li></ul>\nb\n\n"),
		"islands in quotes":   "a\n" + fill("> <ul><li>a</li>\n> </ul>\n\n"),
		"details":             "a\n\n" + fill("<details><summary>a</summary>\n\n- b\n"),
		"pre":                 fill("<pre>") + "x" + fill("</pre>"),
		"terms":               "<dl>" + fill("<dt>a<dd>b") + "</dl>",
		"macros":              fill("<ac:structured-macro ac:name='code'><ac:plain-text-body><![CDATA[a]]></ac:plain-text-body></ac:structured-macro>"),
		"empty items":         fill("1.\n"),
		"accents":             "e" + fill("\u0301"),
		"families":            fill("👨‍👩‍👧‍👦"),
		"flags":               fill("🇩🇪"),
		"joiners":             fill("\u200D"),
		"arabic":              fill("مرحبا بالعالم "),
		"right to left":       fill("\u202Eabc\u202C "),
		"controls":            fill("\x00\x01\x1b[31ma\x7f"),
		"broken UTF-8":        fill("a\xff\xfe\xed\xa0\x80"),
		"pings":               fill("<!channel> <@U123> <#C1|x> <!subteam^S1> "),
		"ping in code":        fill("`<!channel>`\n```\n<!here>\n```\n"),
		"long link":           "[a](https://x.example/" + fill("&") + ")",
		"long label":          "[" + fill("a ") + "](https://x.example/" + strings.Repeat("&", 250) + ")",
		"bare links":          fill("https://x.example/a_b "),
		"addresses":           fill("a@b.example "),
		"returns":             fill("a\r"),
		"tabs":                fill("\t- a\n"),
		"definitions":         fill("[a]: https://x.example\n"),
		"setext":              fill("a\n===\n"),
		"embedded image":      "![a](data:image/png;base64," + fill("iVBORw0KGgo") + ") b",
		"embedded images":     fill("![a](data:image/png;base64,iVBORw0KGgo=) "),
		"embedded text":       fill("data:text/plain,"),
		"base64":              fill("iVBORw0KGgo"),
		"base64 in lines":     "data:a/b;base64,\n" + fill(strings.Repeat("iVBORw0K", 9)+"\n"),
		"scripts of HTML":     fill("[a](javascript:" + strings.Repeat("b", 300) + ") "),
	}
	maps.Copy(texts, hostileMarkers(size))
	return texts
}

func stairs(size int) string {
	var out strings.Builder
	for depth := 0; out.Len() < size; depth++ {
		out.WriteString(strings.Repeat("  ", depth) + "- a\n")
	}
	return out.String()
}

func ticks(size int) string {
	var out strings.Builder
	for n := 1; out.Len() < size; n++ {
		out.WriteString(strings.Repeat("`", n) + "a")
	}
	return out.String()
}

// faults are texts of which parts were lost or changed once.
var faults = []string{
	"Password:\n```hunter2\n```\nEnter it.", "Password:\n~~~hunter2\n~~~\nEnter it.", "> a\n> ```hunter2\n> ```\n> b",
	"Run ```\nls\n``` now.", "```Please run this\nls\n```", `Open \\fileserver\public and %APPDATA%\.config`, `As \\fileserver\_public or ..\_x`,
	"See [a][1] and b[^1].\n\n[1]: https://x.example\n[^1]: c", "|a|b|\n|-|-|\n|1|2|3|", "- # a\n- ```\n  b\n  ```", "1. a\n  - b\n2. c",
	"<think>a</think>b", "<table>\n<tr>\n<td>\na\n</td>\n</tr>\n</table>", `C:\PROGRA~1\MICROS~1`, "2*3*4", "<https://x.example/a b|c>",
}

// seeds returns small texts of every kind.
func seeds() []string {
	all := []string{
		"", " ", "Hello", "# Title\n\nSome **bold**, *italic*, ~~struck~~ and `code`.",
		"1. one\n2. two\n   - nested\n   ```sh\n   ls > x\n   ```\n3. three",
		"- [x] done\n- [ ] open\n\n> quoted\n> > twice", "| a | b |\n|:-:|--:|\n| 1 | `x\\|y` |\n|   |",
		"<p>Hi <b>there</b><br>you &amp; me</p><ul><li>a</li><li>b</li></ul>", `<a href="https://x.example">x</a>`,
		"[bank.example](https://evil.example) [x](javascript:alert(1)) ![i](https://x.example/i.png \"t\")",
		"<https://x.example|label> <@U1> <!channel> <!date^1^{date}|x>", "a\\*b\\_c &lt;!here&gt; &#60;",
		"```\n<!channel>\n```", "`List<String>`", "snake_case __init__ *.txt 5 * 3 ~5 to ~6", "x\n---\ny", "C #\n\n# C#\n\n#",
		"- [ ] `<a>`\n- [x] `<b>`", "|a|\n|-|", `<a href="https://x.example">a <https://y.example> b</a> <img> <img alt="a">`,
		"[see https://x.example](https://y.example) [![a](https://x.example/i.png \"t\")](https://y.example)",
		"[a **b** c](https://x.example)", `Wow\![a](https://x.example)`, `\[[a](https://x.example)\]`,
		"404. Not found\n500. Server error\n503. Unavailable", "1. a\n3. b\n7. c", `<ol start="5"><li>a</li><li value="9">b</ol>`,
		"Enter the <code> from your phone, then run UPDATE <table> SET x", "if a <b and c> d <i>e</i>", "[bank](https://evil.example)[.example/login](https://evil.example)",
		`<a href="https://evil.example/secret">read [this](https://x.example) first</a>`, "[bank\uFE52example](https://evil.example) [paypal.com](https://p\u0430ypal.com)",
		"0. zero\n1. one\n   ```\n   x\n   ```\n2. two", "שלום **עולם**", "👩‍💻 *é*", "2. two\n4. four\n\n* a\n+ b", "    indented\n\ttab", "www.x.example a@b.example https://x.example/a_b_c.",
	}
	all = append(all, faults...)
	for _, text := range hostile(300) {
		all = append(all, text)
	}
	return all
}

// Ensure that the law of answers covers short texts from which Slack makes
// many blocks.
func TestManyBlocks(t *testing.T) {
	prose := strings.Repeat("word ", 100)
	for name, piece := range map[string]string{
		"headings":           "## Heading\n\n" + prose + "\n\n",
		"rules":              "a\n\n---\n\n",
		"items of headings":  "- a\n\n  # h\n\n",
		"items of rules":     "- a\n\n  ***\n\n",
		"an item":            "  # h\n\n  text\n\n",
		"an item of rules":   "  ***\n\n  text\n\n",
		"a quote":            "> # h\n>\n> text\n>\n",
		"a list in a quote":  "> - a\n>\n>   # h\n>\n",
		"code and paragraph": "```\n# a\n```\n\n<a\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{9, 19, 40, 60, 100} {
				checkAnswer(t, "- start\n\n"+strings.Repeat(piece, n))
			}
		})
	}
}
