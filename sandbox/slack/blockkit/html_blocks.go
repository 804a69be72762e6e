package blockkit

// otherBlock renders the less common kinds of blocks.
func (w *htmlWriter) otherBlock(f fields) {
	switch f.kind() {
	case "alert":
		w.el("div", []string{"class", "bk-alert bk-alert-" + alertLevel(f), "role", "note"}, func() { w.nodes(f.text("text")) })
	case "card":
		w.card(f)
	case "carousel":
		w.el("div", []string{"class", "bk-carousel", "role", "group", "aria-label", "Cards", "tabindex", "0"}, func() {
			w.blocks(f.objects("elements"))
		})
	case "container":
		w.container(f)
	case "plan":
		w.el("section", []string{"class", "bk-plan", "aria-label", named(f.string("title"), "Plan")}, func() {
			w.div("bk-card-title", func() { w.text(f.string("title")) })
			w.blocks(f.objects("tasks"))
		})
	case "task_card":
		w.taskCard(f)
	case "video":
		w.video(f)
	case "file":
		w.el("figure", []string{"class", "bk-image"}, func() { w.placeholder("File", f.string("external_id"), "") })
	default:
		w.unknown(f.kind(), f.json())
	}
}

func alertLevel(f fields) string {
	switch level := f.string("level"); level {
	case "info", "warning", "error", "success":
		return level
	}
	return "default"
}

func (w *htmlWriter) card(f fields) {
	w.el("div", []string{"class", "bk-card", "role", "group", "aria-label", named(f.label("title", w.r), "Card")}, func() {
		if f.has("hero_image") {
			w.placeholder("Image", f.object("hero_image").string("alt_text"), imageURL(f.object("hero_image")))
		}
		if f.has("icon") {
			w.thumbnail(f.object("icon"))
		}
		if name := f.object("slack_icon").string("name"); name != "" {
			w.thumbnail(fields{"alt_text": name})
		}
		for _, part := range []string{"title", "subtitle", "body", "subtext"} {
			if f.has(part) {
				w.prose("bk-card-"+part+" bk-text", func() { w.nodes(f.text(part)) })
			}
		}
		if f.has("actions") {
			w.el("div", []string{"class", "bk-actions", "role", "group", "aria-label", "Actions"}, func() {
				for _, e := range f.objects("actions") {
					w.element(e)
				}
			})
		}
	})
}

// container renders a group of blocks; a collapsible one is <details>.
func (w *htmlWriter) container(f fields) {
	tag, head := "section", "div"
	attrs := []string{"class", "bk-container"}
	if f.bool("is_collapsible") {
		tag, head = "details", "summary"
		if !f.bool("default_collapsed") {
			attrs = append(attrs, "open", "open")
		}
	}
	w.el(tag, attrs, func() {
		w.el(head, []string{"class", "bk-card-title"}, func() {
			if f.has("icon") {
				w.thumbnail(f.object("icon"))
			}
			if rich := f.object("rich_text_title"); rich != nil {
				w.nodes(parseRichText(rich))
			} else {
				w.nodes(f.text("title"))
			}
		})
		if f.has("subtitle") {
			w.prose("bk-card-subtitle bk-text", func() { w.nodes(f.text("subtitle")) })
		}
		w.blocks(f.objects("child_blocks"))
	})
}

func (w *htmlWriter) taskCard(f fields) {
	w.div("bk-task", func() {
		w.div("bk-card-title", func() {
			w.el("span", []string{"class", "bk-task-mark", "role", "img", "aria-label", named(f.string("status"), "pending")}, func() {
				w.text(taskMarker(f.string("status")))
			})
			w.text(f.string("title"))
		})
		for _, part := range []string{"details", "output"} {
			if f.has(part) {
				w.prose("bk-text", func() { w.nodes(parseRichText(f.object(part))) })
			}
		}
		for _, source := range f.objects("sources") {
			w.link(source.string("url"), "bk-source", func() { w.text(source.string("text")) })
		}
	})
}

func (w *htmlWriter) video(f fields) {
	w.el("figure", []string{"class", "bk-image"}, func() {
		w.el("figcaption", nil, func() { w.nodes(f.text("title")) })
		w.placeholder("Video", f.string("alt_text"), f.string("video_url"))
		if f.has("description") {
			w.prose("bk-text", func() { w.nodes(f.text("description")) })
		}
	})
}
