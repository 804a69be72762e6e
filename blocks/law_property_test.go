package blocks

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"enjobridge/enjo"
)

// document draws Markdown with numbered words, so that each can be found.
type document struct {
	t        *rapid.T
	words    int
	targets  []string // of links, which must be shown somewhere
	literals []string // texts that must be shown as they are
}

func (d *document) word() string {
	d.words++
	return fmt.Sprintf("w%dw", d.words)
}

// literal returns a text that must be shown as it is.
func (d *document) literal(text string) string {
	d.literals = append(d.literals, text)
	return text
}

// text draws up to n words in any style.
func (d *document) text(n int) string {
	var out []string
	for range rapid.IntRange(1, n).Draw(d.t, "words") {
		w := d.word()
		switch rapid.IntRange(0, 20).Draw(d.t, "style") {
		case 0:
			w = "**" + w + "**"
		case 1:
			w = "*" + w + " " + d.word() + "*"
		case 2:
			w = "`" + w + "`"
		case 3:
			w = "[" + w + "](https://x.example/a?b=1&c=2)"
		case 4:
			w = "~~" + w + "~~"
		case 5:
			w = "<b>" + w + "</b>"
		case 6:
			w = "`<" + w + ">`"
		case 7:
			w = "a < " + w + " & b"
		case 8:
			w = "\\*" + w + "\\*"
		case 9:
			w = "[" + w + "](javascript:x)"
		case 10:
			w = "<kbd " + w + "> <kbd>"
		case 12:
			w = d.literal(`C:\_` + w + `\*.log`)
		case 13:
			w = d.literal(`\\server\` + w + `\_x`)
		case 14:
			w = d.literal("$" + w + "=50%")
		case 15:
			w = "**重要：**" + w + "**。**"
		case 16:
			w = "见https://x.example/" + w + "。"
		case 17:
			w = d.literal(`C:\PROGRA~1\` + w + `\MICROS~1`)
		case 18:
			w = d.literal("2*3*4=" + w)
		case 19: // each entity and each backslash is resolved once
			w = "&amp;" + d.literal("lt;"+w)
		case 20:
			w = "\\\\" + d.literal(`\*`+w)
		case 11:
			d.targets = append(d.targets, fmt.Sprintf("https://x.example/t%dt", d.words))
			w = "<a href='" + d.targets[len(d.targets)-1] + "'>" + w + " [" + d.word() + "](https://y.example) " + d.word() + "</a>"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

func (d *document) block(depth int) string {
	kind := rapid.IntRange(0, 8).Draw(d.t, "kind")
	switch {
	case kind == 0:
		return strings.Repeat("#", rapid.IntRange(1, 6).Draw(d.t, "level")) + " " + d.text(6)
	case kind == 1:
		return "```go\n" + strings.Repeat(d.word()+" x\n", 1) + d.word() + " < y\n```"
	case kind == 2 && depth < 3:
		return "> " + strings.ReplaceAll(d.block(depth+1), "\n", "\n> ")
	case (kind == 3 || kind == 4) && depth < 3:
		return d.list(kind == 3, depth)
	case kind == 5:
		return d.table()
	}
	return d.text(rapid.SampledFrom([]int{5, 30, 300}).Draw(d.t, "length"))
}

func (d *document) list(ordered bool, depth int) string {
	var out []string
	number := rapid.IntRange(2, 4).Draw(d.t, "start")
	for range rapid.IntRange(1, 6).Draw(d.t, "items") {
		marker, text := "- ", d.text(20)
		if ordered {
			marker = fmt.Sprintf("%d. ", number)
			text = fmt.Sprintf("n%dn ", number) + text
			number += rapid.SampledFrom([]int{1, 1, 1, 2, 7}).Draw(d.t, "step")
		}
		if rapid.IntRange(0, 4).Draw(d.t, "nested") == 0 {
			text += "\n\n" + d.block(depth+1)
		}
		out = append(out, marker+strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", len(marker))))
	}
	return strings.Join(out, "\n")
}

func (d *document) table() string {
	columns := rapid.IntRange(1, 25).Draw(d.t, "columns")
	var out strings.Builder
	for i := range rapid.IntRange(2, 20).Draw(d.t, "rows") {
		if i == 1 {
			out.WriteString("|" + strings.Repeat(" :-: |", columns) + "\n")
		}
		for range columns {
			out.WriteString("| " + d.text(2) + " ")
		}
		out.WriteString("|\n")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func drawDocument(t *rapid.T) (markdown string, d *document) {
	d = &document{t: t}
	var parts []string
	for range rapid.IntRange(1, 12).Draw(t, "blocks") {
		parts = append(parts, d.block(0))
	}
	return strings.Join(parts, "\n\n"), d
}

// numberedItem finds the number of an item, and the number that its text
// states.
var numberedItem = regexp.MustCompile(`(\d+)\. (?:\S+ )??n(\d+)n`)

// Ensure that every rendering shows every word of an answer, uncut and in
// order, the numbers of items, and the targets of links.
func TestWordsStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		markdown, d := drawDocument(t)
		for _, as := range renderings {
			var all strings.Builder
			for i, m := range Answer(AnswerView{Reply: enjo.Reply{Text: markdown}, Whole: true}, as) {
				for _, problem := range checkMessage(m) {
					t.Errorf("%s, message %d: %s", as, i+1, problem)
				}
				all.WriteString(shown(m) + "\n")
			}
			rest := all.String()
			for i := range d.words {
				_, after, ok := strings.Cut(rest, fmt.Sprintf("w%dw", i+1))
				if !ok {
					t.Fatalf("%s: word %d of %d is not shown, or not in its place", as, i+1, d.words)
				}
				rest = after
			}
			for _, target := range d.targets {
				if !strings.Contains(all.String(), target) {
					t.Fatalf("%s: the link to %s is lost", as, target)
				}
			}
			for _, literal := range d.literals {
				if !strings.Contains(all.String(), literal) {
					t.Fatalf("%s: %s is not shown", as, literal)
				}
			}
			for _, m := range numberedItem.FindAllStringSubmatch(all.String(), -1) {
				if m[1] != m[2] {
					t.Fatalf("%s: item %s is shown as %s", as, m[2], m[1])
				}
			}
		}
	})
}

// checkReadBack checks that Markdown that the renderer considers safe is parsed
// to the same blocks.
func checkReadBack(t interface {
	Helper()
	Errorf(string, ...any)
}, markdown string,
) {
	t.Helper()
	for _, b := range (markdownBlocks{}).prepare(read(newParser(), withoutEmbedded(clean(markdown)))) {
		text, sure := markdownText(b)
		left := fullRoom
		if !sure || changesOnReading(b) || left.take([]byte(text)) < len(text) {
			continue
		}
		if diff := cmp.Diff([]block{b}, parse(text), cmp.AllowUnexported(paragraph{}, heading{}, code{}, rule{}, table{}, quote{}, list{}, item{}, span{})); diff != "" {
			t.Errorf("%q is read back as something else (-want +got):\n%s", text, diff)
		}
	}
}

// changesOnReading reports whether a block looks the same but is parsed
// differently: a link with a misleading label or with space at its ends, or a
// cell that was empty.
func changesOnReading(b block) bool {
	switch b := b.(type) {
	case paragraph:
		return oddLinkIn(b.text)
	case heading:
		return oddLinkIn(b.text)
	case code:
		return b.head != ""
	case quote:
		return anyChanges(b.blocks)
	case list:
		for _, it := range b.items {
			if anyChanges(it.blocks) {
				return true
			}
		}
	case table:
		for _, row := range b.rows {
			for _, c := range row {
				if len(c) == 0 || oddLinkIn(c) {
					return true
				}
			}
		}
	}
	return false
}

func anyChanges(blocks []block) bool {
	for _, b := range blocks {
		if changesOnReading(b) {
			return true
		}
	}
	return false
}

func oddLinkIn(spans []span) bool {
	for _, s := range spans {
		if s.url != "" && strings.TrimSpace(s.text) != s.text {
			return true
		}
	}
	return textOf(honest(spans)) != textOf(spans)
}

func TestMarkdownReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		markdown, _ := drawDocument(t)
		checkReadBack(t, markdown)
	})
}

func FuzzMarkdownReadsBack(f *testing.F) {
	for _, text := range seeds() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkReadBack(t, text) })
}

// clusters are grapheme clusters of one or several characters.
var clusters = []string{"a", "B", " ", "\n", "é", "e\u0301", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "🇫🇷", "각", "ক্ষ", "م", "ש", "漢", "1️⃣", "&", "<", "\r\n"}

// Ensure that cutting loses nothing, respects its limit, and never cuts a
// grapheme cluster that fits.
func TestCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(clusters), 0, 200).Draw(t, "text"), "")
		room := rapid.IntRange(1, 60).Draw(t, "room")
		for rest := text; rest != ""; {
			head, tail := cut(rest, room, runeCost)
			if head == "" || head+tail != rest {
				t.Fatalf("cut(%q, %d) = %q, %q", rest, room, head, tail)
			}
			if n := lengthEscaped(head); n > room && uniseg.GraphemeClusterCount(head) > 1 {
				t.Fatalf("%q costs %d, not %d", head, n, room)
			}
			whole := uniseg.GraphemeClusterCount(head) + uniseg.GraphemeClusterCount(tail)
			if last, _ := lastCluster(head); lengthEscaped(last) <= room && room > 20 && whole != uniseg.GraphemeClusterCount(rest) {
				t.Fatalf("%q was cut within a cluster: %q, %q", rest, head, tail)
			}
			rest = tail
		}
	})
}

func lastCluster(s string) (cluster string, n int) {
	for g := uniseg.NewGraphemes(s); g.Next(); n++ {
		cluster = g.Str()
	}
	return cluster, n
}

// Ensure that a shortened text is either whole or ends in an ellipsis, and
// respects its limit.
func TestShorten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(clusters), 0, 100).Draw(t, "text"), "")
		limit := rapid.IntRange(12, 60).Draw(t, "limit")
		short := shorten(text, limit, escapedCost)
		if length(escape(short)) > limit {
			t.Fatalf("%q is longer than %d", short, limit)
		}
		if short != text && (!strings.HasSuffix(short, "…") || !strings.HasPrefix(text, strings.TrimSuffix(short, "…"))) {
			t.Fatalf("%q became %q", text, short)
		}
	})
}

// answers returns the messages of an answer without sources and buttons.
func answers(text string, as Rendering) []Message {
	return Answer(AnswerView{Reply: enjo.Reply{Text: text}, Whole: true}, as)
}

// Ensure that code longer than a message has a complete fence in each message.
func TestFenceIsClosedAndOpenedAgain(t *testing.T) {
	var lines []string
	for i := range 2000 {
		lines = append(lines, fmt.Sprintf("print(%d)  # line", i))
	}
	for name, extra := range map[string]string{"as Markdown": "", "as rich text": " < x"} {
		t.Run(name, func(t *testing.T) {
			text := strings.Join(lines, extra+"\n")
			messages := answers("Run:\n\n```python\n"+text+"\n```\nDone.", Markdown)
			var got []string
			for i, m := range messages {
				for _, b := range m.Blocks {
					switch b := b.(type) {
					case *slack.MarkdownBlock:
						for _, c := range parse(b.Text) {
							if c, ok := c.(code); ok {
								got = append(got, pythonIn(t, i, c.lang, c.text))
							}
						}
					case *slack.RichTextBlock:
						c := b.Elements[0].(*slack.RichTextPreformatted)
						got = append(got, pythonIn(t, i, c.Language, c.Elements[0].(*slack.RichTextSectionTextElement).Text))
					}
				}
			}
			if len(got) < 3 {
				t.Errorf("%d parts", len(got))
			}
			if diff := cmp.Diff(text, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func pythonIn(t *testing.T, message int, lang, text string) string {
	t.Helper()
	if lang != "python" {
		t.Errorf("message %d: code in %q", message, lang)
	}
	return text
}

// Ensure that a table with more rows than Slack accepts repeats its header.
func TestTableRepeatsItsHeader(t *testing.T) {
	for _, as := range []Rendering{Markdown, Mrkdwn, Plain} {
		messages := answers(exampleTable(3, 250), as)
		rows := 0
		for _, m := range messages {
			text := shown(m)
			if strings.Contains(text, "Column 1") != strings.Contains(text, ".1") || strings.Count(text, "Column 3") != strings.Count(text, "Column 1") {
				t.Errorf("%s: a part without a header: %.200q", as, text)
			}
			rows += strings.Count(text, ".3")
		}
		// "3.3", "13.3", … contain ".3" once; "1.3" and "1.30" do not occur.
		if rows != 250 {
			t.Errorf("%s: %d rows", as, rows)
		}
	}
}

// Ensure that each item of a long list is in one message.
func TestItemsAreNotTorn(t *testing.T) {
	var list strings.Builder
	for i := range 120 {
		fmt.Fprintf(&list, "%d. start%d %send%d\n", i+1, i, strings.Repeat("word ", 60), i)
	}
	for _, as := range []Rendering{Markdown, Mrkdwn, Plain} {
		for i, m := range answers(list.String(), as) {
			text := shown(m)
			if strings.Count(text, "start") != strings.Count(text, "end") {
				t.Errorf("%s: message %d tears an item", as, i+1)
			}
		}
	}
}
