package slackevent

import (
	"fmt"
	"strings"
)

// controls are the blocks with which people do something. They say nothing.
var controls = map[string]bool{"actions": true, "context_actions": true, "divider": true, "input": true}

// blocks returns blocks as text.
// https://docs.slack.dev/reference/block-kit/blocks
func (r *reader) blocks(list []node) string {
	var texts []string
	for _, b := range list {
		texts = append(texts, strings.TrimRight(r.block(b), "\n"))
	}
	return lines(texts...)
}

// tables returns the blocks that a message's text does not have.
func (r *reader) tables(list []node) string {
	var texts []string
	for _, b := range list {
		if isTable(b) {
			texts = append(texts, r.block(b))
		}
	}
	return paragraphs(texts...)
}

func isTable(b node) bool { return b.text("type") == "table" || b.text("type") == "data_table" }

// block returns a block, or an element of a rich_text block, as text.
func (r *reader) block(b node) string {
	if r.depth == maxDepth {
		r.cut = true
		return ""
	}
	r.depth++
	defer func() { r.depth-- }()
	switch kind := b.text("type"); {
	case controls[kind]:
		return ""
	case strings.HasPrefix(kind, "rich_text"):
		return r.richText(b)
	case isTable(b):
		return lines(r.textOf(b["caption"]), r.table(b["rows"]))
	case kind == "context":
		return r.context(b)
	case kind == "image":
		return r.image(b)
	case kind == "markdown":
		return b.text("text")
	}
	return r.other(b)
}

// other returns any block as text: the fields in which blocks have texts, and the blocks
// within it. Slack adds new types of blocks.
func (r *reader) other(b node) string {
	var texts []string
	for _, name := range []string{"title", "subtitle", "text", "body", "description", "caption"} {
		texts = append(texts, r.textOf(b[name]))
	}
	for _, field := range r.objects(b["fields"]) {
		texts = append(texts, r.textOf(map[string]any(field)))
	}
	texts = append(texts, r.blocks(r.objects(b["elements"])), r.blocks(r.objects(b["blocks"])))
	return lines(texts...)
}

// textOf returns a text object. Only a mrkdwn text has entities and escapes.
// https://docs.slack.dev/reference/block-kit/composition-objects/text-object
func (r *reader) textOf(value any) string {
	if text, ok := value.(string); ok {
		return escape(text)
	}
	object, _ := value.(map[string]any)
	switch o := node(object); o.text("type") {
	case "mrkdwn", "markdown":
		return o.text("text")
	case "rich_text":
		return r.block(o)
	default:
		return escape(o.text("text"))
	}
}

// context returns the texts of a context block on one line. Its images are icons.
func (r *reader) context(b node) string {
	var texts []string
	for _, e := range r.objects(b["elements"]) {
		texts = append(texts, r.textOf(map[string]any(e)))
	}
	return joined(" ", texts)
}

// image returns the title and the description of an image block.
func (r *reader) image(b node) string {
	description := label(joined(": ", []string{b.object("title").text("text"), b.text("alt_text")}))
	if description == "" {
		return ""
	}
	return "[Image, not readable: " + escape(description) + "]"
}

// table returns the rows of a table, one a line.
// https://docs.slack.dev/reference/block-kit/blocks/table-block
func (r *reader) table(value any) string {
	all, _ := value.([]any)
	var rows []string
	for _, row := range all {
		if !r.take() {
			break
		}
		var cells []string
		for _, cell := range r.objects(row) {
			cells = append(cells, r.cell(cell))
		}
		rows = append(rows, strings.Join(cells, " | "))
	}
	return lines(rows...)
}

// cell returns a cell of a table on one line.
func (r *reader) cell(c node) string {
	text := r.textOf(map[string]any(c))
	if value, ok := c["value"].(float64); ok && text == "" {
		text = fmt.Sprint(value)
	}
	return oneLine(text)
}
