package slack

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// element is an interactive element of a message or view.
type element struct {
	blockID  string
	fields   object
	required bool // an input block's, and not optional
}

// elements returns the interactive elements of the blocks, in order.
func elements(blocks json.RawMessage) []element {
	var decoded []object
	if json.Unmarshal(blocks, &decoded) != nil {
		return nil
	}
	var found []element
	for i, block := range decoded {
		id, _ := block["block_id"].(string)
		if id == "" {
			id = fmt.Sprintf("block%d", i) // Slack makes one up too
		}
		optional, _ := block["optional"].(bool)
		found = gather(found, element{blockID: id, required: block["type"] == "input" && !optional}, block)
	}
	return found
}

// gather appends the elements inside the value, which belong to the block of like.
func gather(found []element, like element, value any) []element {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			found = gather(found, like, item)
		}
	case object:
		if _, interactive := v["action_id"].(string); interactive {
			like.fields = v
			return append(found, like)
		}
		for _, key := range []string{"element", "elements", "accessory", "blocks"} {
			found = gather(found, like, v[key])
		}
	}
	return found
}

// selections are the fields in which elements report what was picked. An
// element that is not here reports "value".
var selections = map[string]string{
	"users_select":               "selected_user",
	"channels_select":            "selected_channel",
	"conversations_select":       "selected_conversation",
	"datepicker":                 "selected_date",
	"timepicker":                 "selected_time",
	"static_select":              "selected_option",
	"external_select":            "selected_option",
	"overflow":                   "selected_option",
	"radio_buttons":              "selected_option",
	"datetimepicker":             "selected_date_time",
	"checkboxes":                 "selected_options",
	"multi_static_select":        "selected_options",
	"multi_external_select":      "selected_options",
	"multi_users_select":         "selected_users",
	"multi_channels_select":      "selected_channels",
	"multi_conversations_select": "selected_conversations",
}

// answer returns what the element reports when the user enters or picks the
// value; several picks are separated by commas.
func (e element) answer(value string) (object, error) {
	kind, _ := e.fields["type"].(string)
	field := selections[kind]
	report := object{"type": kind}
	switch {
	case kind == "button" || kind == "icon_button":
		report["value"], report["text"] = e.fields["value"], e.fields["text"]
	case kind == "feedback_buttons":
		return e.feedback(report, value)
	case field == "":
		report["value"] = value
	case field == "selected_date_time":
		at, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("picking %q of %s: %w", value, e.fields["action_id"], err)
		}
		report[field] = at
	case field == "selected_option":
		option, err := e.option(value)
		if err != nil {
			return nil, err
		}
		report[field] = option
	case field == "selected_options":
		options := []any{}
		for _, v := range split(value) {
			option, err := e.option(v)
			if err != nil {
				return nil, err
			}
			options = append(options, option)
		}
		report[field] = options
	case strings.HasPrefix(kind, "multi_"):
		report[field] = split(value)
	default:
		report[field] = value
	}
	return report, nil
}

// feedback reports which of the two buttons has the value.
func (e element) feedback(report object, value string) (object, error) {
	for _, key := range []string{"positive_button", "negative_button"} {
		if button, ok := e.fields[key].(object); ok && button["value"] == value {
			report["value"], report["text"] = value, button["text"]
			return report, nil
		}
	}
	return nil, fmt.Errorf("clicking %q of %s: %w", value, e.fields["action_id"], ErrActionNotFound)
}

// option returns the element's option with the value. Options of an external
// select are not known, and taken as they come.
func (e element) option(value string) (any, error) {
	var options []any
	if own, ok := e.fields["options"].([]any); ok {
		options = own
	}
	groups, _ := e.fields["option_groups"].([]any)
	for _, group := range groups {
		if g, ok := group.(object); ok {
			inside, _ := g["options"].([]any)
			options = append(options, inside...)
		}
	}
	for _, option := range options {
		if o, ok := option.(object); ok && o["value"] == value {
			return o, nil
		}
	}
	if kind, _ := e.fields["type"].(string); strings.Contains(kind, "external") {
		return object{"text": object{"type": "plain_text", "text": value}, "value": value}, nil
	}
	return nil, fmt.Errorf("picking %q of %s: %w", value, e.fields["action_id"], ErrActionNotFound)
}

// initial returns the value that the element shows untouched; empty if none.
func (e element) initial() string {
	for _, key := range []string{"initial_value", "initial_date", "initial_time", "initial_user", "initial_channel", "initial_conversation"} {
		if s, ok := e.fields[key].(string); ok {
			return s
		}
	}
	if option, ok := e.fields["initial_option"].(object); ok {
		s, _ := option["value"].(string)
		return s
	}
	var picked []string
	options, _ := e.fields["initial_options"].([]any)
	for _, option := range options {
		if o, ok := option.(object); ok {
			s, _ := o["value"].(string)
			picked = append(picked, s)
		}
	}
	return strings.Join(picked, ",")
}

func split(s string) []string {
	if s == "" {
		return []string{}
	}
	return strings.Split(s, ",")
}
