package blockkit

import "strings"

// element renders an interactive element.
func (t textWriter) element(f fields) string {
	switch f.kind() {
	case "button", "workflow_button", "icon_button":
		return "[" + labelled(t.text(f, "text"), f.string("url")) + "]"
	case "feedback_buttons":
		return "[" + t.text(f.object("positive_button"), "text") + "] [" + t.text(f.object("negative_button"), "text") + "]"
	case "image":
		return t.image(f)
	case "overflow":
		return "[⋯ " + t.joined(f.objects("options"), " | ", t.option) + "]"
	case "checkboxes":
		return t.choices(f, chosen(f.objects("initial_options")), "[x] ", "[ ] ")
	case "radio_buttons":
		return t.choices(f, chosen([]fields{f.object("initial_option")}), "(•) ", "( ) ")
	case "datepicker", "timepicker", "datetimepicker", "plain_text_input", "email_text_input", "url_text_input",
		"number_input", "rich_text_input", "file_input":
		return "[" + named(t.value(f), strings.Repeat("_", 8)) + "]"
	}
	if isMenu(f.kind()) {
		return "[" + named(t.value(f), "choose") + " ▾]" + t.offers(f)
	}
	return "[unknown " + f.kind() + "]\n" + indent(f.json(), "    ")
}

// value is the initial content of an input: its value, or its placeholder.
func (t textWriter) value(f fields) string {
	for _, name := range []string{"initial_value", "initial_date", "initial_time"} {
		if s := f.string(name); s != "" {
			return s
		}
	}
	if s := t.picked(f); s != "" {
		return s
	}
	if initial := f.object("initial_value"); initial != nil {
		return t.nodes(parseRichText(initial))
	}
	if n := dateOf(f); n.id != "" {
		return t.inlineNode(n)
	}
	return t.text(f, "placeholder")
}

// picked returns the names of what is selected in a menu.
func (t textWriter) picked(f fields) string {
	picked := t.joined(append(f.objects("initial_options"), f.object("initial_option")), ", ", t.option)
	for _, n := range initialReferences(f) {
		picked = strings.TrimPrefix(picked+", "+n.name(t.r), ", ")
	}
	return picked
}

// offers lists the options of a menu.
func (t textWriter) offers(f fields) string {
	options := t.joined(toObjects(offers(f)), " | ", t.option)
	if options == "" {
		return ""
	}
	return " (" + options + ")"
}

func (t textWriter) option(f fields) string {
	return labelled(t.text(f, "text"), f.string("url"))
}

func (t textWriter) choices(f fields, chosen map[string]bool, yes, no string) string {
	return t.joined(f.objects("options"), "\n", func(option fields) string {
		marker := no
		if chosen[option.string("value")] {
			marker = yes
		}
		return marker + lines(t.text(option, "text"), t.text(option, "description"))
	})
}

func (t textWriter) input(f fields) string {
	label := t.text(f, "label")
	if f.bool("optional") {
		label += " (optional)"
	}
	return lines(label+":", t.element(f.object("element")), t.text(f, "hint"))
}
