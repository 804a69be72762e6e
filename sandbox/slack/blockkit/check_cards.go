package blockkit

// alert checks an alert in a modal. See
// https://docs.slack.dev/reference/block-kit/blocks/alert-block.
func (c *checker) alert(o object) {
	o.only("type", "block_id", "text", "level")
	o.need("text")
	o.text("text", plainOrMrkdwn, 200)
	o.enum("level", "default", "info", "warning", "error", "success")
}

// card checks a card. See
// https://docs.slack.dev/reference/block-kit/blocks/card-block.
func (c *checker) card(o object) {
	o.only("type", "block_id", "hero_image", "icon", "slack_icon", "title", "subtitle", "body", "subtext", "actions")
	o.child("hero_image", func(e object) { c.element(e, inContext) })
	o.child("icon", func(e object) { c.element(e, inContext) })
	o.child("slack_icon", c.slackIcon)
	o.text("title", plainOrMrkdwn, 150)
	o.text("subtitle", plainOrMrkdwn, 150)
	o.text("body", plainOrMrkdwn, 200)
	o.text("subtext", plainOrMrkdwn, 200)
	o.list("actions", 1, 3, func(e object) { c.element(e, inCard) })
	if !o.has("hero_image") && !o.has("title") && !o.has("actions") && !o.has("body") {
		o.fail("must define at least one of `hero_image`, `title`, `actions` or `body`")
	}
	if o.has("icon") && o.has("slack_icon") { // both have the same place
		o.fail("must define only one of `icon` or `slack_icon`")
	}
}

// slackIcon checks a reference to one of Slack's icons. See
// https://docs.slack.dev/reference/block-kit/composition-objects/slack-icon-object.
func (c *checker) slackIcon(o object) {
	o.only("type", "name")
	o.need("type", "name")
	o.enum("type", "icon")
	o.enum("name", "archive", "book", "bookmark", "bot", "bug", "calendar", "call", "caret-left", "caret-right", "check", "clipboard", "code",
		"comment", "compass", "copy", "cube", "download", "edit", "email", "eye-closed", "eye-open", "file", "flag", "folder", "gear", "globe",
		"heart", "help", "image", "info", "key", "lightbulb", "link", "map", "mobile", "new-window", "pin", "plus", "refine", "refresh", "rocket",
		"save", "screen", "share", "sparkle", "star", "star-filled", "tag", "thumbs-down", "thumbs-up", "trash", "upload", "user", "warning")
}

// carousel checks a row of cards. See
// https://docs.slack.dev/reference/block-kit/blocks/carousel-block.
func (c *checker) carousel(o object) {
	o.only("type", "block_id", "elements")
	o.need("elements")
	o.list("elements", 1, 10, func(e object) { c.inner(e, "card") })
}

// container checks a group of blocks.
// See https://docs.slack.dev/reference/block-kit/blocks/container-block.
func (c *checker) container(o object) {
	o.only("type", "block_id", "title", "rich_text_title", "subtitle", "child_blocks", "width", "icon",
		"is_collapsible", "default_collapsed", "has_header_divider")
	o.need("child_blocks")
	o.text("title", plainOnly, 150)
	o.text("subtitle", plainOrMrkdwn, 150)
	o.child("rich_text_title", c.richText)
	o.child("icon", func(e object) { c.element(e, inContext) })
	o.enum("width", "narrow", "standard", "wide", "full")
	o.bools("is_collapsible", "default_collapsed", "has_header_divider")
	o.list("child_blocks", 1, 10, func(e object) {
		c.inner(e, "actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table", "video")
	})
	if !o.has("title") && !o.has("rich_text_title") {
		o.fail("must define either `title` or `rich_text_title`")
	}
	if o.isTrue("default_collapsed") && !o.isTrue("is_collapsible") {
		o.fail("`default_collapsed` requires `is_collapsible`")
	}
	if o.isTrue("has_header_divider") && o.isTrue("is_collapsible") {
		o.fail("`has_header_divider` must not be combined with `is_collapsible`")
	}
}

// inner checks a block inside another one. Containers cannot be nested, so that
// there is only one level.
func (c *checker) inner(o object, allowed ...string) {
	for _, kind := range allowed {
		if o.kind() == kind {
			c.block(o)
			return
		}
	}
	o.need("type")
	if o.has("type") {
		c.unsupported(o)
	}
}

// plan checks a list of tasks.
// See https://docs.slack.dev/reference/block-kit/blocks/plan-block.
func (c *checker) plan(o object) {
	o.only("type", "block_id", "title", "tasks")
	o.need("title")
	c.budget.text(o.string("title", 1, 3000))
	o.list("tasks", 0, 50, func(e object) { c.inner(e, "task_card") })
}

// taskCard checks a task. See
// https://docs.slack.dev/reference/block-kit/blocks/task-card-block.
func (c *checker) taskCard(o object) {
	o.only("type", "block_id", "task_id", "title", "details", "output", "sources", "status")
	o.need("task_id", "title")
	o.string("task_id", 1, 255)
	c.budget.text(o.string("title", 1, 3000))
	o.child("details", c.richText)
	o.child("output", c.richText)
	o.enum("status", "pending", "in_progress", "complete", "error")
	o.list("sources", 0, anyLength, func(source object) {
		source.only("type", "url", "text")
		source.need("type", "url", "text")
		source.enum("type", "url")
		source.url("url", 3000)
		source.string("text", 1, 3000)
	})
}
