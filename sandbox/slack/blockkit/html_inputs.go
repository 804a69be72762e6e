package blockkit

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
)

// input renders a block with one labelled input.
func (w *htmlWriter) input(f fields) {
	e := f.object("element")
	tag, labelTag := "label", "span"
	if kind := e.kind(); kind == "checkboxes" || kind == "radio_buttons" || kind == "overflow" {
		tag, labelTag = "div", "div" // a label is for one control
	}
	w.label, w.labelled, w.required = f.label("label", w.r), tag == "label", !f.bool("optional")
	attrs := []string{"class", "bk-input"}
	if f.bool("dispatch_action") {
		triggers := strings.Join(e.object("dispatch_action_config").strings("trigger_actions_on"), " ")
		attrs = append(attrs, "data-dispatch", cmp.Or(triggers, "on_enter_pressed"))
	}
	w.el(tag, attrs, func() {
		w.el(labelTag, []string{"class", "bk-label"}, func() {
			w.plain(f, "label")
			if f.bool("optional") {
				w.span("bk-optional", " (optional)")
			}
		})
		w.element(e)
		if f.has("hint") {
			w.el("span", []string{"class", "bk-hint"}, func() { w.plain(f, "hint") })
		}
	})
	w.label, w.labelled, w.required = "", false, false
}

// menu renders a select menu.
func (w *htmlWriter) menu(f fields) {
	kind := f.kind()
	multiple := ""
	if strings.HasPrefix(kind, "multi_") {
		multiple = "multiple"
	}
	source := strings.TrimSuffix(strings.TrimPrefix(kind, "multi_"), "_select")
	if source == "static" {
		source = ""
	}
	attrs := w.action(f, "class", "bk-select", "multiple", multiple, "data-source", source, "aria-label", w.unlabelled(f))
	w.el("select", append(attrs, w.needed()...), func() {
		if multiple == "" {
			w.menuPlaceholder(f)
		}
		w.options(f)
	})
}

// menuPlaceholder renders what a menu shows while nothing is selected.
func (w *htmlWriter) menuPlaceholder(f fields) {
	state := "selected"
	if f.has("initial_option") || len(initialReferences(f)) > 0 {
		state = ""
	}
	w.el("option", []string{"value", "", "hidden", "hidden", "disabled", "disabled", "selected", state}, func() {
		w.literal(named(f.label("placeholder", w.r), "Choose…"))
	})
}

// options renders the options of a menu that are known here.
func (w *htmlWriter) options(f fields) {
	picked := append(f.objects("initial_options"), f.object("initial_option"))
	selected := chosen(picked)
	for _, option := range f.objects("options") {
		w.option(option, selected)
	}
	for _, group := range f.objects("option_groups") {
		w.el("optgroup", []string{"label", named(group.label("label", w.r), "…")}, func() {
			for _, option := range group.objects("options") {
				w.option(option, selected)
			}
		})
	}
	if strings.Contains(f.kind(), "external") {
		for _, option := range picked {
			if option != nil {
				w.option(option, selected)
			}
		}
	}
	for _, n := range initialReferences(f) {
		w.el("option", []string{"value", n.id, "selected", "selected"}, func() { w.literal(n.name(w.r)) })
	}
}

func (w *htmlWriter) option(option fields, selected map[string]bool) {
	value, state := option.string("value"), ""
	if selected[value] {
		state = "selected"
	}
	w.el("option", []string{"value", value, "selected", state, "title", option.label("description", w.r)}, func() {
		w.literal(option.label("text", w.r))
	})
}

// entry renders an element for text input.
func (w *htmlWriter) entry(f fields) {
	switch f.kind() {
	case "plain_text_input":
		w.textInput(f)
	case "rich_text_input":
		w.textArea(f, inlineText(parseRichText(f.object("initial_value")), w.r))
	case "email_text_input":
		w.field(f, "email", f.string("initial_value"))
	case "url_text_input":
		w.field(f, "url", f.string("initial_value"))
	case "number_input":
		step := ""
		if f.bool("is_decimal_allowed") {
			step = "any"
		}
		w.field(f, "number", f.string("initial_value"), "step", step, "min", f.string("min_value"), "max", f.string("max_value"))
	case "datepicker":
		w.field(f, "date", f.string("initial_date"))
	case "timepicker":
		w.field(f, "time", f.string("initial_time"))
	case "datetimepicker":
		w.field(f, "datetime-local", w.localTime(f))
	case "file_input":
		several := "multiple"
		if f.number("max_files") == "1" {
			several = ""
		}
		w.field(f, "file", "", "multiple", several, "accept", accepted(f))
	default:
		w.unknown(f.kind(), f.json())
	}
}

func (w *htmlWriter) textInput(f fields) {
	if f.bool("multiline") {
		w.textArea(f, f.string("initial_value"))
		return
	}
	w.field(f, "text", f.string("initial_value"), "minlength", f.number("min_length"), "maxlength", f.number("max_length"))
}

func (w *htmlWriter) textArea(f fields, value string) {
	attrs := w.action(f, "class", "bk-field-input", "rows", "4", "placeholder", f.label("placeholder", w.r),
		"minlength", f.number("min_length"), "maxlength", f.number("max_length"), "aria-label", w.unlabelled(f))
	w.el("textarea", append(attrs, w.needed()...), func() {
		if strings.HasPrefix(value, "\n") {
			w.literal("\n") // a browser removes the first one
		}
		w.literal(value)
	})
}

func (w *htmlWriter) field(f fields, kind, value string, more ...string) {
	attrs := w.action(f, "class", "bk-field-input", "type", kind, "value", value,
		"placeholder", f.label("placeholder", w.r), "aria-label", w.unlabelled(f))
	w.open("input", append(append(attrs, more...), w.needed()...)...)
}

// needed returns the attributes of a required input.
func (w *htmlWriter) needed() []string {
	if w.required {
		return []string{"required", "required"}
	}
	return nil
}

// unlabelled returns a name for an input outside of an input block, which has
// no label.
func (w *htmlWriter) unlabelled(f fields) string {
	if w.labelled {
		return ""
	}
	return named(f.label("placeholder", w.r), strings.ReplaceAll(f.kind(), "_", " "))
}

func (w *htmlWriter) localTime(f fields) string {
	at, _ := dateOf(f).date(w.r)
	if at.IsZero() {
		return ""
	}
	zone := w.r.Zone()
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format("2006-01-02T15:04")
}

// number returns a number field as text.
func (f fields) number(name string) string {
	number, _ := f[name].(json.Number)
	return number.String()
}

// accepted returns the kinds of files that a file input accepts.
func accepted(f fields) string {
	var kinds []string
	for _, kind := range f.strings("filetypes") {
		kinds = append(kinds, "."+kind)
	}
	return strings.Join(kinds, ",")
}
