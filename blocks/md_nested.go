package blocks

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// nestedLists is a parser of lists that nests what agents mean to be nested.
// CommonMark wants the lines in an item below its text: three spaces below
// "1. a". Many agents indent by two, or by one.
type nestedLists struct{ parser.BlockParser }

// Continue makes an item that is indented less than the text above it, but more
// than the marker above it, a child.
func (n nestedLists) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	last, ok := node.LastChild().(*ast.ListItem)
	if ok && last.HasChildren() {
		line, _ := reader.PeekLine()
		indent, _ := util.IndentWidth(line, reader.LineOffset())
		if indent < last.Offset && isChild(node.(*ast.List), last, line, indent) {
			last.Offset = indent
		}
	}
	return n.BlockParser.Continue(node, reader, pc)
}

var itemMarker = regexp.MustCompile(`^(?:[-+*]|(\d{1,9})[.)])[ \t]+\S`)

// isChild reports whether a line, with this indent, is an item of a list within
// the last item of another one: indented by two, or of a list of the other
// kind. A number that continues the numbers of the list does not start another.
func isChild(list *ast.List, last *ast.ListItem, line []byte, indent int) bool {
	if indent <= markerIndent(last) {
		return false
	}
	m := itemMarker.FindSubmatch(bytes.TrimLeft(line, " \t"))
	switch {
	case m == nil:
		return false
	case list.IsOrdered() != (m[1] != nil):
		return true
	case list.IsOrdered() && string(m[1]) != "1":
		return false
	}
	return indent >= markerIndent(last)+2
}

const indentAttribute = "indent"

// markerIndent returns the indent of an item's marker, which numbered keeps.
func markerIndent(item *ast.ListItem) int {
	value, _ := item.AttributeString(indentAttribute)
	indent, _ := value.(int)
	return indent
}
