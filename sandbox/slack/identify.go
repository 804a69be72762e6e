package slack

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
)

// generatedLength is the length of the ids that Slack generates for blocks and
// elements.
const generatedLength = 5

// identified returns the blocks with a block_id each, and with an action_id for
// each interactive element. Missing ids are generated, as in Slack.
func identified(random *rand.Rand, blocks json.RawMessage) json.RawMessage {
	decoded := decodeJSON(blocks)
	if !identify(random, decoded) {
		return blocks
	}
	return encodeJSON(decoded)
}

// identify is identified for decoded blocks; it reports whether an id was
// missing.
func identify(random *rand.Rand, blocks any) bool {
	missing := false
	name := func(o object, key string) {
		if id, _ := o[key].(string); id == "" {
			o[key], missing = randomText(random, generatedLength, alphabet), true
		}
	}
	walk(blocks, func(block object, elements []object) {
		if block["type"] != "markdown" { // Slack ignores its block_id
			name(block, "block_id")
		}
		for _, e := range elements {
			name(e, "action_id")
		}
	})
	return missing
}

// identifiedAttachments returns a message's attachments with an id each,
// counted from 1, and with the ids in their blocks.
func identifiedAttachments(random *rand.Rand, attachments json.RawMessage) json.RawMessage {
	list, _ := decodeJSON(attachments).([]any)
	for i, item := range list {
		attachment, ok := item.(object)
		if !ok {
			return attachments
		}
		attachment["id"] = i + 1
		if blocks := attachment["blocks"]; blocks != nil {
			identify(random, blocks)
			if attachment["fallback"] == nil {
				attachment["fallback"] = "[no preview available]"
			}
		}
	}
	return encodeJSON(list)
}

// encodeJSON encodes decoded JSON with as little escaping as possible.
func encodeJSON(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("slack: encoding own JSON: " + err.Error()) // it was JSON
	}
	return bytes.TrimSpace(b.Bytes())
}
