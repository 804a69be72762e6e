package blockkit

import (
	"encoding/json"
	"html/template"
	"strconv"
	"strings"
)

// HTML renders the blocks of a message, a modal or a Home tab for a browser.
// Use it with [CSS]. The result has no scripts, no inline styles and no inline
// handlers, loads nothing, and links only to http, https or mailto. It is safe
// for any input with a strict Content-Security-Policy.
//
// Each interactive element has data-type (the element's kind), data-action-id
// and data-block-id for a page's script, and data-value if it has a single
// value. In addition:
//
//   - a button's data-type is "button", "workflow_button", "icon_button" or
//     "feedback_buttons"; a button with a url is a link;
//   - an overflow menu is <details> with one button for each option;
//   - menus are <select>; those of people and channels have data-source "users",
//     "conversations", "channels" or "external" and only the selected options:
//     the page adds the others;
//   - checkboxes and radio buttons are <fieldset> with data-type on it;
//   - an input block that reports each change to the app has data-dispatch; for
//     text its value is "on_enter_pressed", "on_character_entered" or both;
//   - a required input has a control with the attribute "required";
//   - an element with data-confirm is followed by the <dialog> to show first,
//     with two buttons whose values are "confirm" and "deny".
//
// Radio buttons with the same ids are one group per form: give each message a
// separate <form>.
func HTML(blocks json.RawMessage, r Resolver) template.HTML {
	w := &htmlWriter{r: r}
	w.div("bk", func() { w.blocks(parseBlocks(blocks)) })
	return template.HTML(w.b.String()) // everything in it was escaped by htmlWriter
}

func (w *htmlWriter) blocks(blocks []fields) {
	for _, block := range blocks {
		w.block = block.string("block_id")
		w.writeBlock(block)
	}
}

func (w *htmlWriter) writeBlock(f fields) {
	switch f.kind() {
	case "section":
		w.section(f)
	case "header":
		w.header(f)
	case "divider":
		w.open("hr", "class", "bk-divider")
	case "markdown":
		w.prose("bk-text bk-markdown", func() { w.nodes(parseMarkdown(f.string("text"))) })
	case "rich_text":
		w.prose("bk-text bk-rich", func() { w.nodes(parseRichText(f)) })
	case "context":
		w.context(f)
	case "actions":
		w.group("bk-actions", "Actions", f)
	case "context_actions":
		w.group("bk-context-actions", "Feedback", f)
	case "image":
		w.imageBlock(f)
	case "input":
		w.input(f)
	case "table", "data_table":
		w.tableBlock(f)
	default:
		w.otherBlock(f)
	}
}

// header renders a heading. A page has headings above those of a message: level
// 1 is <h3>, as is a heading without a level.
func (w *htmlWriter) header(f fields) {
	level, class := headingLevel(f), "bk-header"
	if f.has("level") {
		class += " bk-header-" + strconv.Itoa(level)
	}
	w.el("h"+strconv.Itoa(level+2), []string{"class", class, "dir", "auto"}, func() { w.nodes(f.text("text")) })
}

// headingLevel is the level of a header block, from 1 to 4.
func headingLevel(f fields) int { return min(max(f.int("level"), 1), 4) }

func (w *htmlWriter) section(f fields) {
	w.div("bk-section", func() {
		w.div("bk-section-main", func() {
			if f.has("text") {
				w.prose("bk-text", func() { w.nodes(f.text("text")) })
			}
			if f.has("fields") {
				w.div("bk-fields", func() {
					for _, field := range f.objects("fields") {
						w.prose("bk-field bk-text", func() { w.nodes(parseTextObject(field)) })
					}
				})
			}
		})
		if f.has("accessory") {
			w.div("bk-accessory", func() { w.element(f.object("accessory")) })
		}
	})
}

func (w *htmlWriter) context(f fields) {
	w.div("bk-context", func() {
		for _, e := range f.objects("elements") {
			if e.kind() == "image" {
				w.thumbnail(e)
			} else {
				w.prose("bk-text", func() { w.nodes(parseTextObject(e)) })
			}
		}
	})
}

func (w *htmlWriter) group(class, label string, f fields) {
	w.el("div", []string{"class", class, "role", "group", "aria-label", label}, func() {
		for _, e := range f.objects("elements") {
			w.element(e)
		}
	})
}

// imageBlock shows a placeholder for an image: nothing is fetched.
func (w *htmlWriter) imageBlock(f fields) {
	w.el("figure", []string{"class", "bk-image"}, func() {
		if f.has("title") {
			w.el("figcaption", nil, func() { w.nodes(f.text("title")) })
		}
		w.placeholder("Image", f.string("alt_text"), imageURL(f))
	})
}

// placeholder shows a placeholder for something that is not loaded.
func (w *htmlWriter) placeholder(what, label, url string) {
	w.div("bk-placeholder", func() {
		w.span("bk-placeholder-kind", what)
		w.text(label)
		if url != "" {
			w.link(url, "bk-placeholder-url", func() { w.text(url) })
		}
	})
}

func (w *htmlWriter) thumbnail(f fields) {
	alt := f.string("alt_text")
	w.el("span", []string{"class", "bk-thumbnail", "role", "img", "aria-label", named(alt, "image"), "title", lines(alt, imageURL(f))}, func() {
		w.text(initial(alt))
	})
}

// initial is shown for an image that is too small for its description.
func initial(alt string) string {
	for _, r := range strings.ToUpper(alt) {
		if isWord(r) {
			return string(r)
		}
	}
	return "▧"
}

func imageURL(f fields) string {
	if file := f.object("slack_file"); file != nil {
		return file.string("url") + file.string("id")
	}
	return f.string("image_url")
}

func (w *htmlWriter) tableBlock(f fields) {
	w.tableBox(named(f.string("caption"), "Table"), tableNode(f), f.string("caption"))
}

// unknown shows an unknown object unchanged.
func (w *htmlWriter) unknown(kind, json string) {
	w.el("figure", []string{"class", "bk-unknown"}, func() {
		w.el("figcaption", nil, func() { w.text("Not shown: " + named(kind, "no type")) })
		w.el("pre", nil, func() { w.literal(json) })
	})
}
