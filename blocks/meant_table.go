package blocks

import (
	"strings"

	"github.com/yuin/goldmark/text"
)

// Some agents write blank lines between the rows of a table, which would end it.

// withWholeTables removes the blank lines between the rows of tables.
func withWholeTables(s string) string {
	if !strings.Contains(s, "|\n") { // most texts
		return s
	}
	var out strings.Builder
	lines := strings.SplitAfter(s, "\n")
	fence, afterRow, inTable := "", false, false
	for i := 0; i < len(lines); i++ {
		out.WriteString(lines[i])
		fence = fenceAfter(fence, lines[i])
		row := pipeRowOf(lines[i])
		if fence != "" || row == noRow {
			afterRow, inTable = false, false
			continue
		}
		inTable = inTable || (afterRow && row.delimiter)
		afterRow = true
		next := afterBlank(lines, i+1)
		if next == i+1 {
			continue
		}
		if continuesTable(row, pipeRowOf(lineAt(lines, next)), inTable) && !(inTable && pipeRowOf(lineAt(lines, afterBlank(lines, next+1))).delimiter) {
			i = next - 1
		} else {
			afterRow, inTable = false, false
		}
	}
	return out.String()
}

// continuesTable reports whether a row after blank lines is in the same table as the row
// before.
func continuesTable(row, next pipeRow, inTable bool) bool {
	return next != noRow && next.indent == row.indent && next.delimiter != inTable
}

// pipeRow is a line between pipes.
type pipeRow struct {
	indent    int
	delimiter bool // below the header
}

var noRow = pipeRow{indent: -1}

func pipeRowOf(line string) pipeRow {
	inner := strings.TrimSpace(line)
	indent := strings.Index(line, "|")
	if len(inner) < 2 || inner[0] != '|' || inner[len(inner)-1] != '|' || indent > 3 {
		return noRow
	}
	return pipeRow{indent, alignments(text.NewSegment(0, len(inner)), []byte(inner)) != nil}
}

// afterBlank returns the index of the first line from i on that is not blank.
func afterBlank(lines []string, i int) int {
	for i < len(lines) && strings.TrimSpace(lines[i]) == "" {
		i++
	}
	return i
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}
