package blockkit

// textKind says which of Slack's text objects a field accepts.
type textKind int

const (
	plainOnly textKind = iota
	mrkdwnOnly
	plainOrMrkdwn
)

func (k textKind) takes(kind string) bool {
	return kind == "plain_text" && k != mrkdwnOnly || kind == "mrkdwn" && k != plainOnly
}

// text checks a field that is a text object.
// See https://docs.slack.dev/reference/block-kit/composition-objects/text-object.
func (o object) text(name string, kind textKind, longest int) {
	at := o.at + "/" + name
	if v, ok := o.fields[name]; ok {
		o.c.union(at, func() {
			o.c.object(at, v, func(text object) { o.c.text(text, kind, longest) })
		})
	}
}

func (c *checker) text(o object, kind textKind, longest int) {
	switch {
	case !kind.takes(o.kind()):
		o.need("type")
		if o.has("type") {
			c.unsupported(o)
		}
	case o.kind() == "plain_text":
		o.only("type", "text", "emoji")
	default:
		o.only("type", "text", "verbatim")
	}
	o.need("text")
	c.budget.text(o.string("text", 1, longest))
	o.bools("emoji", "verbatim")
}

// confirm checks the confirmation dialog of an element. See
// https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object.
func (c *checker) confirm(o object) {
	o.only("title", "text", "confirm", "deny", "style")
	o.need("title", "text", "confirm", "deny")
	o.text("title", plainOnly, 100)
	o.text("text", plainOrMrkdwn, 300)
	o.text("confirm", plainOnly, 30)
	o.text("deny", plainOnly, 30)
	o.enum("style", "primary", "danger")
}

// options checks a list of options of a menu.
// See https://docs.slack.dev/reference/block-kit/composition-objects/option-object.
func (o object) options(name string, fewest, most int, kind textKind) {
	o.list(name, fewest, most, func(option object) { o.c.option(option, kind) })
}

func (c *checker) option(o object, kind textKind) {
	c.union(o.at, func() {
		o.only("text", "value", "description")
		c.optionFields(o, kind)
	})
}

// linkOption checks an option of an overflow menu: only these can be links.
func (c *checker) linkOption(o object) {
	c.union(o.at, func() {
		o.only("text", "value", "description", "url")
		o.url("url", 3000)
		c.optionFields(o, plainOnly)
	})
}

func (c *checker) optionFields(o object, kind textKind) {
	o.need("text", "value")
	o.text("text", kind, 75)
	o.string("value", 1, 75)
	o.text("description", kind, 75)
}

// optionGroup checks a named group of options. See
// https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object.
func (c *checker) optionGroup(o object) {
	o.only("label", "options")
	o.need("label", "options")
	o.text("label", plainOnly, 75)
	o.options("options", 1, 100, plainOnly)
}

// conversationFilter checks the filter of a menu of conversations. See
// https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object.
func (c *checker) conversationFilter(o object) {
	o.only("include", "exclude_external_shared_channels", "exclude_bot_users")
	o.strings("include", 1, 4, "im", "mpim", "private", "public")
	o.bools("exclude_external_shared_channels", "exclude_bot_users")
	if len(o.fields) == 0 {
		o.fail("must define at least one property")
	}
}

// dispatchConfig checks when an input reports typing to the app. See
// https://docs.slack.dev/reference/block-kit/composition-objects/dispatch-action-configuration-object.
func (c *checker) dispatchConfig(o object) {
	o.only("trigger_actions_on")
	o.strings("trigger_actions_on", 1, 2, "on_enter_pressed", "on_character_entered")
}

// slackFile checks a reference to a file in Slack.
// See https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object.
func (c *checker) slackFile(o object) {
	o.only("id", "url")
	o.string("id", 1, 255)
	o.url("url", 3000)
	if o.has("id") == o.has("url") {
		o.fail("must define either `id` or `url`")
	}
}
