package blockkit

// node is a part of formatted text. Slack's three notations (mrkdwn, Markdown
// and rich text) are all parsed into nodes, and only nodes are rendered, so
// that safety is decided in one place.
type node struct {
	kind nodeKind
	// text is literal text; for emoji and references their name as sent.
	text string
	// url is the target of a link, as sent: untrusted.
	url string
	// id is the target of a reference, or the Unix time of a date.
	id string
	// number is a list's first number, its items' check state, or a heading's
	// level.
	number int
	// indent is the level of a list in rich text.
	indent int
	// flag: an ordered list, a header cell, a quote's border, ….
	flag bool
	// align is the alignment of a table's cell: "left", "center" or "right".
	align string
	kids  []node
}

type nodeKind int

const (
	nodeText nodeKind = iota
	nodeBold
	nodeItalic
	nodeStrike
	nodeUnderline
	nodeHighlight
	nodeCode
	nodeLink
	nodeUser
	nodeChannel
	nodeUsergroup
	nodeBroadcast
	nodeTeam
	nodeEmoji
	nodeDate // id: unix seconds, text: the format, align unused; kids: the fallback
	nodeColor
	nodeImage
	nodeCitation // text: its label, id: the source's title
	nodeUnknown  // text: its JSON

	nodeParagraph
	nodeHeading
	nodeQuote
	nodePre
	nodeRule
	nodeList
	nodeItem
	nodeTable
	nodeRow
	nodeCell
)

// The check states of a list's item.
const (
	noCheck = iota
	unchecked
	checked
)

func textNode(s string) node { return node{kind: nodeText, text: s} }

// isBlock reports whether a node takes whole lines.
func (n node) isBlock() bool { return n.kind >= nodeParagraph }

// appendText adds literal text, and joins it with text before it.
func appendText(nodes []node, s string) []node {
	if s == "" {
		return nodes
	}
	if last := len(nodes) - 1; last >= 0 && nodes[last].kind == nodeText {
		nodes[last].text += s
		return nodes
	}
	return append(nodes, textNode(s))
}
