package blocks

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/slack-go/slack"
	"github.com/yuin/goldmark/ast"
	gfm "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// parse parses an agent's text as HTML if it is mostly that, else as Markdown
// with remnants of HTML and of Slack's own markup. Nothing is lost: unknown
// markup is text, and so is markup that would show nothing, such as "-" or
// "<b>". Only embedded data is shortened.
func parse(markdown string) []block {
	markdown = withoutEmbedded(markdown)
	if blocks := readHTML(markdown); len(blocks) > 0 {
		return blocks
	}
	if blocks := parseWith(newParser(), markdown); len(blocks) > 0 {
		return blocks
	}
	return asWritten(markdown)
}

// parseWith falls back to plain text if the parser panics. An answer is
// rendered again after a crash, so that an answer that crashes the bridge would
// crash it for ever.
func parseWith(p parser.Parser, markdown string) (blocks []block) {
	defer func() {
		if recover() != nil {
			blocks = asWritten(markdown)
		}
	}()
	return read(p, markdown)
}

// asWritten returns text as a paragraph; none if nothing in it is visible.
func asWritten(text string) []block {
	if spans := tidy(plainSpans(text)); len(spans) > 0 {
		return []block{paragraph{spans}}
	}
	return nil
}

func read(p parser.Parser, markdown string) []block {
	source, pc := []byte(markdown+"\n"), parser.NewContext() // the parser loses one character after a fence at the end
	pc.Set(islandsKey, islandsIn(markdown))
	r := reader{source: source, formulas: formulasIn(source)}
	return r.blocks(p.Parse(text.NewReader(source), parser.WithContext(pc)))
}

// readInner reads the Markdown between tags of HTML, which holds no blocks of
// HTML.
func readInner(p parser.Parser, markdown string) []block {
	source := []byte(markdown + "\n")
	r := reader{source: source, formulas: formulasIn(source), inner: true}
	return r.blocks(p.Parse(text.NewReader(source)))
}

// reader converts the parser's tree.
type reader struct {
	source   []byte
	formulas []formula
	inner    bool // it reads the Markdown between tags of HTML
}

// blocks reads the children of a node.
func (r reader) blocks(parent ast.Node) []block {
	var out []block
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Paragraph, *ast.TextBlock:
			out = append(out, r.paragraph(n)...)
		case *ast.Heading:
			if text := r.line(n); len(text) > 0 {
				out = append(out, heading{n.Level, text})
			}
		case *ast.FencedCodeBlock:
			out = append(out, r.fence(n)...)
		case *ast.CodeBlock:
			out = append(out, r.code("", n)...)
		case *ast.ThematicBreak:
			out = append(out, rule{})
		case *ast.Blockquote:
			if inner := r.blocks(n); len(inner) > 0 {
				out = append(out, quote{inner})
			}
		case *ast.List:
			out = append(out, r.lists(n)...)
		case *gfm.Table:
			out = append(out, r.table(n))
		case *island:
			out = append(out, r.html(n)...)
		}
	}
	return out
}

// paragraph reads a paragraph together with the pieces that paragraphCutter cut
// off. For those pieces themselves it returns nothing.
func (r reader) paragraph(n ast.Node) []block {
	if r.continues(n) {
		return nil
	}
	pieces := []ast.Node{n}
	for next := n.NextSibling(); next != nil && r.continues(next); next = next.NextSibling() {
		pieces = append(pieces, next)
	}
	if r.holdsElements(pieces...) {
		return r.html(pieces...)
	}
	spans := r.text(pieces...)
	if len(spans) == 0 {
		return nil
	}
	return []block{paragraph{spans}}
}

// continues reports whether a paragraph continues the one before it. Between
// two paragraphs of the agent there is a line break; paragraphCutter leaves it
// in the first piece.
func (r reader) continues(n ast.Node) bool {
	before := n.PreviousSibling()
	if before == nil || !isText(n) || !isText(before) || n.Lines().Len() == 0 || before.Lines().Len() == 0 {
		return false
	}
	return !bytes.Contains(r.source[end(before):n.Lines().At(0).Start], []byte("\n"))
}

func isText(n ast.Node) bool {
	return n.Kind() == ast.KindParagraph || n.Kind() == ast.KindTextBlock
}

func end(n ast.Node) int { return n.Lines().At(n.Lines().Len() - 1).Stop }

// between returns the space before a piece of a paragraph, which the parser
// dropped. The parser keeps line breaks.
func (r reader) between(n ast.Node) string {
	switch r.source[end(n.PreviousSibling())-1] {
	case ' ', '\t':
		return " "
	}
	return ""
}

// fence reads a fenced code block. Without a body, the text on its fence is the
// code. Otherwise it is hidden if it is a language with its attributes, and
// precedes the code if not.
func (r reader) fence(n *ast.FencedCodeBlock) []block {
	if n.Info == nil {
		return r.code("", n)
	}
	raw := clean(string(n.Info.Segment.Value(r.source)))
	lang, rest := languageOf(raw)
	body := r.code(lang, n)
	switch {
	case len(body) == 0:
		if inner := strings.TrimRight(raw, "~"); len(raw)-len(inner) >= 3 { // opened and closed on one line
			raw = inner
		}
		return codeBlock("", raw)
	case lang != "" && attributes(rest):
		return body
	}
	return append(asWritten(unescape([]byte(raw))), body...)
}

// code reads the lines of a code block; none if they are blank.
func (r reader) code(lang string, n ast.Node) []block {
	return codeBlock(lang, string(n.Lines().Value(r.source)))
}

func codeBlock(lang, text string) []block {
	text = strings.TrimRight(text, " \t\n")
	if blank(text) {
		return nil
	}
	return []block{code{lang: lang, text: text}}
}

// lists reads a list as one or several lists with consecutive numbers. An item
// without content cannot be shown as an item. The list ends there, the item's
// number becomes text, because it may be the whole answer, and another list
// continues.
func (r reader) lists(n *ast.List) []block {
	l := counter{ordered: n.IsOrdered()}
	for i := n.FirstChild(); i != nil; i = i.NextSibling() {
		number := l.next(numberOf(i))
		it := item{taskOf(i), r.blocks(i)}
		switch {
		case len(it.blocks) > 0:
			l.add(number, it)
		case l.ordered:
			l.flush()
			l.out = append(l.out, paragraph{plainSpans(strconv.Itoa(number) + string(n.Marker))})
		default:
			l.flush()
		}
	}
	l.flush()
	return l.out
}

// counter divides the items of a list where their numbers are not consecutive.
type counter struct {
	out     []block
	ordered bool
	list    list
	written int // the written number of the last item
	shown   int // the shown number of the last item
}

// next returns the number to show for an item. It may differ from the written
// number: authors who write 1. 1. 1. leave the counting to the reader.
func (c *counter) next(written int) int {
	shown := written
	if written == 1 && c.written == 1 {
		shown = c.shown + 1
	}
	c.written, c.shown = written, shown
	return shown
}

func (c *counter) add(number int, it item) {
	if c.ordered && number != c.list.start+len(c.list.items) {
		c.flush()
	}
	if len(c.list.items) == 0 {
		c.list = list{ordered: c.ordered, start: number}
	}
	c.list.items = append(c.list.items, it)
}

func (c *counter) flush() {
	if len(c.list.items) > 0 {
		c.out = append(c.out, c.list)
	}
	c.list = list{}
}

// taskOf returns whether an item starts with a check box.
func taskOf(n ast.Node) task {
	if n.FirstChild() == nil || n.FirstChild().FirstChild() == nil {
		return noTask
	}
	box, ok := n.FirstChild().FirstChild().(*gfm.TaskCheckBox)
	switch {
	case !ok:
		return noTask
	case box.IsChecked:
		return doneTask
	}
	return openTask
}

// table reads a table.
func (r reader) table(n *gfm.Table) block {
	t := table{}
	for _, a := range n.Alignments {
		align := slack.ColumnAlignment(a.String())
		if a == gfm.AlignNone {
			align = slack.ColumnAlignmentLeft
		}
		t.align = append(t.align, align)
	}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		cells := make([]cell, 0, len(t.align))
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			cells = append(cells, r.line(c))
		}
		t.rows = append(t.rows, cells)
	}
	return t
}
