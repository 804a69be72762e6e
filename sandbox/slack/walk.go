package slack

import (
	"bytes"
	"encoding/json"

	"enjobridge/sandbox/slack/blockkit"
)

// decodeJSON reads JSON and keeps its numbers as they are; it returns nil for
// what is no JSON.
func decodeJSON(raw json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// walk visits each block with the interactive elements that stand in it, in
// order, and after it the blocks that it holds.
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

// elementsOf returns the interactive elements that stand in the block itself.
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
