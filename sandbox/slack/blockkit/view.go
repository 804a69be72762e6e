package blockkit

import "encoding/json"

// CheckView returns why Slack would refuse a view for views.open, views.push,
// views.update or views.publish, or nil if Slack would accept it.
//
// See https://docs.slack.dev/reference/views.
func CheckView(view json.RawMessage) []Problem {
	c := newChecker(Modal, CodeInvalidArguments)
	if len(view) > maxView {
		c.failAs(CodeViewTooLarge, "/view", "must be less than %d bytes", maxView+1)
		return c.problems
	}
	v, err := decode(view)
	if err != nil {
		c.fail("/view", "must be a JSON object")
		return c.problems
	}
	c.union("/view", func() { c.object("/view", v, c.view) })
	return c.problems
}

func (c *checker) view(o object) {
	o.need("type", "blocks")
	switch {
	case o.kind() == "modal":
		c.modal(o)
	case o.kind() == "home":
		c.surface = Home
		o.only("type", "blocks", "private_metadata", "callback_id", "external_id")
	case o.has("type"):
		c.unsupported(o)
	}
	o.string("private_metadata", 0, 3000)
	o.string("callback_id", 0, 255)
	o.string("external_id", 0, 255)
	if blocks, ok := o.fields["blocks"]; ok {
		c.blocks(o.at+"/blocks", blocks)
	}
}

func (c *checker) modal(o object) {
	o.only("type", "title", "blocks", "close", "submit", "private_metadata", "callback_id",
		"clear_on_close", "notify_on_close", "external_id")
	o.need("title")
	o.text("title", plainOnly, 24)
	o.text("close", plainOnly, 24)
	o.text("submit", plainOnly, 24)
	o.bools("clear_on_close", "notify_on_close")
	if !o.has("submit") && hasInput(o.fields["blocks"]) {
		o.fail("missing required field: submit")
	}
}

// hasInput reports whether one of the blocks is an input: then a modal must
// have a button to submit it.
func hasInput(blocks any) bool {
	items, _ := blocks.([]any)
	for _, item := range items {
		block, _ := item.(map[string]any)
		if block["type"] == "input" {
			return true
		}
	}
	return false
}
