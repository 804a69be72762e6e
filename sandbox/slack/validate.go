package slack

import (
	"encoding/json"
	"strings"

	"enjobridge/sandbox/slack/blockkit"
)

// blocksValidate is https://docs.slack.dev/reference/methods/blocks.validate.
func (w *Workspace) blocksValidate(req request) (object, error) {
	var kinds []string
	for _, kind := range []string{"blocks", "message", "view"} {
		if req.text(kind) != "" {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) != 1 {
		return nil, explain("invalid_arguments", "must provide exactly one of `blocks`, `view`, or `message`")
	}
	raw := json.RawMessage(req.text(kinds[0]))
	var problems []blockkit.Problem
	root := "" // of the pointers: those of blocks begin with the number of a block
	switch kinds[0] {
	case "blocks":
		problems, root = blockkit.Check(raw, blockkit.Message), "/blocks"
	case "message":
		problems = checkMessage(raw)
	case "view":
		problems, root = blockkit.CheckView(raw), "/view"
	}
	if len(problems) == 0 {
		return nil, nil
	}
	return nil, fail(Error("invalid_"+kinds[0]), object{"errors": constraints(problems, root)})
}

// checkMessage checks the payload of a message.
func checkMessage(raw json.RawMessage) []blockkit.Problem {
	var message struct {
		Text   string          `json:"text"`
		Blocks json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal(raw, &message); err != nil {
		return []blockkit.Problem{{Message: "[ERROR] must be a message in JSON"}}
	}
	if message.Blocks == nil && message.Text == "" {
		return []blockkit.Problem{{Message: "[ERROR] missing required field: blocks"}}
	}
	if message.Blocks == nil {
		return nil
	}
	return blockkit.Check(message.Blocks, blockkit.Message)
}

// constraints returns problems as blocks.validate reports them.
func constraints(problems []blockkit.Problem, root string) []object {
	all := make([]object, len(problems))
	for i, p := range problems {
		message, _, _ := strings.Cut(strings.TrimPrefix(p.Message, "[ERROR] "), " [json-pointer:")
		all[i] = object{"code": "failed_constraint", "message": message, "pointer": strings.TrimPrefix(p.Pointer, root)}
	}
	return all
}
