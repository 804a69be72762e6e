package blockkit

import "math"

// richText checks a rich_text block, also in a table's cell or an input. See
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
func (c *checker) richText(o object) {
	o.only("type", "block_id", "elements")
	o.need("type", "elements")
	o.enum("type", "rich_text")
	o.list("elements", 1, anyLength, c.richTextPart)
}

func (c *checker) richTextPart(o object) {
	switch o.kind() {
	case "rich_text_section":
		o.only("type", "elements")
	case "rich_text_quote":
		o.only("type", "elements", "border")
	case "rich_text_preformatted":
		o.only("type", "elements", "border", "language")
		o.string("language", 1, 255)
	case "rich_text_list":
		c.richTextList(o)
		return
	default:
		o.need("type")
		if o.has("type") {
			c.unsupported(o)
		}
		return
	}
	o.need("elements")
	o.integer("border", 0, 1)
	inline := c.inline
	if o.kind() != "rich_text_preformatted" {
		inline = c.inlineOrCitation
	}
	o.list("elements", 0, anyLength, inline)
}

func (c *checker) richTextList(o object) {
	o.only("type", "style", "elements", "indent", "offset", "border")
	o.need("style", "elements")
	o.enum("style", "bullet", "ordered")
	o.integer("indent", 0, 8)
	o.integer("offset", 0, math.MaxInt32)
	o.integer("border", 0, 1)
	o.list("elements", 1, anyLength, func(item object) {
		if item.kind() != "rich_text_section" {
			c.unsupported(item)
			return
		}
		c.richTextPart(item)
	})
}

// inline checks a part of a line of rich text.
func (c *checker) inline(o object) {
	switch o.kind() {
	case "text":
		o.only("type", "text", "style")
		o.need("text")
		c.budget.text(o.string("text", 1, anyLength))
	case "link":
		o.only("type", "url", "text", "unsafe", "style")
		o.need("url")
		o.string("url", 1, 3000)
		c.budget.text(o.string("text", 0, anyLength))
		o.bools("unsafe")
	case "emoji":
		o.only("type", "name", "unicode", "skin_tone", "style")
		o.need("name")
		o.string("name", 1, 255)
		o.string("unicode", 1, 255)
		o.integer("skin_tone", 1, 6)
	case "user":
		c.mention(o, "user_id")
	case "channel":
		c.mention(o, "channel_id")
	case "usergroup":
		c.mention(o, "usergroup_id")
	case "team":
		c.mention(o, "team_id")
	case "broadcast":
		o.only("type", "range", "style")
		o.need("range")
		o.enum("range", "here", "channel", "everyone")
	case "color":
		c.mention(o, "value")
	case "date":
		o.only("type", "timestamp", "format", "url", "fallback", "style")
		o.need("timestamp", "format")
		o.integer("timestamp", 0, math.MaxInt64)
		o.string("format", 1, 255)
		o.url("url", 3000)
		c.budget.text(o.string("fallback", 0, anyLength))
	default:
		o.need("type")
		if o.has("type") {
			c.unsupported(o)
		}
		return
	}
	o.child("style", c.style)
}

// mention checks a part that is only a reference.
func (c *checker) mention(o object, id string) {
	o.only("type", id, "style")
	o.need(id)
	o.string(id, 1, 255)
}

func (c *checker) style(o object) {
	names := []string{"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}
	o.only(names...)
	o.bools(names...)
}
