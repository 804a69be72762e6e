package blocks

import "strings"

// Confluence stores pages as XHTML with custom elements. See
// https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html.

// settings are the parameters of macros that are not text.
const settings = "language theme linenumbers collapse colour color subtle icon bordercolor bgcolor titlecolor titlebgcolor borderstyle borderwidth " +
	"firstline width height style server serverid atlassian-macro-output-type"

// macro reads a macro that is a block.
func (f *flow) macro(n *htmlNode) {
	switch n.attr("ac:name") {
	case "code", "noformat":
		f.codeMacro(n)
	case "info", "note", "tip", "warning", "panel":
		f.quote(n.children)
	default:
		f.nodes(n.children)
	}
}

// codeMacro reads preformatted text, after its title.
func (f *flow) codeMacro(n *htmlNode) {
	lang := ""
	isPart := func(n *htmlNode) bool { return n.name == "ac:parameter" || n.name == "ac:plain-text-body" }
	for _, nodes := range grouped(n.children, isPart) {
		switch c := nodes[0]; {
		case c.name == "ac:parameter" && strings.EqualFold(c.attr("ac:name"), "language"):
			if text := strings.TrimSpace(rawText(c)); languages[strings.ToLower(text)] {
				lang = text
			}
		case c.name == "ac:plain-text-body":
			f.flush()
			f.code(lang, c)
		default:
			f.nodes(nodes)
		}
	}
}

func rawText(n *htmlNode) string {
	text := ""
	for _, c := range n.children {
		if c.isText() {
			text += c.raw
		}
	}
	return text
}

// confluence reads an inline element.
func (f *flow) confluence(n *htmlNode) {
	switch n.name {
	case "ac:parameter":
		if name := strings.ToLower(n.attr("ac:name")); !within(settings, name) {
			f.text(" ")
			f.inlines(n.children)
			f.text(" ")
		}
	case "ac:link":
		f.confluenceLink(n)
	case "ac:emoticon":
		if emoji := oneLine(n.attr("ac:emoji-fallback")); emoji != "" {
			f.text(emoji)
		} else {
			f.text("(" + oneLine(n.attr("ac:name")) + ")")
		}
	case "ri:page", "ri:blog-post":
		f.text(oneLine(n.attr("ri:content-title")))
	case "ri:attachment":
		f.text(oneLine(n.attr("ri:filename")))
	case "ri:space":
		f.text(oneLine(n.attr("ri:space-key")))
	case "ri:url":
		f.spans = append(f.spans, linked(nil, oneLine(n.attr("ri:value")), "")...)
	case "ac:task-id", "ac:task-status", "ac:task-uuid":
	default:
		f.inlines(n.children)
	}
}

// confluenceLink reads a link to a page. Its label, or else the page's title, is
// its text.
func (f *flow) confluenceLink(n *htmlNode) {
	labelled := false
	for _, c := range n.children {
		labelled = labelled || strings.HasSuffix(c.name, "link-body")
	}
	for _, c := range n.children {
		if !labelled || !strings.HasPrefix(c.name, "ri:") {
			f.inline(c)
		}
	}
}

// confluenceTask reads an item with a check box.
func (f *flow) confluenceTask(n *htmlNode) item {
	it := f.itemOf(n.children)
	it.task = openTask
	for _, c := range n.children {
		if c.name == "ac:task-status" && strings.TrimSpace(rawText(c)) == "complete" {
			it.task = doneTask
		}
	}
	return it
}
