package blockkit

import (
	"encoding/json"
	"strings"
	"unicode"
)

// Text renders blocks as plain text for a terminal: links as "label <url>",
// buttons as "[Label]", references by name. It drops control characters, so
// that the text cannot control the terminal.
func Text(blocks json.RawMessage, r Resolver) string {
	t := textWriter{r: r}
	return printable(t.blocks(parseBlocks(blocks)))
}

// textWriter turns blocks into text. Each method returns whole lines without
// the last line's end.
type textWriter struct{ r Resolver }

func (t textWriter) blocks(blocks []fields) string {
	var parts []string
	for _, block := range blocks {
		if s := strings.Trim(t.block(block), "\n"); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n\n")
}

func (t textWriter) block(f fields) string {
	switch f.kind() {
	case "section":
		return t.section(f)
	case "header":
		return strings.Repeat("#", headingLevel(f)) + " " + t.text(f, "text")
	case "divider":
		return ruleText
	case "markdown":
		return t.paragraphs(parseMarkdown(f.string("text")))
	case "rich_text":
		return t.nodes(parseRichText(f))
	case "context":
		return t.joined(f.objects("elements"), "  ", t.contextElement)
	case "actions", "context_actions":
		return t.joined(f.objects("elements"), " ", t.element)
	case "image":
		return lines(t.text(f, "title"), t.image(f))
	case "input":
		return t.input(f)
	case "table", "data_table":
		return lines(f.string("caption"), t.table(tableNode(f)))
	}
	return t.otherBlock(f)
}

// otherBlock renders the less common kinds of blocks.
func (t textWriter) otherBlock(f fields) string {
	switch f.kind() {
	case "alert":
		return strings.TrimSpace(strings.ToUpper(f.string("level"))+": ") + " " + t.text(f, "text")
	case "card":
		return lines(t.optionalImage(f, "hero_image"), t.optionalImage(f, "icon"), t.text(f, "title"), t.text(f, "subtitle"),
			t.text(f, "body"), t.text(f, "subtext"), t.joined(f.objects("actions"), " ", t.element))
	case "carousel":
		return t.blocks(f.objects("elements"))
	case "container":
		return lines(t.text(f, "title"), t.nodes(parseRichText(f.object("rich_text_title"))), t.text(f, "subtitle"),
			t.blocks(f.objects("child_blocks")))
	case "plan":
		return lines(f.string("title"), t.blocks(f.objects("tasks")))
	case "task_card":
		return lines(taskMarker(f.string("status"))+" "+f.string("title"), t.nodes(parseRichText(f.object("details"))),
			t.nodes(parseRichText(f.object("output"))), t.joined(f.objects("sources"), "\n", t.source))
	case "video":
		return lines("[video: "+t.text(f, "title")+" <"+f.string("video_url")+">]", t.text(f, "description"))
	case "file":
		return "[file: " + f.string("external_id") + "]"
	}
	return "[unknown block]\n" + indent(f.json(), "    ")
}

func (t textWriter) section(f fields) string {
	parts := []string{t.text(f, "text")}
	for _, field := range f.objects("fields") {
		parts = append(parts, t.nodes(parseTextObject(field)))
	}
	if f.has("accessory") {
		parts = append(parts, t.element(f.object("accessory")))
	}
	return lines(parts...)
}

func (t textWriter) contextElement(f fields) string {
	if f.kind() == "image" {
		return t.image(f)
	}
	return t.nodes(parseTextObject(f))
}

func (t textWriter) image(f fields) string {
	url := f.string("image_url")
	if file := f.object("slack_file"); file != nil {
		url = file.string("url") + file.string("id")
	}
	return imageText(f.string("alt_text"), url)
}

func imageText(alt, url string) string {
	return "[image: " + strings.TrimSpace(alt+" <"+url+">") + "]"
}

func (t textWriter) optionalImage(f fields, name string) string {
	if !f.has(name) {
		return ""
	}
	return t.image(f.object(name))
}

func (t textWriter) source(f fields) string {
	return labelled(f.string("text"), f.string("url"))
}

func taskMarker(status string) string {
	switch status {
	case "complete":
		return "[x]"
	case "in_progress":
		return "[…]"
	case "error":
		return "[!]"
	}
	return "[ ]"
}

// text renders a field that is a text object.
func (t textWriter) text(f fields, name string) string { return t.nodes(f.text(name)) }

func (t textWriter) joined(all []fields, separator string, show func(fields) string) string {
	var parts []string
	for _, f := range all {
		if s := show(f); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, separator)
}

// lines joins the non-empty parts.
func lines(parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "\n")
}

func indent(s, prefix string) string {
	return prefix + strings.ReplaceAll(s, "\n", "\n"+prefix)
}

// printable drops characters that control a terminal or change the direction of
// text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
