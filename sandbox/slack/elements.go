package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// element is an interactive element of a message or view.
type element struct {
	blockID, actionID string
	attachment        int // the id of its attachment; 0 if there is none
	fields            object
	required          bool // in an input block that is not optional
}

// elements returns the interactive elements of the blocks, in order.
func elements(blocks json.RawMessage) []element { return elementsIn(decodeJSON(blocks)) }

func elementsIn(blocks any) []element {
	var found []element
	walk(blocks, func(block object, inside []object) {
		blockID, _ := block["block_id"].(string)
		optional, _ := block["optional"].(bool)
		for _, fields := range inside {
			actionID, _ := fields["action_id"].(string)
			required := block["type"] == "input" && !optional
			found = append(found, element{blockID: blockID, actionID: actionID, fields: fields, required: required})
		}
	})
	return found
}

// elements returns the message's interactive elements, including those of its
// attachments.
func (m *Message) elements() []element {
	found := elements(m.Blocks)
	attachments, _ := decodeJSON(m.Attachments).([]any)
	for i, item := range attachments {
		attachment, _ := item.(object)
		for _, e := range elementsIn(attachment["blocks"]) {
			e.attachment = i + 1
			found = append(found, e)
		}
	}
	return found
}

// reporting says how elements of a type report their value.
type reporting struct {
	field   string // in the payload
	initial string // in the element: the initial value
}

// reportings has the types whose state is reported to apps, and overflow menus,
// which have no state: they are empty after use. See
// https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload.
var reportings = map[string]reporting{
	"plain_text_input":           {"value", "initial_value"},
	"email_text_input":           {"value", "initial_value"},
	"url_text_input":             {"value", "initial_value"},
	"number_input":               {"value", "initial_value"},
	"rich_text_input":            {"rich_text_value", "initial_value"},
	"file_input":                 {"files", ""},
	"users_select":               {"selected_user", "initial_user"},
	"channels_select":            {"selected_channel", "initial_channel"},
	"conversations_select":       {"selected_conversation", "initial_conversation"},
	"datepicker":                 {"selected_date", "initial_date"},
	"timepicker":                 {"selected_time", "initial_time"},
	"datetimepicker":             {"selected_date_time", "initial_date_time"},
	"static_select":              {"selected_option", "initial_option"},
	"external_select":            {"selected_option", "initial_option"},
	"radio_buttons":              {"selected_option", "initial_option"},
	"overflow":                   {"selected_option", ""},
	"checkboxes":                 {"selected_options", "initial_options"},
	"multi_static_select":        {"selected_options", "initial_options"},
	"multi_external_select":      {"selected_options", "initial_options"},
	"multi_users_select":         {"selected_users", "initial_users"},
	"multi_channels_select":      {"selected_channels", "initial_channels"},
	"multi_conversations_select": {"selected_conversations", "initial_conversations"},
}

func (e element) kind() string {
	kind, _ := e.fields["type"].(string)
	return kind
}

// stateful reports whether the element has a value that is reported with each
// interaction.
func (e element) stateful() bool {
	_, reports := reportings[e.kind()]
	return reports && e.kind() != "overflow"
}

// untouched returns the report of an element without a user's input.
func (e element) untouched() object {
	r, report := reportings[e.kind()], e.report()
	report[r.field] = nothing(r.field)
	if initial, given := e.fields[r.initial]; given {
		report[r.field] = initial
	}
	return report
}

// report returns the beginning of a report.
func (e element) report() object {
	report := object{"type": e.kind()}
	if zone, given := e.fields["timezone"]; given { // of a timepicker
		report["timezone"] = zone
	}
	return report
}

// several reports whether a field contains a list.
func several(field string) bool { return strings.HasSuffix(field, "s") }

// nothing returns the value of a field without an input or a choice.
func nothing(field string) any {
	if several(field) {
		return []any{}
	}
	return nil
}

// isNothing reports whether the report of a stateful element says that it is
// empty.
func (e element) isNothing(report object) bool {
	value := report[reportings[e.kind()].field]
	list, isList := value.([]any)
	return value == nil || isList && len(list) == 0
}

// answer returns the report of an element after these values are entered or
// selected.
func (e element) answer(values []string) (object, error) {
	report, first := e.report(), ""
	if len(values) > 0 {
		first = values[0]
	}
	switch kind := e.kind(); {
	case kind == "feedback_buttons":
		return e.feedback(report, first)
	case reportings[kind].field == "": // a button
		for _, key := range []string{"value", "text"} {
			if v, given := e.fields[key]; given {
				report[key] = v
			}
		}
		return report, nil
	}
	field := reportings[e.kind()].field
	value, err := e.value(field, first, values)
	if err != nil {
		return nil, fmt.Errorf("selecting %q of %s: %w", first, e.actionID, err)
	}
	report[field] = value
	return report, nil
}

// value returns the value of the report's field.
func (e element) value(field, first string, values []string) (any, error) {
	switch {
	case strings.HasPrefix(e.kind(), "multi_") && field != "selected_options":
		return texts(values), nil
	case field == "selected_options":
		return e.options(values)
	case field == "selected_option" && (first != "" || e.kind() == "overflow"):
		return e.option(first)
	case first == "":
		return nothing(field), nil
	case field == "selected_date_time":
		return strconv.ParseInt(first, 10, 64)
	case field == "rich_text_value":
		return richTextValue(first), nil
	}
	return first, nil
}

// texts returns the values as decoded JSON has them.
func texts(values []string) []any {
	list := make([]any, 0, len(values))
	for _, v := range values {
		list = append(list, v)
	}
	return list
}

// richTextValue returns the report of a rich text input: typed text, or a
// rich_text object in JSON, unchanged.
func richTextValue(text string) object {
	if given, _ := decodeJSON(json.RawMessage(text)).(object); given["type"] == "rich_text" {
		return given
	}
	blocks, _ := decodeJSON(richText(typed(text), "")).([]any)
	value, _ := blocks[0].(object)
	delete(value, "block_id")
	return value
}

// feedback reports which of the two buttons has the value.
func (e element) feedback(report object, value string) (object, error) {
	for _, key := range []string{"positive_button", "negative_button"} {
		if button, ok := e.fields[key].(object); ok && button["value"] == value {
			report["value"], report["text"] = value, button["text"]
			return report, nil
		}
	}
	return nil, fmt.Errorf("clicking %q of %s: %w", value, e.actionID, ErrActionNotFound)
}

// options returns the element's options with these values.
func (e element) options(values []string) ([]any, error) {
	picked := []any{}
	for _, v := range values {
		option, err := e.option(v)
		if err != nil {
			return nil, err
		}
		picked = append(picked, option)
	}
	return picked, nil
}

// option returns the element's option with this value. The options of an
// external select are unknown, so that any value is accepted.
func (e element) option(value string) (any, error) {
	for _, option := range e.offers() {
		if o, ok := option.(object); ok && o["value"] == value {
			return o, nil
		}
	}
	if strings.Contains(e.kind(), "external") {
		return object{"text": object{"type": "plain_text", "text": value}, "value": value}, nil
	}
	return nil, ErrActionNotFound
}

// offers returns the options of the element, including those in groups and the
// initial ones.
func (e element) offers() []any {
	options, _ := e.fields["options"].([]any)
	offers := slices.Clone(options)
	groups, _ := e.fields["option_groups"].([]any)
	for _, group := range groups {
		if g, ok := group.(object); ok {
			inside, _ := g["options"].([]any)
			offers = append(offers, inside...)
		}
	}
	if first, given := e.fields["initial_option"]; given {
		offers = append(offers, first)
	}
	several, _ := e.fields["initial_options"].([]any)
	return append(offers, several...)
}
