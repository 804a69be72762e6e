package blockkit

// element renders an interactive element.
func (w *htmlWriter) element(f fields) {
	switch kind := f.kind(); {
	case kind == "button", kind == "workflow_button":
		w.button(f)
	case kind == "icon_button":
		w.iconButton(f)
	case kind == "feedback_buttons":
		w.feedbackButton(f, "positive_button", iconThumbUp)
		w.feedbackButton(f, "negative_button", iconThumbDown)
	case kind == "image":
		w.thumbnail(f)
	case kind == "overflow":
		w.overflow(f)
	case kind == "checkboxes":
		w.choices(f, "checkbox", "Choose any", chosen(f.objects("initial_options")))
	case kind == "radio_buttons":
		w.choices(f, "radio", "Choose one", chosen([]fields{f.object("initial_option")}))
	case isMenu(kind):
		w.menu(f)
	default:
		w.entry(f)
	}
	w.confirm(f)
}

// action returns the attributes that identify an element for a script.
func (w *htmlWriter) action(f fields, more ...string) []string {
	attrs := append(more, "data-type", f.kind(), "data-action-id", f.string("action_id"), "data-block-id", w.block)
	if f.has("confirm") {
		attrs = append(attrs, "data-confirm", "true")
	}
	return attrs
}

func (w *htmlWriter) button(f fields) {
	class := "bk-button"
	switch style := f.string("style"); style {
	case "primary", "danger":
		class += " bk-" + style
	}
	attrs := w.action(f, "class", class, "data-value", f.string("value"), "aria-label", f.string("accessibility_label"))
	if url := f.string("url"); safeURL(url) {
		w.el("a", append(attrs, linkAttrs(url)...), func() { w.plain(f, "text") })
		return
	}
	w.el("button", append(attrs, "type", "button"), func() { w.plain(f, "text") })
}

// plain renders a plain text field, within an element that contains no link.
func (w *htmlWriter) plain(f fields, name string) {
	w.links++
	w.nodes(f.text(name))
	w.links--
}

func (w *htmlWriter) iconButton(f fields) { w.icon(f, f, iconTrash) }

func (w *htmlWriter) feedbackButton(f fields, name, icon string) { w.icon(f, f.object(name), icon) }

// icon renders a button of element f with an icon; its text is for screen
// readers and the tooltip.
func (w *htmlWriter) icon(f, button fields, icon string) {
	attrs := w.action(f, "class", "bk-icon-button", "type", "button", "data-value", button.string("value"),
		"aria-label", button.string("accessibility_label"), "title", button.label("text", w.r))
	w.el("button", attrs, func() {
		w.b.WriteString(icon)
		w.el("span", []string{"class", "bk-hidden"}, func() { w.plain(button, "text") })
	})
}

func (w *htmlWriter) overflow(f fields) {
	w.el("details", []string{"class", "bk-overflow"}, func() {
		w.el("summary", []string{"aria-label", "More actions", "title", "More actions"}, func() { w.text("⋯") })
		w.div("bk-menu", func() {
			for _, option := range f.objects("options") {
				w.overflowOption(f, option)
			}
		})
	})
}

func (w *htmlWriter) overflowOption(f, option fields) {
	attrs := w.action(f, "class", "bk-menu-item", "data-value", option.string("value"))
	body := func() {
		w.plain(option, "text")
		w.description(option)
	}
	if url := option.string("url"); safeURL(url) {
		w.el("a", append(attrs, linkAttrs(url)...), body)
		return
	}
	w.el("button", append(attrs, "type", "button"), body)
}

func (w *htmlWriter) description(option fields) {
	if option.has("description") {
		w.el("span", []string{"class", "bk-description"}, func() { w.plain(option, "description") })
	}
}

func (w *htmlWriter) choices(f fields, kind, label string, chosen map[string]bool) {
	name := "bk/" + w.block + "/" + f.string("action_id")
	w.el("fieldset", w.action(f, "class", "bk-choices", "aria-label", named(w.label, label)), func() {
		for _, option := range f.objects("options") {
			value, state := option.string("value"), ""
			if chosen[value] {
				state = "checked"
			}
			w.el("label", []string{"class", "bk-choice"}, func() {
				w.open("input", "type", kind, "name", name, "value", value, "checked", state)
				w.el("span", nil, func() {
					w.plain(option, "text")
					w.description(option)
				})
			})
		}
	})
}

// confirm renders the confirmation dialog of an element.
func (w *htmlWriter) confirm(f fields) {
	dialog := f.object("confirm")
	if dialog == nil {
		return
	}
	class := "bk-button bk-primary"
	if dialog.string("style") == "danger" {
		class = "bk-button bk-danger"
	}
	w.el("dialog", []string{"class", "bk-confirm", "aria-label", dialog.label("title", w.r)}, func() {
		w.div("bk-confirm-title", func() { w.nodes(dialog.text("title")) })
		w.prose("bk-text", func() { w.nodes(dialog.text("text")) })
		w.div("bk-actions", func() { // not a form: the page's own form would not allow it
			w.el("button", []string{"class", "bk-button", "type", "button", "value", "deny"}, func() { w.plain(dialog, "deny") })
			w.el("button", []string{"class", class, "type", "button", "value", "confirm"}, func() { w.plain(dialog, "confirm") })
		})
	})
}
