package blockkit

import (
	"encoding/json"
	"math"
	"time"
)

// place is the position of an element in a block. It decides which elements are
// allowed.
type place int

const (
	inSection place = 1 << iota
	inActions
	inInput
	inContext
	inContextActions
	inCard
)

// element checks one element of a block.
// See https://docs.slack.dev/reference/block-kit/block-elements.
func (c *checker) element(o object, where place) {
	if !o.has("type") {
		o.need("type")
		return
	}
	places, check := elementRule(o.kind())
	if places&where == 0 {
		c.unsupported(o)
		return
	}
	c.actionID(o)
	check(c, o)
}

func (c *checker) actionID(o object) {
	id := o.string("action_id", 1, 255)
	if id == "" {
		return
	}
	if c.seen.actions[id] {
		c.fail(o.at+"/action_id", "`action_id` %q already exists", clip(id))
	}
	c.seen.actions[id] = true
}

func elementRule(kind string) (place, func(*checker, object)) {
	switch kind {
	case "button":
		return inSection | inActions | inCard, (*checker).button
	case "workflow_button":
		return inSection | inActions, (*checker).workflowButton
	case "feedback_buttons":
		return inContextActions, (*checker).feedbackButtons
	case "icon_button":
		return inContextActions, (*checker).iconButton
	case "image":
		return inSection | inContext, (*checker).imageElement
	case "overflow":
		return inSection | inActions, (*checker).overflow
	case "checkboxes":
		return inSection | inActions | inInput, (*checker).checkboxes
	case "radio_buttons":
		return inSection | inActions | inInput, (*checker).radioButtons
	case "datepicker":
		return inSection | inActions | inInput, (*checker).datepicker
	case "timepicker":
		return inSection | inActions | inInput, (*checker).timepicker
	case "datetimepicker":
		return inActions | inInput, (*checker).datetimepicker
	case "plain_text_input":
		return inInput, (*checker).plainTextInput
	case "email_text_input", "url_text_input":
		return inInput, (*checker).addressInput
	case "number_input":
		return inInput, (*checker).numberInput
	case "file_input":
		return inInput, (*checker).fileInput
	case "rich_text_input":
		return inActions | inInput, (*checker).richTextInput
	}
	return selectRule(kind)
}

func (c *checker) button(o object) {
	o.only("type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label")
	o.need("text")
	o.text("text", plainOnly, 75)
	o.url("url", 3000)
	o.string("value", 0, 2000)
	o.enum("style", "primary", "danger")
	o.string("accessibility_label", 1, 75)
	o.child("confirm", c.confirm)
}

func (c *checker) workflowButton(o object) {
	o.only("type", "text", "action_id", "workflow", "style", "accessibility_label")
	o.need("text", "workflow")
	o.text("text", plainOnly, 75)
	o.enum("style", "primary", "danger")
	o.string("accessibility_label", 1, 75)
	o.child("workflow", func(workflow object) {
		workflow.only("trigger")
		workflow.need("trigger")
		workflow.child("trigger", func(trigger object) {
			trigger.only("url", "customizable_input_parameters")
			trigger.need("url")
			trigger.url("url", 3000)
		})
	})
}

func (c *checker) feedbackButtons(o object) {
	o.only("type", "action_id", "positive_button", "negative_button")
	o.need("positive_button", "negative_button")
	o.child("positive_button", c.feedbackButton)
	o.child("negative_button", c.feedbackButton)
}

func (c *checker) feedbackButton(o object) {
	o.only("text", "value", "accessibility_label")
	o.need("text", "value")
	o.text("text", plainOnly, 75)
	o.string("value", 1, 2000)
	o.string("accessibility_label", 1, 75)
}

func (c *checker) iconButton(o object) {
	o.only("type", "icon", "text", "action_id", "value", "confirm", "accessibility_label", "visible_to_user_ids")
	o.need("icon", "text")
	o.enum("icon", "trash")
	o.text("text", plainOnly, 75)
	o.string("value", 0, 2000)
	o.string("accessibility_label", 1, 75)
	o.strings("visible_to_user_ids", 0, 10)
	o.child("confirm", c.confirm)
}

func (c *checker) imageElement(o object) {
	o.only("type", "image_url", "slack_file", "alt_text")
	c.imageFields(o)
}

func (c *checker) imageFields(o object) {
	o.need("alt_text")
	o.string("alt_text", 1, 2000)
	o.url("image_url", 3000)
	o.child("slack_file", c.slackFile)
	if o.has("image_url") == o.has("slack_file") {
		o.fail("must define either `image_url` or `slack_file`")
	}
}

func (c *checker) datepicker(o object) {
	o.only("type", "action_id", "placeholder", "initial_date", "confirm", "focus_on_load")
	c.picker(o)
	c.moment(o, "initial_date", time.DateOnly)
}

func (c *checker) timepicker(o object) {
	o.only("type", "action_id", "placeholder", "initial_time", "timezone", "confirm", "focus_on_load")
	c.picker(o)
	c.moment(o, "initial_time", "15:04")
	o.string("timezone", 1, 255)
}

func (c *checker) datetimepicker(o object) {
	o.only("type", "action_id", "initial_date_time", "confirm", "focus_on_load")
	c.picker(o)
	o.integer("initial_date_time", 1_000_000_000, 9_999_999_999) // ten digits
}

// picker checks the common fields of menus and pickers.
func (c *checker) picker(o object) {
	o.text("placeholder", plainOnly, 150)
	o.child("confirm", c.confirm)
	c.focus(o)
}

// focus allows only one element of a payload to have the focus.
func (c *checker) focus(o object) {
	o.bools("focus_on_load")
	if o.fields["focus_on_load"] != true {
		return
	}
	if c.seen.focused {
		c.fail(o.at+"/focus_on_load", "only one element can have `focus_on_load`")
	}
	c.seen.focused = true
}

func (c *checker) moment(o object, name, layout string) {
	s := o.string(name, 1, 255)
	if _, err := time.Parse(layout, s); s != "" && err != nil {
		c.fail(o.at+"/"+name, "invalid value")
	}
}

func (c *checker) plainTextInput(o object) {
	o.only("type", "action_id", "initial_value", "multiline", "min_length", "max_length", "dispatch_action_config",
		"focus_on_load", "placeholder")
	c.inputFields(o)
	o.string("initial_value", 0, 3000)
	o.bools("multiline")
	o.integer("min_length", 0, 3000)
	o.integer("max_length", 1, 3000)
	least, most := o.number("min_length", math.Inf(-1)), o.number("max_length", math.Inf(1))
	if least > most {
		o.fail("`min_length` must not be greater than `max_length`")
	}
}

func (c *checker) addressInput(o object) {
	o.only("type", "action_id", "initial_value", "dispatch_action_config", "focus_on_load", "placeholder")
	c.inputFields(o)
	o.string("initial_value", 0, 3000)
}

func (c *checker) numberInput(o object) {
	o.only("type", "action_id", "is_decimal_allowed", "initial_value", "min_value", "max_value",
		"dispatch_action_config", "focus_on_load", "placeholder")
	o.need("is_decimal_allowed")
	o.bools("is_decimal_allowed")
	c.inputFields(o)
	for _, name := range []string{"initial_value", "min_value", "max_value"} {
		s := o.string(name, 1, 255)
		if _, err := json.Number(s).Float64(); s != "" && err != nil {
			c.fail(o.at+"/"+name, "must be a number")
		}
	}
	if o.number("min_value", math.Inf(-1)) > o.number("max_value", math.Inf(1)) {
		o.fail("`min_value` must not be greater than `max_value`")
	}
}

// number returns a field that is a number, or a string with a number.
func (o object) number(name string, absent float64) float64 {
	var number json.Number
	switch v := o.fields[name].(type) {
	case json.Number:
		number = v
	case string:
		number = json.Number(v)
	}
	if f, err := number.Float64(); err == nil {
		return f
	}
	return absent
}

func (c *checker) fileInput(o object) {
	o.only("type", "action_id", "filetypes", "max_files")
	o.strings("filetypes", 0, anyLength)
	o.integer("max_files", 1, 10)
}

func (c *checker) richTextInput(o object) {
	o.only("type", "action_id", "initial_value", "dispatch_action_config", "focus_on_load", "placeholder")
	c.inputFields(o)
	o.child("initial_value", c.richText)
}

func (c *checker) inputFields(o object) {
	o.text("placeholder", plainOnly, 150)
	o.child("dispatch_action_config", c.dispatchConfig)
	c.focus(o)
}
