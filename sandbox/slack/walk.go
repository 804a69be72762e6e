package slack

import (
	"bytes"
	"encoding/json"

	"enjobridge/sandbox/slack/blockkit"
)

// decodeJSON decodes JSON without converting its numbers; it returns nil for
// invalid JSON.
func decodeJSON(raw json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// walk visits each block with its interactive elements, in order, and then its
// nested blocks.
func walk(blocks any, visit func(block object, elements []object)) {
	list, _ := blocks.([]any)
	for _, item := range list {
		block, ok := item.(object)
		if !ok {
			continue
		}
		visit(block, elementsOf(block))
		walk(block["child_blocks"], visit)
		if block["type"] == "carousel" {
			walk(block["elements"], visit)
		}
	}
}

// elementsOf returns the interactive elements directly in the block.
func elementsOf(block object) []object {
	candidates := []any{block["element"], block["accessory"]}
	for _, key := range []string{"elements", "actions"} {
		list, _ := block[key].([]any)
		candidates = append(candidates, list...)
	}
	var found []object
	for _, candidate := range candidates {
		e, _ := candidate.(object)
		if kind, _ := e["type"].(string); blockkit.IsInteractive(kind) {
			found = append(found, e)
		}
	}
	return found
}
