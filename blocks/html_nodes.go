package blocks

import "slices"

// htmlNode is an element or text.
type htmlNode struct {
	htmlToken     // its start tag, or the text; its name is empty for text
	stop      int // the end of the node in the source
	children  []*htmlNode
	block     bool // it is a block or contains one
}

// nest returns the tokens as a tree.
func nest(tokens []htmlToken, document bool) []*htmlNode {
	n := nester{tokens: tokens, document: document}
	nodes, _ := n.nodes(0, len(tokens), nil)
	return nodes
}

type nester struct {
	tokens   []htmlToken
	document bool
}

// nodes returns the nodes of tokens within a parent, and whether one of them is
// a block.
func (n *nester) nodes(from, to int, parent *htmlNode) (nodes []*htmlNode, block bool) {
	for i := from; i < to; {
		t := n.tokens[i]
		next := i + 1
		node := &htmlNode{htmlToken: t, stop: t.start + len(t.raw)}
		switch {
		case t.kind == hiddenText || (t.kind == closeTag && t.isReal()):
			i = next
			continue
		case t.kind == emptyTag:
			node.block = elementOf(t.name)&blockElement != 0 || isMacro(node)
		case t.kind == openTag && n.isElement(t, parent):
			next = min(t.end, to)
			node.children, node.block = n.nodes(i+1, next, node)
			if t.closed && next < to {
				next++
			}
			node.stop = n.offset(next)
			node.block = node.block || elementOf(t.name)&(blockElement|hiddenElement) != 0 || isMacro(node)
		default:
			node.name = ""
		}
		nodes = append(nodes, node)
		block = block || node.block
		i = next
	}
	return nodes, block
}

// isElement reports whether a start tag is real, within its parent.
func (n *nester) isElement(t htmlToken, parent *htmlNode) bool {
	if t.state != impliedTag {
		return t.state == realTag
	}
	if n.document {
		return true
	}
	if parent == nil {
		return false
	}
	if names, ok := parents[t.name]; ok {
		return slices.Contains(names, parent.name)
	}
	return elementOf(parent.name)&blockElement != 0 // a paragraph
}

func (n *nester) offset(i int) int {
	if i < len(n.tokens) {
		return n.tokens[i].start
	}
	last := n.tokens[len(n.tokens)-1]
	return last.start + len(last.raw)
}

// isText reports whether a node is text.
func (n *htmlNode) isText() bool { return n.name == "" }

// isBlank reports whether a node is text without visible characters.
func (n *htmlNode) isBlank() bool { return n.isText() && blank(n.raw) }

// isShown reports whether a node has something to show.
func (n *htmlNode) isShown() bool { return !n.isBlank() && elementOf(n.name)&hiddenElement == 0 }

// grouped divides nodes: each part alone, and all that is between two parts together,
// because it can be one text.
func grouped(nodes []*htmlNode, isPart func(*htmlNode) bool) [][]*htmlNode {
	var groups [][]*htmlNode
	for len(nodes) > 0 {
		end := groupEnd(nodes, isPart)
		groups = append(groups, nodes[:end])
		nodes = nodes[end:]
	}
	return groups
}

// groupEnd returns the end of the first group of nodes.
func groupEnd(nodes []*htmlNode, isPart func(*htmlNode) bool) int {
	end := 1
	for !isPart(nodes[0]) && end < len(nodes) && !isPart(nodes[end]) {
		end++
	}
	return end
}
