package blocks

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"enjobridge/enjo"
)

var renderings = []Rendering{Markdown, Mrkdwn, Plain, AsFile}

// checkAnswer states the law of answers for one text: whatever it is, Slack
// takes every rendering of it, and all of it can be read there in order.
func checkAnswer(t interface {
	Helper()
	Errorf(string, ...any)
}, text string,
) {
	t.Helper()
	want := certain(text)
	for _, as := range renderings {
		messages := Answer(AnswerView{
			Reply: enjo.Reply{Text: text}, Agent: "HR", Question: "T1/C1/1.2",
			ShowFeedback: true, ShowCreateTicket: true, ShowEscalate: true,
		}, as)
		var all strings.Builder
		for i, m := range messages {
			for _, problem := range checkMessage(m) {
				t.Errorf("%s, message %d of %d: %s", as, i+1, len(messages), problem)
			}
			all.WriteString(shown(m))
		}
		if lost, ok := contains(all.String(), want); !ok {
			t.Errorf("%s: lost %q\nshown %.2000q", as, lost, all.String())
		}
	}
}

// What may rightly not be seen as it was written, generously taken.
var markup = regexp.MustCompile("(?m:(?:```|~~~).*$)" + // the names of languages
	`|\]\([^\n]*` + // targets of links, which are percent-encoded
	`|&[^;\s]{1,40};` + // entities
	`|\d+[.)]` + // numbers of items, which are counted
	`|\[[xX]\]`) // check boxes

// certain returns the letters and digits of a text that must be seen.
func certain(text string) string {
	text = clean(text)
	if from, to := strings.Index(text, "<"), strings.LastIndex(text, ">"); 0 <= from && from < to { // tags
		text = text[:from] + text[to+1:]
	}
	return lettersOf(markup.ReplaceAllString(text, ""))
}

func lettersOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// contains reports whether all letters of want come in text, in order; if not,
// it returns what is missing.
func contains(text, want string) (missing string, ok bool) {
	rest := []rune(want)
	for _, r := range text {
		if len(rest) > 0 && r == rest[0] {
			rest = rest[1:]
		}
	}
	return string(rest), len(rest) == 0
}

func FuzzAnswer(f *testing.F) {
	for _, text := range seeds() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkAnswer(t, text) })
}

// TestHostileAnswers holds the law against what is built to break it.
func TestHostileAnswers(t *testing.T) {
	for name, text := range hostile(14_000) {
		t.Run(name, func(t *testing.T) { checkAnswer(t, text) })
	}
}

// hostile returns texts of about size bytes that are hard to parse or to cut.
func hostile(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)+1) }
	return map[string]string{
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
		"tasks":               fill("- [ ] a\n"),
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
	}
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
		"0. zero\n1. one\n   ```\n   x\n   ```\n2. two", "שלום **עולם**", "👩‍💻 *é*", "2. two\n4. four\n\n* a\n+ b", "    indented\n\ttab", "www.x.example a@b.example https://x.example/a_b_c.",
	}
	for _, text := range hostile(300) {
		all = append(all, text)
	}
	return all
}
