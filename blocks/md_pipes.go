package blocks

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	gfm "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// pipeTables turns paragraphs into tables. Agents miscount: rows with more
// cells than the header widen the table, so that no cell is lost. Unlike in
// GitHub's dialect, a line without a pipe is text after the table.
type pipeTables struct{}

// Transform replaces the lines of tables in a paragraph. It leaves text in
// which a row is longer than a paragraph may be, or in which more cells would
// be filled up than there is text.
func (pipeTables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, source := node.Lines(), reader.Source()
	start := 0
	for i := 1; i < lines.Len(); i++ {
		align := alignments(lines.At(i), source)
		if align == nil || i <= start {
			continue
		}
		header := cellsOf(lines.At(i-1), len(align), source)
		piped := hasPipe(lines.At(i-1), source)
		if len(header) != len(align) && (!piped || !hasPipe(lines.At(i), source)) {
			continue
		}
		end := i + 1
		for end < lines.Len() && (!piped || hasPipe(lines.At(end), source)) {
			end++
		}
		rows, ok := rowsOf(header, lines.Sliced(i-1, end), len(align), source)
		if !ok {
			break // later ones, too, so that time stays linear
		}
		insertText(node, lines.Sliced(start, i-1), reader, pc)
		table := newTable(rows, align)
		table.SetPos(lines.At(i - 1).Start)
		node.Parent().InsertBefore(node.Parent(), node, table)
		start, i = end, end
	}
	if start == lines.Len() {
		node.Parent().RemoveChild(node.Parent(), node)
		return
	}
	lines.SetSliced(start, lines.Len())
}

// insertText inserts lines before a paragraph, without the last line break.
func insertText(before *ast.Paragraph, lines []text.Segment, reader text.Reader, pc parser.Context) {
	if len(lines) == 0 {
		return
	}
	p := ast.NewParagraph()
	p.Lines().AppendAll(lines)
	last := len(lines) - 1
	p.Lines().Set(last, lines[last].WithStop(lines[last].Stop-1))
	before.Parent().InsertBefore(before.Parent(), before, p)
	paragraphCutter{}.Transform(p, reader, pc)
}

func hasPipe(line text.Segment, source []byte) bool {
	return bytes.IndexByte(line.Value(source), '|') >= 0
}

// delimiterCell matches a cell of the row below the header; smart dashes are
// what some editors make of "--".
var delimiterCell = regexp.MustCompile(`^(:?)[-–—]+(:?)$`)

// alignments reads the row below a table's header; nil if it is another line.
func alignments(segment text.Segment, source []byte) []gfm.Alignment {
	line := segment.Value(source)
	if !bytes.ContainsAny(line, "|:") || !bytes.ContainsAny(line, "-–—") {
		return nil // most lines
	}
	var all []gfm.Alignment
	dashes := false
	for c := range bytes.SplitSeq(bytes.Trim(bytes.TrimSpace(line), "|"), []byte("|")) {
		m := delimiterCell.FindSubmatch(bytes.TrimSpace(c))
		switch {
		case m == nil && len(bytes.TrimSpace(c)) > 0:
			return nil
		case m == nil:
			all = append(all, gfm.AlignNone)
			continue
		case len(m[1]) > 0 && len(m[2]) > 0:
			all = append(all, gfm.AlignCenter)
		case len(m[2]) > 0:
			all = append(all, gfm.AlignRight)
		case len(m[1]) > 0:
			all = append(all, gfm.AlignLeft)
		default:
			all = append(all, gfm.AlignNone)
		}
		dashes = true
	}
	if !dashes {
		return nil
	}
	return all
}

// rowsOf divides the lines of a table into cells, the same number in each row:
// as many as the longest row has. The second line is the delimiter row.
func rowsOf(header []text.Segment, lines []text.Segment, columns int, source []byte) ([][]text.Segment, bool) {
	columns = max(columns, len(header))
	rows := [][]text.Segment{header}
	size, longest := 0, len(header)
	for i, line := range lines {
		if line.Len() > pieceLimit {
			return nil, false
		}
		size += line.Len()
		if i > 1 {
			row := cellsOf(line, columns, source)
			rows, longest = append(rows, row), max(longest, len(row))
		}
	}
	if longest*len(lines) > 2*size {
		return nil, false
	}
	for i := range rows {
		for len(rows[i]) < longest {
			rows[i] = append(rows[i], text.Segment{})
		}
	}
	return rows, true
}

// cellsOf divides a row at its pipes. If it has more cells than there are
// columns, blank ones at its ends are left out, and pipes in code do not count.
func cellsOf(line text.Segment, columns int, source []byte) []text.Segment {
	line = line.TrimLeftSpace(source)
	line = line.TrimRightSpace(source)
	cells := splitCells(line, source, false)
	for len(cells) > columns && cells[len(cells)-1].IsEmpty() {
		cells = cells[:len(cells)-1]
	}
	for len(cells) > columns && cells[0].IsEmpty() {
		cells = cells[1:]
	}
	if len(cells) > columns {
		if whole := splitCells(line, source, true); len(whole) <= columns {
			return whole
		}
	}
	return cells
}

// splitCells divides a row at its pipes; those after a backslash are text.
func splitCells(line text.Segment, source []byte, codeIsWhole bool) []text.Segment {
	row := line.Value(source)
	start, end := 0, len(row)
	if end > 0 && row[0] == '|' {
		start = 1
	}
	if end > start && row[end-1] == '|' && !(end > 1 && row[end-2] == '\\') {
		end--
	}
	var cells []text.Segment
	add := func(from, to int) {
		c := text.NewSegment(line.Start+from, line.Start+to)
		c = c.TrimLeftSpace(source)
		cells = append(cells, c.TrimRightSpace(source))
	}
	for i := start; i < end; i++ {
		switch {
		case row[i] == '|' && (i == 0 || row[i-1] != '\\'):
			add(start, i)
			start = i + 1
		case row[i] == '`' && codeIsWhole:
			i = codeEnd(row, i) - 1
		}
	}
	add(start, end)
	return cells
}

// codeEnd returns the end of the code that starts with the backtick at i, or of
// the backticks if they do not start code.
func codeEnd(row []byte, i int) int {
	n := i
	for n < len(row) && row[n] == '`' {
		n++
	}
	ticks := row[i:n]
	for at := n; ; {
		next := bytes.Index(row[at:], ticks)
		if next < 0 {
			return n
		}
		at += next + len(ticks)
		end := at
		for end < len(row) && row[end] == '`' {
			end++
		}
		if end == at {
			return at
		}
		at = end
	}
}

// newTable returns a table; columns without an alignment have none.
func newTable(rows [][]text.Segment, align []gfm.Alignment) *gfm.Table {
	columns := len(rows[0])
	for len(align) < columns {
		align = append(align, gfm.AlignNone)
	}
	table := gfm.NewTable()
	table.Alignments = align[:columns]
	for i, cells := range rows {
		row := gfm.NewTableRow(table.Alignments)
		for _, c := range cells {
			cell := gfm.NewTableCell()
			if !c.IsEmpty() {
				cell.Lines().Append(c)
			}
			row.AppendChild(row, cell)
		}
		if i == 0 {
			table.AppendChild(table, gfm.NewTableHeader(row))
		} else {
			table.AppendChild(table, row)
		}
	}
	return table
}
