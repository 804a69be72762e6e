package blockkit

import (
	"encoding/json"
	"strings"
)

// Functions for elements that both renderers use.

// isMenu reports whether an element is one of the select menus.
func isMenu(kind string) bool {
	switch strings.TrimPrefix(kind, "multi_") {
	case "static_select", "external_select", "users_select", "conversations_select", "channels_select":
		return true
	}
	return false
}

// chosen returns the set of the options' values.
func chosen(options []fields) map[string]bool {
	values := map[string]bool{}
	for _, option := range options {
		if option != nil {
			values[option.string("value")] = true
		}
	}
	return values
}

// initialReferences returns the people and channels that are initially selected
// in a menu.
func initialReferences(f fields) []node {
	var nodes []node
	for _, id := range append(f.strings("initial_users"), f.string("initial_user")) {
		nodes = append(nodes, node{kind: nodeUser, id: id})
	}
	for _, name := range []string{"conversation", "channel"} {
		for _, id := range append(f.strings("initial_"+name+"s"), f.string("initial_"+name)) {
			nodes = append(nodes, conversationNode(id))
		}
	}
	kept := nodes[:0]
	for _, n := range nodes {
		if n.id != "" {
			kept = append(kept, n)
		}
	}
	return kept
}

// conversationNode refers to a conversation, which may be with a person.
func conversationNode(id string) node {
	if isID(id, "UW") {
		return node{kind: nodeUser, id: id}
	}
	return node{kind: nodeChannel, id: id}
}

// dateOf is the initial time of a datetimepicker.
func dateOf(f fields) node {
	number, _ := f["initial_date_time"].(json.Number)
	return node{kind: nodeDate, id: number.String(), text: "{date_num} {time}"}
}

// tableNode parses a table block. Its first row is the head.
func tableNode(f fields) node {
	settings, _ := f["column_settings"].([]any)
	rows, _ := f["rows"].([]any)
	table := node{kind: nodeTable}
	for i, v := range rows {
		cells, isRow := v.([]any)
		if !isRow {
			cells = []any{v}
		}
		row := node{kind: nodeRow}
		for j, cell := range toObjects(cells) {
			row.kids = append(row.kids, node{kind: nodeCell, flag: i == 0, align: columnAlign(settings, j), kids: cellNodes(cell)})
		}
		table.kids = append(table.kids, row)
	}
	return table
}

func columnAlign(settings []any, column int) string {
	if column >= len(settings) {
		return ""
	}
	setting, _ := settings[column].(map[string]any)
	switch align := fields(setting).string("align"); align {
	case "center", "right":
		return align
	}
	return ""
}

func cellNodes(f fields) []node {
	switch f.kind() {
	case "raw_text":
		return []node{textNode(f.string("text"))}
	case "raw_number":
		if f.has("text") {
			return []node{textNode(f.string("text"))}
		}
		number, _ := f["value"].(json.Number)
		return []node{textNode(number.String())}
	case "rich_text":
		return parseRichText(f)
	}
	if value, ok := f["value"]; ok && value == nil { // Slack's own empty cell
		return nil
	}
	return []node{unknown(f)}
}
