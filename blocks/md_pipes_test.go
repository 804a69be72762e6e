package blocks

import (
	"strings"
	"testing"
)

// cellTexts returns the cells of the only table in an answer, with "|" after
// each and a line for each row, and the text around it.
func cellTexts(blocks []block) string {
	var out strings.Builder
	for _, b := range blocks {
		t, ok := b.(table)
		if !ok {
			out.WriteString(asPlain.write(b) + "\n")
			continue
		}
		for _, row := range t.rows {
			for _, c := range row {
				out.WriteString(textOf(c) + "|")
			}
			out.WriteString("\n")
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// Ensure that a table is a table, and has all its cells, however its pipes are
// counted.
func TestPipes(t *testing.T) {
	for _, tt := range []struct{ markdown, want string }{
		{"|a|b|\n|-|-|\n|1|2|", "a|b|\n1|2|"},
		{"|a|b|\n|-|-|\n|1|2||", "a|b|\n1|2|"},
		{"|a|b|\n|-|-|\n|1|2| |", "a|b|\n1|2|"},
		{"|a|b|\n|-|-|\n|1|2|||\n|3|4|", "a|b|\n1|2|\n3|4|"},
		{"|a|b|\n|-|-|\n||1|2|", "a|b|\n1|2|"},
		{"|a|b||\n|-|-|\n|1|2|", "a|b|\n1|2|"},
		{"|a|b|\n|-|-||\n|1|2|", "a|b|\n1|2|"},
		{"|a|b||\n|-|-||\n|1|2||", "a|b|\n1|2|"},
		{"|a|b|\n|-|-|\n|1|2|3|", "a|b||\n1|2|3|"},
		{"|a|b|\n|-|-|\n|1|2|3|\n|4|", "a|b||\n1|2|3|\n4|||"},
		{"|a|b|c|\n|-|-|\n|1|2|3|", "a|b|c|\n1|2|3|"},
		{"|a|b|\n|-|-|-|\n|1|2|3|", "a|b||\n1|2|3|"},
		{"|a|b|\n|-|-|-|\n|1|2|", "a|b|\n1|2|"},
		{"|a|b|\n|-|\n|1|2|", "a|b|\n1|2|"},
		{"a|b\n-|-\n1|2", "a|b|\n1|2|"},
		{"a | b\n--- | ---\n1 | 2 |", "a|b|\n1|2|"},
		{"a|b|\n-|-|\n1|2|", "a|b|\n1|2|"},
		{"|a|b\n|-|-\n|1|2", "a|b|\n1|2|"},
		{"|a|\n|-|\n|1|", "a|\n1|"},
		{"a\n:-:\n1", "a|\n1|"},
		{"||b|\n|-|-|\n|1|2|", "|b|\n1|2|"},
		{"|a|b|\n|-|-|\n||2|", "a|b|\n|2|"},
		{"|a|b|\n|—|—|\n|1|2|", "a|b|\n1|2|"},
		{"|a|b|\n|-| |\n|1|2|", "a|b|\n1|2|"},
		{"|a|b|\n|-|-|\n|1\\|2|3|", "a|b|\n1|2|3|"},
		{"|a|b|\n|-|-|\n|`1\\|2`|3|", "a|b|\n1|2|3|"},
		{"|a|b|\n|-|-|\n|**`1\\|2`**|3|", "a|b|\n1|2|3|"},
		{"|a|b|\n|-|-|\n|`1|2`|3|", "a|b|\n1|2|3|"},
		{"|a|b|\n|-|-|\n|``1|`2``|`3|`|", "a|b|\n1|`2|3||"},
		{"|a|b|\n|-|-|\n|`1|2|", "a|b|\n`1|2|"},
		{"|a|b|\n|-|-|\n|`1|2|3|", "a|b||\n`1|2|3|"},
		{"Text\n|a|b|\n|-|-|\n|1|2||", "Text\na|b|\n1|2|"},
		{"|a|b|\n|-|-|\n|1|2|\nText\n|c|d|\n|-|-|\n|3|4|5|\nText", "a|b|\n1|2|\nText\nc|d||\n3|4|5|\nText"},
		{"|a|b|\n|-|-|\n|1|2|\n|-|-|\n|3|4|", "a|b|\n1|2|\n-|-|\n3|4|"},
		{"|a|b|\n|-|-|\nText | 1", "a|b|\nText|1|"},
		{"> |a|b|\n> |-|-|\n> |1|2||", "a | b\n-----\n1 | 2"},
		{"- |a|b|\n  |-|-|\n  |1|2|3|", "•\na | b | –\n---------\n1 | 2 | 3"},
		{"|a|b|\n|-|-|", "a|b|"},
		{"|a|b|\n|1|2|", "|a|b|\n|1|2|"},
		{"a | b\nc - d", "a | b\nc - d"},
		{"a | b\n- | c", "a | b\n• | c"},
		{"Choose yes | no\n:-:\nthen", "Choose yes | no\n:-:\nthen"},
		{"a\n|-|-|\n|1|2|", "a\n|-|-|\n|1|2|"},
		{"|a|b|\n|-|x|\n|1|2|", "|a|b|\n|-|x|\n|1|2|"},
	} {
		if got := cellTexts(parse(tt.markdown)); got != tt.want {
			t.Errorf("%q\n got %q\nwant %q", tt.markdown, got, tt.want)
		}
	}
}
