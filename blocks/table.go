package blocks

import (
	"strings"

	"github.com/rivo/uniseg"
	"github.com/slack-go/slack"
)

// emptyCell is the text of a cell without text, which Slack would refuse.
const emptyCell = "–"

// fits reports whether Slack can show the table, perhaps in several parts.
func (t table) fits() bool {
	if len(t.rows) < 2 || len(t.rows[0]) > tableColumns {
		return false
	}
	header := blockOverhead + rowCost(t.rows[0])
	for _, row := range t.rows {
		if header+rowCost(row) > tableLimit {
			return false
		}
		for _, c := range row {
			if spansCost(c, 0) > cellLimit {
				return false
			}
		}
	}
	return true
}

// slackTable writes a table as a table block.
func slackTable(t table) slack.Block {
	b := slack.NewTableBlock("")
	for _, align := range t.align {
		b.ColumnSettings = append(b.ColumnSettings, slack.ColumnSetting{Align: align, IsWrapped: true})
	}
	for i, row := range t.rows {
		cells := make([]slack.TableCell, len(row))
		for j, c := range row {
			cells[j] = slackCell(c, i == 0 && !t.headless)
		}
		b.AddRow(cells...)
	}
	return b
}

func slackCell(c cell, header bool) slack.TableCell {
	if len(c) == 0 {
		return slack.NewTableRawTextCell(emptyCell)
	}
	if header {
		c = styled(c, bold)
	}
	if len(c) == 1 && c[0].style == 0 && c[0].url == "" && !c[0].emoji {
		return slack.NewTableRawTextCell(c[0].text)
	}
	return slack.NewTableRichTextCell(richSection(uncited(c)))
}

// Limits that make a preformatted table legible and small: the width up to
// which columns are aligned, and the size that the alignment may add.
const (
	alignedWidth = 120
	alignedGrows = 3
)

// preformatted writes a table as text, aligned if that is not too wide.
func preformatted(t table) code {
	rows, widths, size := texts(t)
	total := 0
	for _, w := range widths {
		total += w + len(" | ")
	}
	if total > alignedWidth || total*len(rows) > alignedGrows*size+1000 {
		widths = make([]int, len(widths))
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = alignRow(row, widths, t.align)
	}
	if t.headless {
		return code{text: strings.Join(lines, "\n")}
	}
	head := lines[0]
	if total <= alignedWidth {
		head += "\n" + strings.Repeat("-", max(total-len(" | "), 3))
	}
	text := strings.Join(lines[1:], "\n")
	if blank(text) {
		return code{text: head}
	}
	return code{head: head, text: text}
}

// texts returns the text of each cell, the width of each column, and the total
// size.
func texts(t table) (rows [][]string, widths []int, size int) {
	widths = make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		cells := make([]string, len(widths))
		for i := range widths {
			cells[i] = emptyCell
			if i < len(row) && len(row[i]) > 0 {
				cells[i] = strings.ReplaceAll(plainText(row[i]), "\n", " ")
			}
			widths[i] = max(widths[i], uniseg.StringWidth(cells[i]))
			size += len(cells[i]) + len(" | ")
		}
		rows = append(rows, cells)
	}
	return rows, widths, size
}

func alignRow(cells []string, widths []int, align []slack.ColumnAlignment) string {
	padded := make([]string, len(cells))
	for i, c := range cells {
		space := 0
		if widths[i] > 0 {
			space = widths[i] - uniseg.StringWidth(c)
		}
		left := 0
		switch align[i] {
		case slack.ColumnAlignmentRight:
			left = space
		case slack.ColumnAlignmentCenter:
			left = space / 2
		}
		padded[i] = strings.Repeat(" ", left) + c + strings.Repeat(" ", space-left)
	}
	return strings.TrimRight(strings.Join(padded, " | "), " ")
}

// withoutTables replaces tables by preformatted text, except those at the top
// level for which allowed returns true.
func withoutTables(blocks []block, allowed func(table) bool) []block {
	out := make([]block, len(blocks))
	for i, b := range blocks {
		switch b := b.(type) {
		case table:
			out[i] = b
			if !allowed(b) {
				out[i] = preformatted(b)
			}
		case quote:
			out[i] = quote{withoutTables(b.blocks, never)}
		case list:
			items := make([]item, len(b.items))
			for j, it := range b.items {
				items[j] = item{it.task, withoutTables(it.blocks, never)}
			}
			out[i] = list{b.ordered, b.start, items}
		default:
			out[i] = b
		}
	}
	return out
}

func never(table) bool { return false }
