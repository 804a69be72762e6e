package blocks

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// inline reads text or an inline element.
func (f *flow) inline(n *htmlNode) {
	switch n.name {
	case "":
		f.write(n)
	case "br":
		f.spans = append(f.spans, span{text: "\n"})
	case "img", "embed", "source", "track":
		f.media(n)
	case "input":
		f.input(n)
	case "a":
		f.anchor(n)
	case "sup", "sub":
		start := len(f.spans)
		f.inlines(n.children)
		f.spans = append(f.spans[:start], scripted(f.spans[start:], f.spans[:start], n.name == "sup")...)
	case "q":
		f.text("“")
		f.inlines(n.children)
		f.text("”")
	case "option":
		f.inlines(n.children)
		f.text(" ")
	case "time":
		f.inlines(n.children)
		if len(n.children) == 0 {
			f.text(clean(n.attr("datetime")))
		}
	default:
		if strings.Contains(n.name, ":") {
			f.confluence(n)
			return
		}
		before := f.style
		f.style |= styleTags[n.name]
		f.inlines(n.children)
		f.style = before
	}
}

func (f *flow) inlines(nodes []*htmlNode) {
	for _, n := range nodes {
		f.inline(n)
	}
}

const (
	cdataStart = "<![CDATA["
	cdataEnd   = "]]>"
)

// write adds the text of a node.
func (f *flow) write(n *htmlNode) {
	if text, ok := strings.CutPrefix(n.raw, cdataStart); ok && n.kind == textToken {
		f.text(strings.TrimSuffix(text, cdataEnd))
		return
	}
	f.text(withoutEntities(n.raw))
}

// withoutEntities resolves entities, each character once.
func withoutEntities(raw string) string {
	if !strings.Contains(raw, "&") {
		return raw
	}
	var out strings.Builder
	for raw != "" {
		plain, _, _ := strings.Cut(raw, "&")
		out.WriteString(plain)
		if raw = raw[len(plain):]; raw != "" {
			text, n := entity([]byte(raw[:min(len(raw), 40)]))
			out.WriteString(text)
			raw = raw[n:]
		}
	}
	return clean(out.String())
}

// anchor reads a link. A target within the page is no target here.
func (f *flow) anchor(n *htmlNode) {
	if f.link != nil {
		f.inlines(n.children)
		return
	}
	f.openLink(n)
	f.inlines(n.children)
	f.closeLink()
}

func (f *flow) openLink(n *htmlNode) {
	f.closeLink()
	f.link = &openLink{href: oneLine(n.attr("href")), title: oneLine(n.attr("title")), start: len(f.spans)}
	if strings.HasPrefix(f.link.href, "#") {
		f.link.href = ""
	}
}

// closeLink makes a link of the spans since <a href>. A link without a label
// shows its target; space at the ends of the label is outside of it.
func (f *flow) closeLink() {
	l := f.link
	f.link = nil
	if l == nil || l.href == "" || (l.start == 0 && len(f.spans) == 0) {
		return
	}
	label := slices.Clone(f.spans[l.start:])
	f.spans = f.spans[:l.start]
	trail := ""
	if n := len(label); n > 0 {
		before, core, after := trimmed(label[n-1].text)
		label[n-1].text, trail = before+core, after
	}
	f.spans = append(f.spans, linked(label, l.href, l.title)...)
	if trail != "" {
		f.spans = append(f.spans, span{text: trail, style: f.style})
	}
}

// media makes a link of an image or a video. In a link it is the label.
func (f *flow) media(n *htmlNode) {
	alt, src := oneLine(n.attr("alt")), oneLine(n.attr("src"))
	if alt == "" {
		alt = oneLine(n.attr("title"))
	}
	if f.link != nil && f.link.href != "" {
		f.text(alt)
		return
	}
	if alt+src != "" {
		f.spans = append(f.spans, linked(plainSpans(alt), src, "")...)
	}
}

// input shows a check box, or the text of a field.
func (f *flow) input(n *htmlNode) {
	kind := strings.ToLower(n.attr("type"))
	if kind != "checkbox" && kind != "radio" {
		if kind != "hidden" && kind != "password" {
			f.text(clean(n.attr("value")))
		}
		return
	}
	checked := slices.ContainsFunc(n.attrs, func(a html.Attribute) bool { return a.Key == "checked" })
	switch first := f.item && len(f.blocks) == 0 && !visible(f.spans); {
	case first && checked:
		f.task = doneTask
	case first:
		f.task = openTask
	case checked:
		f.text("☑ ")
	default:
		f.text("☐ ")
	}
}
