package blockkit

import (
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
)

const ruleText = "────────────────────"

// inlineText renders nodes as text on one line, for labels.
func inlineText(nodes []node, r Resolver) string {
	return strings.Join(strings.Fields(textWriter{r: r}.nodes(nodes)), " ")
}

// nodes renders formatted text.
func (t textWriter) nodes(nodes []node) string {
	var b strings.Builder
	afterBlock := false
	for _, n := range nodes {
		if b.Len() > 0 && (n.isBlock() || afterBlock) && !strings.HasSuffix(b.String(), "\n") {
			b.WriteByte('\n')
		}
		if n.isBlock() {
			b.WriteString(t.blockNode(n))
		} else {
			b.WriteString(t.inlineNode(n))
		}
		afterBlock = n.isBlock()
	}
	return b.String()
}

// paragraphs renders nodes with an empty line between them.
func (t textWriter) paragraphs(nodes []node) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = t.nodes([]node{n})
	}
	return strings.Join(parts, "\n\n")
}

func (t textWriter) inlineNode(n node) string {
	switch n.kind {
	case nodeText, nodeColor:
		return n.text
	case nodeCode:
		return "`" + t.nodes(n.kids) + "`"
	case nodeStrike:
		return "~" + t.nodes(n.kids) + "~"
	case nodeLink:
		return labelled(t.nodes(n.kids), n.url)
	case nodeImage:
		return imageText(n.text, n.url)
	case nodeCitation:
		return "[" + labelled(n.text, n.url) + "]"
	case nodeEmoji:
		if characters, ok := emoji(n.text); ok {
			return characters
		}
		return ":" + n.text + ":"
	case nodeDate:
		_, text := n.date(t.r)
		return labelled(text, n.url)
	case nodeUnknown:
		return "[unknown " + n.id + "]\n" + indent(n.text, "    ")
	case nodeBold, nodeItalic, nodeUnderline, nodeHighlight:
		return t.nodes(n.kids)
	}
	return n.name(t.r)
}

// name returns the displayed name of a reference.
func (n node) name(r Resolver) string {
	switch n.kind {
	case nodeUser:
		return "@" + named(named(r.User(n.id), n.text), n.id)
	case nodeChannel:
		return "#" + named(named(r.Channel(n.id), n.text), n.id)
	case nodeUsergroup:
		return "@" + named(named(r.Usergroup(n.id), n.text), n.id)
	case nodeBroadcast, nodeTeam:
		return "@" + n.id
	}
	return n.text
}

// labelled renders a link; its address only once.
func labelled(label, url string) string {
	switch {
	case url == "", label == url, "mailto:"+label == url:
		return label
	case label == "":
		return "<" + url + ">"
	}
	return label + " <" + url + ">"
}

func (t textWriter) blockNode(n node) string {
	switch n.kind {
	case nodeHeading:
		return "# " + t.nodes(n.kids)
	case nodeQuote:
		return indent(t.nodes(n.kids), "│ ")
	case nodePre:
		return indent(t.nodes(n.kids), "    ")
	case nodeRule:
		return ruleText
	case nodeList:
		return t.list(n)
	case nodeTable:
		return t.table(n)
	}
	return t.nodes(n.kids)
}

func (t textWriter) list(n node) string {
	var items []string
	for i, item := range n.kids {
		marker := "• "
		if n.flag {
			marker = strconv.Itoa(n.number+i) + ". "
		}
		switch item.number {
		case unchecked:
			marker = "[ ] "
		case checked:
			marker = "[x] "
		}
		text := strings.Trim(t.nodes(item.kids), "\n")
		items = append(items, marker+strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", uniseg.StringWidth(marker))))
	}
	return indent(strings.Join(items, "\n"), strings.Repeat("  ", n.indent))
}

// table renders a table with aligned columns.
func (t textWriter) table(n node) string {
	var rows [][]string
	var widths []int
	for _, row := range n.kids {
		var cells []string
		for i, cell := range row.kids {
			s := strings.Join(strings.Fields(t.nodes(cell.kids)), " ")
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(s))
			cells = append(cells, s)
		}
		rows = append(rows, cells)
	}
	var b strings.Builder
	for i, cells := range rows {
		if i == 1 {
			b.WriteString("\n" + rulesUnder(widths))
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(padded(cells, widths), " "))
	}
	return b.String()
}

func padded(cells []string, widths []int) string {
	columns := make([]string, len(cells))
	for i, cell := range cells {
		columns[i] = cell + strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
	}
	return strings.Join(columns, " │ ")
}

func rulesUnder(widths []int) string {
	rules := make([]string, len(widths))
	for i, width := range widths {
		rules[i] = strings.Repeat("─", width)
	}
	return strings.Join(rules, "─┼─")
}
