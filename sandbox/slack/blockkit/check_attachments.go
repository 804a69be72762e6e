package blockkit

import (
	"encoding/json"
	"strconv"
)

// CheckAttachments returns why Slack would refuse the blocks in a message's
// attachments, or nil if Slack would accept them. The problems read as in the
// response to chat.postMessage, where the blocks are under
// "/attachments/0/blocks", and have the code [CodeInvalidAttachments].
//
// See
// https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments.
func CheckAttachments(attachments json.RawMessage) []Problem {
	c := newChecker(Message, CodeInvalidAttachments)
	if len(attachments) > maxPayload {
		c.fail("/attachments", "must be less than %d bytes", maxPayload+1)
		return c.problems
	}
	v, err := decode(attachments)
	items, ok := v.([]any)
	if err != nil || !ok {
		c.fail("/attachments", "must be a JSON array of attachments")
		return c.problems
	}
	var problems []Problem
	for i, item := range items {
		attachment, _ := item.(map[string]any)
		if blocks := attachment["blocks"]; blocks != nil {
			c := newChecker(Message, CodeInvalidAttachments)
			c.blocks("/attachments/"+strconv.Itoa(i)+"/blocks", blocks)
			problems = append(problems, c.problems...)
		}
	}
	return problems
}
