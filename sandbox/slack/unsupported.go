package slack

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"enjobridge/sandbox/slack/blockkit"
)

// Unsupported refuses blocks and elements of these types, also nested ones, like a Slack
// that does not know them. Calls without them are processed.
func Unsupported(kinds ...string) CallEffect {
	return CallEffect{"unsupported " + strings.Join(kinds, ", "), callEffect{kinds: kinds}}
}

// refuseKinds returns Slack's error for the blocks and elements of these types in a call's arguments;
// nil if there are none.
func refuseKinds(req request, kinds []string) error {
	if len(kinds) == 0 {
		return nil
	}
	return refusal(ofKinds("/blocks", decodeJSON(json.RawMessage(req.text("blocks"))), kinds))
}

// ofKinds returns a problem for each of the blocks, or of their elements, that has one of
// the types.
func ofKinds(at string, blocks any, kinds []string) (found []blockkit.Problem) {
	list, _ := blocks.([]any)
	for i, item := range list {
		block, _ := item.(object)
		here := at + "/" + strconv.Itoa(i)
		if kind, _ := block["type"].(string); slices.Contains(kinds, kind) {
			found = append(found, blockkit.Problem{
				Code: blockkit.CodeInvalidBlocks, Message: "[ERROR] unsupported type: " + kind + " [json-pointer:" + here + "/type]",
			})
		}
		for _, inner := range []string{"child_blocks", "elements"} {
			found = append(found, ofKinds(here+"/"+inner, block[inner], kinds)...)
		}
	}
	return found
}
