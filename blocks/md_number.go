package blocks

import (
	"bytes"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// numbered is a parser of list items that keeps the written number of an item.
// Markdown counts from the first number on, but an agent's list of floors or of
// status codes needs its own numbers.
type numbered struct{ parser.BlockParser }

const numberAttribute = "number"

func (n numbered) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	node, state := n.BlockParser.Open(parent, reader, pc)
	if node != nil {
		indent, _ := util.IndentWidth(line, reader.LineOffset())
		node.SetAttributeString(indentAttribute, indent)
		if number, ok := leadingNumber(line); ok {
			node.SetAttributeString(numberAttribute, number)
		}
	}
	return node, state
}

// leadingNumber returns the number at the start of a line.
func leadingNumber(line []byte) (int, bool) {
	line = bytes.TrimLeft(line, " ")
	end := 0
	for end < len(line) && line[end] >= '0' && line[end] <= '9' {
		end++
	}
	number, err := strconv.Atoi(string(line[:end]))
	return number, err == nil
}

// numberOf returns the written number of an item; 0 for a bullet.
func numberOf(item ast.Node) int {
	value, _ := item.AttributeString(numberAttribute)
	number, _ := value.(int)
	return number
}
