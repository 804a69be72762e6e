package blockkit

// block checks one block.
// See https://docs.slack.dev/reference/block-kit/blocks.
func (c *checker) block(o object) {
	rule, ok := blockRule(o.kind())
	switch {
	case !o.has("type"):
		o.need("type")
		return
	case !ok || !rule.on(c.surface):
		c.unsupported(o)
		return
	}
	c.seen.actions = map[string]bool{}
	c.blockID(o)
	c.budget.block()
	rule.check(c, o)
}

// unsupported refuses an object because of its type.
func (c *checker) unsupported(o object) {
	if kind, ok := o.fields["type"].(string); ok {
		c.fail(o.at+"/type", "unsupported type: %s", clip(kind))
		return
	}
	c.fail(o.at+"/type", "must provide a string")
}

func (c *checker) blockID(o object) {
	id := o.string("block_id", 1, 255)
	if id == "" || o.kind() == "markdown" { // Slack ignores it there
		return
	}
	if c.seen.blocks[id] {
		c.fail(o.at+"/block_id", "`block_id` %q already exists", clip(id))
	}
	c.seen.blocks[id] = true
}

// rule says how a kind of block is checked, and where it is allowed.
type rule struct {
	check    func(*checker, object)
	surfaces []Surface
}

func (r rule) on(s Surface) bool {
	for _, allowed := range r.surfaces {
		if allowed == s {
			return true
		}
	}
	return false
}

func blockRule(kind string) (rule, bool) {
	everywhere := []Surface{Message, Modal, Home}
	switch kind {
	case "actions":
		return rule{(*checker).actions, everywhere}, true
	case "alert":
		return rule{(*checker).alert, []Surface{Modal}}, true
	case "card":
		return rule{(*checker).card, everywhere}, true
	case "carousel":
		return rule{(*checker).carousel, []Surface{Message, Home}}, true
	case "container":
		return rule{(*checker).container, []Surface{Message, Home}}, true
	case "context":
		return rule{(*checker).context, everywhere}, true
	case "context_actions":
		return rule{(*checker).contextActions, []Surface{Message}}, true
	case "data_table":
		return rule{(*checker).dataTable, []Surface{Message, Home}}, true
	case "data_visualization":
		return rule{(*checker).dataVisualization, []Surface{Message, Home}}, true
	case "divider":
		return rule{(*checker).divider, everywhere}, true
	case "file":
		return rule{(*checker).file, []Surface{Message}}, true
	case "header":
		return rule{(*checker).header, everywhere}, true
	case "image":
		return rule{(*checker).imageBlock, everywhere}, true
	case "input":
		return rule{(*checker).input, everywhere}, true
	case "markdown":
		return rule{(*checker).markdown, []Surface{Message}}, true
	case "plan":
		return rule{(*checker).plan, []Surface{Message}}, true
	case "rich_text":
		return rule{(*checker).richText, everywhere}, true
	case "section":
		return rule{(*checker).section, everywhere}, true
	case "table":
		return rule{(*checker).table, []Surface{Message, Home}}, true
	case "task_card":
		return rule{(*checker).taskCard, []Surface{Message}}, true
	case "video":
		return rule{(*checker).video, everywhere}, true
	}
	return rule{}, false
}

func (c *checker) actions(o object) {
	o.only("type", "block_id", "elements")
	o.need("elements")
	o.list("elements", 1, 25, func(e object) { c.element(e, inActions) })
}

func (c *checker) context(o object) {
	o.only("type", "block_id", "elements")
	o.need("elements")
	o.list("elements", 1, 10, func(e object) {
		c.union(e.at, func() {
			if e.kind() == "image" {
				c.element(e, inContext)
				return
			}
			c.text(e, plainOrMrkdwn, 3000)
		})
	})
}

func (c *checker) contextActions(o object) {
	o.only("type", "block_id", "elements")
	o.need("elements")
	o.list("elements", 1, 5, func(e object) { c.element(e, inContextActions) })
}

func (c *checker) divider(o object) { o.only("type", "block_id") }

func (c *checker) file(o object) {
	o.only("type", "block_id", "external_id", "source")
	o.need("external_id", "source")
	o.string("external_id", 1, 255)
	o.enum("source", "remote")
}

func (c *checker) header(o object) {
	o.only("type", "block_id", "text", "level")
	o.need("text")
	o.text("text", plainOnly, 150)
	o.integer("level", 1, 4)
}

func (c *checker) imageBlock(o object) {
	o.only("type", "block_id", "image_url", "slack_file", "alt_text", "title")
	o.text("title", plainOnly, 2000)
	c.imageFields(o)
}

func (c *checker) input(o object) {
	o.only("type", "block_id", "label", "element", "dispatch_action", "hint", "optional")
	o.need("label", "element")
	o.text("label", plainOnly, 2000)
	o.text("hint", plainOnly, 2000)
	o.bools("dispatch_action", "optional")
	o.child("element", func(e object) { c.element(e, inInput) })
}

func (c *checker) markdown(o object) {
	o.only("type", "block_id", "text")
	o.need("text")
	c.budget.markdown(o.string("text", 1, maxMarkdown))
}

func (c *checker) section(o object) {
	o.only("type", "block_id", "text", "fields", "accessory", "expand")
	o.text("text", plainOrMrkdwn, 3000)
	o.list("fields", 1, 10, func(field object) {
		c.union(field.at, func() { c.text(field, plainOrMrkdwn, 2000) })
	})
	o.child("accessory", func(e object) { c.element(e, inSection) })
	o.bools("expand")
	if !o.has("text") && !o.has("fields") {
		o.fail("must define either `text` or `fields`")
	}
}

func (c *checker) video(o object) {
	o.only("type", "block_id", "alt_text", "author_name", "description", "provider_icon_url", "provider_name",
		"title", "title_url", "thumbnail_url", "video_url")
	o.need("alt_text", "title", "thumbnail_url", "video_url")
	o.string("alt_text", 1, 2000)
	o.string("author_name", 0, 50)
	o.string("provider_name", 0, 50)
	o.text("title", plainOnly, 200)
	o.text("description", plainOnly, 200)
	o.url("provider_icon_url", 3000)
	o.url("title_url", 3000)
	o.url("thumbnail_url", 3000)
	o.url("video_url", 3000)
}
