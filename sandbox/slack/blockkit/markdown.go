package blockkit

import (
	"bytes"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Limits of nesting. If one line opens more levels, it is shown as written,
// because parsing would take cubic time. Deeper levels are flattened.
const (
	maxOpened = 100
	maxDepth  = 24
)

// markdownParser parses Slack's Markdown: CommonMark with tables, task lists,
// strikethrough and bare links, without HTML, which Slack treats as text, and
// with Slack's references, which are active.
var markdownParser = sync.OnceValue(func() parser.Parser {
	p := parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewParagraphParser(), 1000)),
		parser.WithInlineParsers(
			util.Prioritized(referenceParser{}, 50),
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500)),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))
	m := goldmark.New(goldmark.WithParser(p), goldmark.WithExtensions(
		extension.Table, extension.Strikethrough, extension.TaskList, extension.Linkify))
	return m.Parser()
})

// parseMarkdown parses the text of a markdown block.
//
// See https://docs.slack.dev/reference/block-kit/blocks/markdown-block.
func parseMarkdown(s string) []node {
	if utf8.RuneCountInString(s) > maxMarkdown || opensTooMuch(s) {
		return []node{{kind: nodePre, kids: []node{textNode(s)}}}
	}
	source := []byte(s)
	m := markdownReader{source: source}
	return m.children(markdownParser().Parse(text.NewReader(source)), 0)
}

// opensTooMuch reports whether a line begins with too many markers of quotes
// and lists.
func opensTooMuch(s string) bool {
	for line := range strings.Lines(s) {
		markers := 0
		for _, c := range line {
			if !strings.ContainsRune(" \t>-+*.)0123456789", c) {
				break
			}
			if strings.ContainsRune(">-+*.)", c) {
				markers++
			}
		}
		if markers > maxOpened && strings.Trim(line, "-+* \t\n") != "" {
			return true
		}
	}
	return false
}

// referenceParser parses Slack's references where Markdown would find HTML.
type referenceParser struct{}

func (referenceParser) Trigger() []byte { return []byte{'<'} }

func (referenceParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	n, length := token(string(line))
	if length == 0 {
		return nil
	}
	block.Advance(length)
	return &slackReference{node: n}
}

// slackReference is a reference in the Markdown tree.
type slackReference struct {
	ast.BaseInline
	node node
}

var kindSlackReference = ast.NewNodeKind("SlackReference")

func (*slackReference) Kind() ast.NodeKind { return kindSlackReference }

func (r *slackReference) Dump(source []byte, level int) { ast.DumpHelper(r, source, level, nil, nil) }

// markdownReader converts the Markdown tree to nodes.
type markdownReader struct{ source []byte }

func (m markdownReader) children(parent ast.Node, depth int) []node {
	var nodes []node
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		nodes = m.add(nodes, n, depth)
	}
	return nodes
}

func (m markdownReader) add(nodes []node, n ast.Node, depth int) []node {
	switch n := n.(type) {
	case *ast.Text:
		return m.addText(nodes, n)
	case *ast.String:
		return appendText(nodes, decodeText(n.Value))
	case *slackReference:
		return append(nodes, n.node)
	case *ast.TextBlock:
		return append(nodes, m.inline(n, depth)...)
	}
	if depth > maxDepth && n.HasChildren() {
		return m.flat(nodes, n, depth)
	}
	return append(nodes, m.block(n, depth))
}

// flat adds the content of a node that is nested too deeply.
func (m markdownReader) flat(nodes []node, n ast.Node, depth int) []node {
	nodes = append(nodes, m.children(n, depth)...)
	if n.Type() == ast.TypeBlock {
		nodes = append(nodes, textNode("\n"))
	}
	return nodes
}

// inline returns the children of a node with text.
func (m markdownReader) inline(n ast.Node, depth int) []node {
	var nodes []node
	for _, kid := range m.children(n, depth+1) {
		if kid.kind == nodeText {
			nodes = appendText(nodes, kid.text)
		} else {
			nodes = append(nodes, kid)
		}
	}
	var out []node
	for _, n := range nodes {
		if n.kind == nodeText {
			out = append(out, withEmoji(n.text)...)
		} else {
			out = append(out, n)
		}
	}
	return out
}

func (m markdownReader) block(n ast.Node, depth int) node {
	switch n := n.(type) {
	case *ast.Paragraph:
		return node{kind: nodeParagraph, kids: m.inline(n, depth)}
	case *ast.Heading:
		return node{kind: nodeHeading, number: n.Level, kids: m.inline(n, depth)}
	case *ast.ThematicBreak:
		return node{kind: nodeRule}
	case *ast.Blockquote:
		return node{kind: nodeQuote, kids: m.children(n, depth+1)}
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		code := string(bytes.TrimSuffix(n.Lines().Value(m.source), []byte("\n")))
		return node{kind: nodePre, kids: []node{textNode(unescape(code))}}
	case *ast.List:
		return node{kind: nodeList, flag: n.IsOrdered(), number: n.Start, kids: m.children(n, depth+1)}
	case *ast.ListItem:
		return m.item(n, depth)
	case *extast.Table:
		return node{kind: nodeTable, kids: m.children(n, depth+1)}
	case *extast.TableHeader, *extast.TableRow:
		return node{kind: nodeRow, kids: m.children(n, depth+1)}
	case *extast.TableCell:
		return m.cell(n, depth)
	}
	return m.span(n, depth)
}

func (m markdownReader) span(n ast.Node, depth int) node {
	switch n := n.(type) {
	case *ast.Emphasis:
		if n.Level == 2 {
			return node{kind: nodeBold, kids: m.inline(n, depth)}
		}
		return node{kind: nodeItalic, kids: m.inline(n, depth)}
	case *extast.Strikethrough:
		return node{kind: nodeStrike, kids: m.inline(n, depth)}
	case *ast.CodeSpan:
		return node{kind: nodeCode, kids: []node{textNode(unescape(m.raw(n)))}}
	case *ast.Link:
		return node{kind: nodeLink, url: decodeText(n.Destination), kids: m.inline(n, depth)}
	case *ast.Image:
		return node{kind: nodeImage, url: decodeText(n.Destination), text: plainText(m.inline(n, depth))}
	case *ast.AutoLink:
		return m.autoLink(n)
	}
	// Nodes of other extensions do not occur. If one does, keep its text.
	return node{kind: nodeParagraph, kids: m.inline(n, depth)}
}

func (m markdownReader) autoLink(n *ast.AutoLink) node {
	url := string(n.URL(m.source))
	if n.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix([]byte(url), []byte("mailto:")) {
		url = "mailto:" + url
	}
	return node{kind: nodeLink, url: url, kids: []node{textNode(string(n.Label(m.source)))}}
}

func (m markdownReader) item(n *ast.ListItem, depth int) node {
	item := node{kind: nodeItem}
	if first := n.FirstChild(); first != nil {
		if box, ok := first.FirstChild().(*extast.TaskCheckBox); ok {
			item.number = unchecked
			if box.IsChecked {
				item.number = checked
			}
			first.RemoveChild(first, box)
		}
	}
	item.kids = m.children(n, depth+1)
	return item
}

func (m markdownReader) cell(n *extast.TableCell, depth int) node {
	_, isHeader := n.Parent().(*extast.TableHeader)
	cell := node{kind: nodeCell, flag: isHeader, kids: m.inline(n, depth)}
	if n.Alignment != extast.AlignNone {
		cell.align = n.Alignment.String()
	}
	return cell
}

// addText adds text. A line's end stays one: Slack shows it.
func (m markdownReader) addText(nodes []node, n *ast.Text) []node {
	s := decodeText(n.Segment.Value(m.source))
	if n.SoftLineBreak() || n.HardLineBreak() {
		s += "\n"
	}
	return appendText(nodes, s)
}

// raw is the text of a code span as written.
func (m markdownReader) raw(n ast.Node) string {
	var b bytes.Buffer
	for kid := n.FirstChild(); kid != nil; kid = kid.NextSibling() {
		switch kid := kid.(type) {
		case *ast.Text:
			b.Write(kid.Segment.Value(m.source))
		case *ast.String:
			b.Write(kid.Value)
		}
	}
	return string(bytes.ReplaceAll(b.Bytes(), []byte("\n"), []byte(" ")))
}

// decodeText resolves backslash escapes and character references.
func decodeText(s []byte) string {
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(s))))
}
