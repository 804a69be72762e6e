package blocks

import "testing"

// Ensure that blank lines between the rows of a table do not end it, and that those
// between tables and in other text stay.
func TestTablesWithBlankLines(t *testing.T) {
	for text, want := range map[string]string{
		"|a|b|\n\n|-|-|\n\n|1|2|\n\n|3|4|\n\nc":              "a|b|\n1|2|\n3|4|\nc",
		"|a|b|\n|-|-|\n|1|2|\n\n|3|4|":                       "a|b|\n1|2|\n3|4|",
		"|a|b|\n|-|-|\n \n\n|1|2|3|\n":                       "a|b||\n1|2|3|",
		"c\n\n|a|b|\n\n|-|-|\n|1|2|\nd":                      "c\na|b|\n1|2|\nd",
		"|a|b|\n|-|-|\n|1|2|\n\n|c|d|\n|-|-|\n|3|4|":         "a|b|\n1|2|\nc|d|\n3|4|",
		"|a|b|\n\n|-|-|\n\n|1|2|\n\n|c|d|\n\n|-|-|\n\n|3|4|": "a|b|\n1|2|\nc|d|\n3|4|",
		"|a|b|\n|-|-|\n|1|2|\n\nc | d":                       "a|b|\n1|2|\nc | d",
		"|a|b|\n\n|c|d|":                                     "|a|b|\n|c|d|",
		"```\n|a|\n\n|-|\n\n|1|\n```":                        "|a|\n\n|-|\n\n|1|",
		"|-|-|\n\n|1|2|":                                     "|-|-|\n|1|2|",
		"- |a|\n\n  |-|":                                     "• |a|\n    |-|",
		"- c\n\n  |a|b|\n\n  |-|-|\n\n  |1|2|":               "• c\na | b\n-----\n1 | 2",
	} {
		if got := cellTexts(parse(meant(text))); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
