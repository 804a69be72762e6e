package blocks

import (
	"bytes"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Within Markdown, a block-level element that starts a line and has an end is
// parsed as HTML, up to the end of the line with its end tag.

var (
	islandKind = ast.NewNodeKind("HTMLIsland")
	islandsKey = parser.NewContextKey()
)

// island is such an element, or a comment that fills its lines.
type island struct {
	ast.BaseBlock
	stop int // its end in the source
}

func (*island) Kind() ast.NodeKind { return islandKind }

// IsRaw says that the parser leaves the text alone.
func (*island) IsRaw() bool { return true }

func (n *island) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// islandsIn returns where islands may start, and where they end.
func islandsIn(source string) map[int]int {
	if !mayHoldElements(source) {
		return nil
	}
	tokens := tokenize(source)
	match(tokens, false)
	all := make(map[int]int)
	for _, t := range tokens {
		switch {
		case t.kind == hiddenText && strings.HasPrefix(t.raw, "<!--"):
			all[t.start] = t.start + len(t.raw)
		case t.kind == openTag && t.state == realTag && t.closed && (elementOf(t.name)&blockElement != 0 || t.name == "ac:structured-macro"):
			end := tokens[t.end]
			all[t.start] = end.start + len(end.raw)
		}
	}
	return all
}

// islandParser parses islands.
type islandParser struct{}

func (islandParser) Trigger() []byte { return []byte{'<'} }

func (islandParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	islands, _ := pc.Get(islandsKey).(map[int]int)
	line, segment := reader.PeekLine()
	at := pc.BlockOffset()
	stop, ok := islands[segment.Start+at-segment.Padding]
	if !ok || at >= len(line) {
		return nil, parser.NoChildren
	}
	if strings.HasPrefix(string(line[at:min(len(line), at+4)]), "<!--") && stop <= segment.Stop &&
		strings.TrimSpace(string(reader.Source()[stop:segment.Stop])) != "" {
		return nil, parser.NoChildren // a comment in a line of text
	}
	n := &island{stop: stop}
	n.Lines().Append(segment)
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

func (islandParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	_, segment := reader.PeekLine()
	if segment.Start >= node.(*island).stop {
		return parser.Close
	}
	node.Lines().Append(segment)
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (islandParser) Close(ast.Node, text.Reader, parser.Context) {}

func (islandParser) CanInterruptParagraph() bool { return true }

func (islandParser) CanAcceptIndentedLine() bool { return false }

// html parses the lines of nodes that hold HTML.
func (r reader) html(nodes ...ast.Node) []block {
	var source strings.Builder
	for _, n := range nodes {
		source.Write(n.Lines().Value(r.source))
	}
	return parseHTML(source.String(), true)
}

// holdsElements reports whether text of Markdown has a block-level element
// within a line.
func (r reader) holdsElements(nodes ...ast.Node) bool {
	if r.inner || !slices.ContainsFunc(nodes, r.hasAngle) {
		return false
	}
	var source strings.Builder
	for _, n := range nodes {
		source.Write(n.Lines().Value(r.source))
	}
	if !mayHoldElements(source.String()) {
		return false
	}
	tokens := tokenize(source.String())
	match(tokens, false)
	for _, t := range tokens {
		if t.state == realTag && elementOf(t.name)&blockElement != 0 {
			return true
		}
	}
	return false
}

// hasAngle reports whether a node may hold a tag.
func (r reader) hasAngle(n ast.Node) bool {
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		if bytes.IndexByte(r.source[line.Start:line.Stop], '<') >= 0 {
			return true
		}
	}
	return false
}
