package blockkit

import "reflect"

// selectRule is elementRule for menus. See
// https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
// and
// https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element.
func selectRule(kind string) (place, func(*checker, object)) {
	const places = inSection | inActions | inInput
	switch kind {
	case "static_select":
		return places, (*checker).staticSelect
	case "multi_static_select":
		return places, (*checker).multiStaticSelect
	case "external_select":
		return places, (*checker).externalSelect
	case "multi_external_select":
		return places, (*checker).multiExternalSelect
	case "users_select":
		return places, (*checker).usersSelect
	case "multi_users_select":
		return places, (*checker).multiUsersSelect
	case "conversations_select":
		return places, (*checker).conversationsSelect
	case "multi_conversations_select":
		return places, (*checker).multiConversationsSelect
	case "channels_select":
		return places, (*checker).channelsSelect
	case "multi_channels_select":
		return places, (*checker).multiChannelsSelect
	}
	return 0, nil
}

func (c *checker) menu(o object, more ...string) {
	o.only(append(more, "type", "action_id", "placeholder", "confirm", "focus_on_load")...)
	c.picker(o)
}

func (c *checker) multiMenu(o object, more ...string) {
	c.menu(o, append(more, "max_selected_items")...)
	o.integer("max_selected_items", 1, 1<<31)
}

// choices checks the options of a menu, in a list or in groups.
func (c *checker) choices(o object) {
	o.options("options", 1, 100, plainOnly)
	o.list("option_groups", 1, 100, c.optionGroup)
	if o.has("options") == o.has("option_groups") {
		o.fail("must define either `options` or `option_groups`")
	}
}

func (c *checker) staticSelect(o object) {
	c.menu(o, "options", "option_groups", "initial_option")
	c.choices(o)
	c.initialOption(o, plainOnly)
}

func (c *checker) multiStaticSelect(o object) {
	c.multiMenu(o, "options", "option_groups", "initial_options")
	c.choices(o)
	c.initialOptions(o, plainOnly, 100)
}

func (c *checker) externalSelect(o object) {
	c.menu(o, "initial_option", "min_query_length")
	o.integer("min_query_length", 0, 3000)
	o.child("initial_option", func(option object) { c.option(option, plainOnly) })
}

func (c *checker) multiExternalSelect(o object) {
	c.multiMenu(o, "initial_options", "min_query_length")
	o.integer("min_query_length", 0, 3000)
	o.options("initial_options", 1, 100, plainOnly)
}

func (c *checker) usersSelect(o object) {
	c.menu(o, "initial_user")
	o.string("initial_user", 1, 255)
}

func (c *checker) multiUsersSelect(o object) {
	c.multiMenu(o, "initial_users")
	o.strings("initial_users", 1, anyLength)
}

func (c *checker) conversationsSelect(o object) {
	c.menu(o, "initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter")
	o.string("initial_conversation", 1, 255)
	o.bools("default_to_current_conversation", "response_url_enabled")
	o.child("filter", c.conversationFilter)
}

func (c *checker) multiConversationsSelect(o object) {
	c.multiMenu(o, "initial_conversations", "default_to_current_conversation", "filter")
	o.strings("initial_conversations", 1, anyLength)
	o.bools("default_to_current_conversation")
	o.child("filter", c.conversationFilter)
}

func (c *checker) channelsSelect(o object) {
	c.menu(o, "initial_channel", "response_url_enabled")
	o.string("initial_channel", 1, 255)
	o.bools("response_url_enabled")
}

func (c *checker) multiChannelsSelect(o object) {
	c.multiMenu(o, "initial_channels")
	o.strings("initial_channels", 1, anyLength)
}

func (c *checker) overflow(o object) {
	o.only("type", "action_id", "options", "confirm")
	o.need("options")
	o.list("options", 1, 5, c.linkOption)
	o.child("confirm", c.confirm)
}

func (c *checker) checkboxes(o object) {
	o.only("type", "action_id", "options", "initial_options", "confirm", "focus_on_load")
	o.need("options")
	o.options("options", 1, 10, plainOrMrkdwn)
	c.initialOptions(o, plainOrMrkdwn, 10)
	c.picker(o)
}

func (c *checker) radioButtons(o object) {
	o.only("type", "action_id", "options", "initial_option", "confirm", "focus_on_load")
	o.need("options")
	o.options("options", 1, 10, plainOrMrkdwn)
	c.initialOption(o, plainOrMrkdwn)
	c.picker(o)
}

// initialOption checks that the initial choice is one of the options.
func (c *checker) initialOption(o object, kind textKind) {
	o.child("initial_option", func(option object) {
		c.option(option, kind)
		c.offered(o, option)
	})
}

func (c *checker) initialOptions(o object, kind textKind, most int) {
	o.list("initial_options", 1, most, func(option object) {
		c.option(option, kind)
		c.offered(o, option)
	})
}

func (c *checker) offered(menu, option object) {
	for _, offer := range offers(menu.fields) {
		if reflect.DeepEqual(offer, any(option.fields)) {
			return
		}
	}
	c.fail(option.at, "must exactly match one of the provided options")
}

// offers returns the options of a menu, including those in groups.
func offers(menu map[string]any) []any {
	all, _ := menu["options"].([]any)
	groups, _ := menu["option_groups"].([]any)
	for _, group := range groups {
		fields, _ := group.(map[string]any)
		options, _ := fields["options"].([]any)
		all = append(all[:len(all):len(all)], options...)
	}
	return all
}
