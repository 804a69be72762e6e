package blockkit

import (
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// The limits of the table block, https://docs.slack.dev/reference/block-kit/blocks/table-block.
const (
	maxTableRows  = 100
	maxTableCells = 20
	maxTableText  = 10_000 // characters of all cells
)

// table checks a table block. A message has at most one.
func (c *checker) table(o object) {
	o.only("type", "block_id", "rows", "column_settings")
	o.need("rows")
	if c.budget.tables++; c.budget.tables > 1 && c.surface == Message {
		c.failAs(CodeInvalidAttachments, o.at, "only_one_table_allowed")
	}
	o.array("rows", 1, maxTableRows, func(at string, row any) {
		c.array(at, row, 1, maxTableCells, func(at string, cell any) { c.object(at, cell, c.cell) })
	})
	if tableText(o.fields["rows"]) > maxTableText {
		o.c.fail(o.at+"/rows", "must be less than %d characters", maxTableText+1)
	}
	o.array("column_settings", 0, maxTableCells, func(at string, v any) {
		if v != nil { // a column without settings
			c.object(at, v, c.columnSettings)
		}
	})
}

// cell checks a cell of a table. Slack refuses the whole message for an empty
// one: getnao/nao 1143, vercel/chat 373.
func (c *checker) cell(o object) {
	c.union(o.at, func() {
		switch o.kind() {
		case "raw_text":
			o.only("type", "text")
			o.need("text")
			c.budget.text(o.string("text", 1, maxTableText))
		case "raw_number":
			o.only("type", "value", "text")
			o.need("value")
			if _, ok := o.fields["value"].(json.Number); o.has("value") && !ok {
				c.fail(o.at+"/value", "must provide a number")
			}
			c.budget.text(o.string("text", 1, maxTableText))
		case "rich_text":
			c.richText(o)
		default:
			o.need("type")
			if o.has("type") {
				c.unsupported(o)
			}
		}
	})
}

func (c *checker) columnSettings(o object) {
	o.only("align", "is_wrapped")
	o.enum("align", "left", "center", "right")
	o.bools("is_wrapped")
}

// tableText counts the characters in a table's cells.
func tableText(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += tableText(item)
		}
	case map[string]any:
		for name, field := range v {
			switch s, isText := field.(string); {
			case isText && name == "text":
				n += utf8.RuneCountInString(s)
			case !isText:
				n += tableText(field)
			}
		}
	case json.Number:
		n += len(v)
	}
	return n
}

// dataTable checks the table that can be sorted and paged. See
// https://docs.slack.dev/reference/block-kit/blocks/data-table-block.
func (c *checker) dataTable(o object) {
	o.only("type", "block_id", "caption", "rows", "page_size", "row_header_column_index")
	o.need("caption", "rows")
	c.budget.text(o.string("caption", 1, 3000))
	o.integer("page_size", 1, 100)
	o.integer("row_header_column_index", 0, maxTableCells-1)
	width := -1
	o.array("rows", 2, 201, func(at string, row any) {
		cells, _ := row.([]any)
		if width < 0 {
			width = len(cells)
		} else if len(cells) != width {
			c.fail(at, "must have as many cells as the first row")
		}
		c.array(at, row, 1, maxTableCells, func(at string, cell any) { c.object(at, cell, c.cell) })
	})
	if tableText(o.fields["rows"]) > 20_000 {
		o.c.fail(o.at+"/rows", "must be less than 20001 characters")
	}
}

// dataVisualization checks a chart.
// See https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block.
func (c *checker) dataVisualization(o object) {
	o.only("type", "block_id", "title", "chart")
	o.need("title", "chart")
	c.budget.text(o.string("title", 1, 50))
	o.child("chart", func(chart object) {
		chart.need("type")
		if kinds := []string{"pie", "bar", "line", "area"}; chart.has("type") && !slices.Contains(kinds, chart.kind()) {
			c.unsupported(chart)
		}
		chart.array("segments", 1, 12, func(string, any) {})
		chart.array("series", 1, 12, func(string, any) {})
	})
}
