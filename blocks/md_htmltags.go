package blocks

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// tags is the state of the HTML tags that are open in a paragraph of Markdown.
type tags struct {
	real   map[*ast.RawHTML]tag // the tags that are not text; see realTags
	open   [styles]int          // how often each style is open, by bit number
	link   *openLink            // nil outside of <a href>
	script int                  // start of raised or lowered text in the spans, plus one; 0 for none
}

// openLink is an <a href> without its </a> so far.
type openLink struct {
	href, title string
	start       int // start of its label in the spans
}

func (t tags) style() style {
	var s style
	for bit, n := range t.open {
		if n > 0 {
			s |= 1 << bit
		}
	}
	return s
}

var attribute = regexp.MustCompile(`(?i)\s(href|src|alt|title)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)

// styleTags are the inline elements whose content is shown in a style.
var styleTags = map[string]style{
	"b": bold, "strong": bold, "i": italic, "em": italic, "var": italic, "cite": italic, "dfn": italic, "s": strike, "del": strike, "strike": strike,
	"code": monospace, "tt": monospace, "kbd": monospace, "samp": monospace,
	"u": 0, "ins": 0, "span": 0, "font": 0, "small": 0, "big": 0, "mark": 0, "abbr": 0, "sub": 0, "sup": 0,
}

// tag processes a tag. If it is not real, it is text.
func (in *inline) tag(n *ast.RawHTML, s style) {
	t, ok := in.tags.real[n]
	raw := string(n.Segments.Value(in.source))
	switch {
	case !ok:
		in.add(raw, s)
	case t.name == "a":
		in.anchor(raw, t.closing)
	case t.name == "img":
		in.image(raw)
	case t.name == "br":
		in.spans = append(in.spans, span{text: "\n"})
	case t.name == "sup" || t.name == "sub":
		in.script(t)
	default:
		in.toggle(styleTags[t.name], t.closing)
	}
}

func (in *inline) toggle(s style, closing bool) {
	for bit := range in.tags.open {
		n := &in.tags.open[bit]
		switch {
		case !s.has(1 << bit):
		case closing:
			*n = max(0, *n-1)
		default:
			*n++
		}
	}
}

// script starts or ends raised or lowered text.
func (in *inline) script(t tag) {
	start := in.tags.script - 1
	in.tags.script = 0
	switch {
	case !t.closing:
		in.tags.script = len(in.spans) + 1
	case start >= 0 && start < len(in.spans):
		in.spans = append(in.spans[:start], scripted(slices.Clone(in.spans[start:]), in.spans[:start], t.name == "sup")...)
	}
}

// anchor opens or closes a link.
func (in *inline) anchor(raw string, closing bool) {
	in.closeLink()
	if !closing {
		in.tags.link = &openLink{href: attributeOf(raw, "href"), title: attributeOf(raw, "title"), start: len(in.spans)}
	}
}

// closeLink makes a link of the spans since <a href>.
func (in *inline) closeLink() {
	l := in.tags.link
	in.tags.link, in.tags.script = nil, 0
	if l == nil || l.href == "" {
		return
	}
	in.spans = append(in.spans[:l.start], linked(in.spans[l.start:], l.href, l.title)...)
}

// image makes a link of an image.
func (in *inline) image(raw string) {
	alt, src := attributeOf(raw, "alt"), attributeOf(raw, "src")
	in.spans = append(in.spans, linked(plainSpans(alt), src, "")...)
}

// attributeOf returns the value of an attribute of a tag; empty if there is
// none.
func attributeOf(raw, name string) string {
	for _, m := range attribute.FindAllStringSubmatch(raw, -1) {
		if strings.EqualFold(m[1], name) {
			return oneLine(html.UnescapeString(m[2] + m[3] + m[4]))
		}
	}
	return ""
}
