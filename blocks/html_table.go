package blocks

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"
)

// Limits for tables of HTML: how deep they are read as tables, up to which
// column a cell may reach over others, and how many cells may be filled up for
// each that is there.
const (
	tablesLimit = 3
	spanLimit   = 40
	fillLimit   = 4
)

// htmlCell is a cell as a browser shows it: with blocks in it.
type htmlCell struct {
	blocks []block
	header bool
}

// htmlTable collects the rows of a table.
type htmlTable struct {
	rows    [][]htmlCell
	cells   int            // that are there
	columns int            // of the longest row
	below   [spanLimit]int // by column: how many more rows a cell reaches down
}

// table reads a table. Text between its cells divides it.
func (f *flow) table(n *htmlNode) {
	if f.tables >= tablesLimit {
		f.nodes(contents(n))
		return
	}
	t := &htmlTable{}
	f.rows(t, n)
	f.endTable(t)
}

// contents returns the content of each cell of a table, and what is between cells.
func contents(n *htmlNode) (all []*htmlNode) {
	for _, nodes := range grouped(n.children, (*htmlNode).isPart) {
		switch first := nodes[0]; {
		case first.isCell() || first.name == "caption":
			all = append(all, inDiv(first.children))
		case first.isPart():
			all = append(all, contents(first)...)
		default:
			all = append(all, inDiv(nodes))
		}
	}
	return all
}

func inDiv(nodes []*htmlNode) *htmlNode {
	return &htmlNode{htmlToken: htmlToken{name: "div"}, children: nodes, block: true}
}

func (f *flow) rows(t *htmlTable, n *htmlNode) {
	for i := 0; i < len(n.children); i++ {
		switch c := n.children[i]; {
		case !c.isShown():
		case c.name == "thead" || c.name == "tbody" || c.name == "tfoot":
			f.rows(t, c)
		case c.name == "tr":
			f.row(t, c.children)
		case c.isCell():
			end := partsEnd(n.children, i)
			for j := i; j < end; j++ {
				if other := n.children[j]; !other.isCell() && !other.isBlank() {
					end = j
				}
			}
			f.row(t, n.children[i:end])
			i = end - 1
		case c.name == "caption":
			f.endTable(t)
			f.block(c)
		default:
			end := i + groupEnd(n.children[i:], (*htmlNode).isPart)
			f.endTable(t)
			f.block(inDiv(n.children[i:end]))
			i = end - 1
		}
	}
}

// row reads the cells of a row. Other content between them is a cell, too.
func (f *flow) row(t *htmlTable, nodes []*htmlNode) {
	var row []htmlCell
	fill := func() {
		for len(row) < len(t.below) && t.below[len(row)] > 0 {
			t.below[len(row)]--
			row = append(row, htmlCell{})
		}
	}
	for _, content := range grouped(nodes, (*htmlNode).isPart) {
		n := content[0]
		if n.isCell() {
			content = n.children
		} else if !slices.ContainsFunc(content, (*htmlNode).isShown) {
			continue
		}
		in := f.inner()
		in.tables++
		in.nodes(content)
		one := htmlCell{blocks: in.end(), header: n.name == "th"}
		fill()
		down := max(1, min(positive(n.attr("rowspan"), 1), 1000)) - 1
		for range max(1, min(positive(n.attr("colspan"), 1), spanLimit-len(row))) {
			if at := len(row); at < len(t.below) {
				t.below[at] = down
			}
			row = append(row, one)
			one.blocks = nil
		}
		t.cells++
	}
	if len(row) == 0 {
		return
	}
	fill()
	t.rows = append(t.rows, row)
	t.columns = max(t.columns, len(row))
}

// isPart reports whether a node is a part of a table.
func (n *htmlNode) isPart() bool {
	in := parents[n.name]
	return in != nil && in[0] == "table"
}

// isCell reports whether a node is a cell.
func (n *htmlNode) isCell() bool { return n.name == "td" || n.name == "th" }

// endTable adds the table: as a table if it has rows and columns, else as text.
func (f *flow) endTable(t *htmlTable) {
	f.flush()
	rows := t.rows
	headed := len(rows) > 0 && !slices.ContainsFunc(rows[0], func(c htmlCell) bool { return !c.header && len(c.blocks) > 0 })
	switch {
	case len(rows) == 1 || (t.columns == 1 && !headed):
		for _, row := range rows {
			f.blocks = append(f.blocks, rowAsText(row)...)
		}
	case t.columns*len(rows) > fillLimit*t.cells+1000:
		for _, row := range rows {
			if text := tidy(inlineRow(row)); len(text) > 0 {
				f.blocks = append(f.blocks, paragraph{text})
			}
		}
	case len(rows) > 1:
		f.blocks = append(f.blocks, t.table(headed))
	}
	*t = htmlTable{}
}

func (t *htmlTable) table(headed bool) table {
	out := table{headless: !headed}
	for range t.columns {
		out.align = append(out.align, slack.ColumnAlignmentLeft)
	}
	for i, row := range t.rows {
		cells := make([]cell, t.columns)
		for j, c := range row {
			cells[j] = tidy(inlineOf(c.blocks))
			if c.header && (i > 0 || !headed) {
				cells[j] = styled(cells[j], bold)
			}
		}
		out.rows = append(out.rows, cells)
	}
	return out
}

// rowAsText returns a row that is no table: in one line if its cells are short,
// else each cell after the other.
func rowAsText(row []htmlCell) []block {
	var all []block
	short := len(row) > 1
	for _, c := range row {
		all = append(all, c.blocks...)
		for _, b := range c.blocks {
			p, ok := b.(paragraph)
			short = short && ok && len(c.blocks) == 1 && length(textOf(p.text)) <= 80
		}
	}
	if !short {
		return all
	}
	if text := tidy(inlineRow(row)); len(text) > 0 {
		return []block{paragraph{text}}
	}
	return nil
}

func inlineRow(row []htmlCell) []span {
	var out []span
	for i, c := range row {
		if i > 0 {
			out = append(out, span{text: " | "})
		}
		text := inlineOf(c.blocks)
		if c.header {
			text = styled(text, bold)
		}
		out = append(out, text...)
	}
	return out
}

// inlineOf returns blocks as text with line breaks, for a cell or a line.
func inlineOf(blocks []block) []span {
	var out []span
	for i, b := range blocks {
		if i > 0 {
			out = append(out, span{text: "\n"})
		}
		switch b := b.(type) {
		case paragraph:
			out = append(out, b.text...)
		case heading:
			out = append(out, styled(b.text, bold)...)
		case quote:
			out = append(out, inlineOf(b.blocks)...)
		case list:
			out = append(out, inlineList(b)...)
		case table:
			for j, row := range b.rows {
				cells := make([]htmlCell, len(row))
				for k, c := range row {
					cells[k] = htmlCell{blocks: []block{paragraph{c}}, header: j == 0 && !b.headless}
				}
				out = append(out, append(inlineRow(cells), span{text: "\n"})...)
			}
		default:
			out = append(out, plainSpans(asPlain.write(b))...)
		}
	}
	return out
}

func inlineList(l list) []span {
	var out []span
	for i, it := range l.items {
		if i > 0 {
			out = append(out, span{text: "\n"})
		}
		out = append(append(out, span{text: it.marker(l, i, 0)}), inlineOf(it.blocks)...)
	}
	return out
}

// isMacro reports whether a node is a macro of Confluence that is a block.
func isMacro(n *htmlNode) bool {
	return (n.name == "ac:structured-macro" || n.name == "ac:macro") && !strings.Contains(" status jira anchor ", " "+n.attr("ac:name")+" ")
}
