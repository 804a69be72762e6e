package blocks

import (
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The parser's time grows quadratically with the size of nested blocks, with
// the delimiters in a paragraph, and with the columns and rows of a table.
// These limits make it linear for hostile text; text beyond a limit is shown as
// written.
const (
	// depthLimit limits the nesting of lists and quotes.
	depthLimit = 6
	// headingLimit limits the bytes of a line that can be a heading.
	headingLimit = 1000
	// pieceLimit and markupLimit limit what is parsed as one paragraph: its bytes,
	// and those of them that could be markup.
	pieceLimit  = 4096
	markupLimit = 512
)

// newParser returns a parser for agents' Markdown: CommonMark with tables,
// strikethrough, task lists and bare links, with these differences.
//
//   - "===" and "---" under a paragraph do not make it a heading: agents who
//     write "---" mean a line.
//   - Link reference definitions stay text, so that none is lost; withReferences
//     has put used ones into their places.
//   - <https://…|label>, Slack's syntax for links, is a link.
//   - Emphasis works next to characters of East Asia; see emphasisParser.
//   - Backslashes stay in paths and patterns; see escapes.
//   - Text next to a fence is never lost; see fences.
//   - A list that is indented less than the text of its item is in the item.
//   - The target of a link may have spaces, and rows of a table more cells than
//     its header.
//   - Blocks of HTML have a separate parser; see island.
func newParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(shallow{nestedLists{parser.NewListParser()}}, 300),
			util.Prioritized(numbered{parser.NewListItemParser()}, 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(shortHeading{parser.NewATXHeadingParser()}, 600),
			util.Prioritized(fences{parser.NewFencedCodeBlockParser()}, 700),
			util.Prioritized(shallow{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(textFences{fences{parser.NewFencedCodeBlockParser()}}, 900),
			util.Prioritized(islandParser{}, 900),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(spacedLinks{parser.NewLinkParser()}, 200),
			util.Prioritized(slackLinks{}, 250),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewRawHTMLParser(), 400),
			util.Prioritized(emphasisParser{}, 500),
			util.Prioritized(bareLinks{}, 999),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(pipeTables{}, 100),
			util.Prioritized(paragraphCutter{}, 200),
		),
	)
}

// shallow is a parser of lists or quotes that opens none below depthLimit.
type shallow struct{ parser.BlockParser }

func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindList || n.Kind() == ast.KindBlockquote {
			depth++
		}
	}
	if depth >= depthLimit {
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, pc)
}

// shortHeading is a parser of headings that leaves long lines as paragraphs.
type shortHeading struct{ parser.BlockParser }

func (h shortHeading) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if line, _ := reader.PeekLine(); len(line) > headingLimit {
		return nil, parser.NoChildren
	}
	return h.BlockParser.Open(parent, reader, pc)
}

// paragraphCutter cuts a paragraph into pieces that the parser can handle.
// reader.blocks joins them again.
type paragraphCutter struct{}

// The node itself becomes the last piece, whose end the parser still has to
// trim. The space between two pieces must stay: it shows that they belong
// together.
func (paragraphCutter) Transform(node *ast.Paragraph, reader text.Reader, _ parser.Context) {
	pieces := pieces(node.Lines(), reader.Source())
	last := len(pieces) - 1
	for _, lines := range pieces[:last] {
		piece := ast.NewParagraph()
		piece.SetLines(lines)
		node.Parent().InsertBefore(node.Parent(), node, piece)
	}
	node.SetLines(pieces[last])
}

// pieces divides the lines of a paragraph into pieces within pieceLimit and
// markupLimit.
func pieces(lines *text.Segments, source []byte) []*text.Segments {
	var all []*text.Segments
	piece, left := text.NewSegments(), fullRoom
	for i := range lines.Len() {
		line := lines.At(i)
		for {
			n := left.take(source[line.Start:line.Stop])
			if n > 0 {
				piece.Append(line.WithStop(line.Start + n))
			}
			if n == line.Stop-line.Start {
				break
			}
			all = append(all, piece)
			piece, left = text.NewSegments(), fullRoom
			line = text.NewSegment(line.Start+n, line.Stop)
		}
	}
	return append(all, piece)
}

// room is the remaining room in a piece of a paragraph.
type room struct{ size, markup int }

var fullRoom = room{pieceLimit, markupLimit}

// take returns how many bytes of a line fit, and reduces the room. It cuts
// between words, or within a word if the word does not fit even into an empty
// piece.
func (r *room) take(line []byte) int {
	full, words := *r == fullRoom, 0
	for i, c := range line {
		if r.size == 0 || (r.markup == 0 && isMarkup(c)) {
			if full && words == 0 {
				return runeStart(line, i)
			}
			return words
		}
		r.size--
		if isMarkup(c) {
			r.markup--
		}
		if c == ' ' {
			words = i + 1
		}
	}
	return len(line)
}

// runeStart returns the start of the character that contains the byte at i.
func runeStart(line []byte, i int) int {
	for i > 1 && !utf8.RuneStart(line[i]) {
		i--
	}
	return i
}

func isMarkup(c byte) bool {
	switch c {
	case '*', '_', '~', '`', '[', ']', '<':
		return true
	}
	return false
}
