package blocks

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// In a paragraph of Markdown, inline tags and Markdown may overlap. As in
// match, an apparent tag is a tag only if its partner is in the same paragraph,
// or if it needs none. Block-level tags are parsed as HTML.

// tag is an HTML tag.
type tag struct {
	name    string // in lower case
	closing bool
}

// wholeTag matches a tag whose attributes all have a value: "<b and c>" is a
// comparison.
var wholeTag = regexp.MustCompile(`^<(/?)([A-Za-z][A-Za-z0-9]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))*\s*/?>$`)

// realTags returns the tags in the pieces of a paragraph that are not text.
func (r reader) realTags(pieces []ast.Node) map[*ast.RawHTML]tag {
	m := partners{source: r.source}
	for _, n := range pieces {
		m.walk(n)
	}
	return m.real
}

// partners finds the partners of tags.
type partners struct {
	source []byte
	real   map[*ast.RawHTML]tag // nil until there is one
	open   []opened
	count  map[string]int // the number of open tags by name
}

// opened is a tag without its partner so far.
type opened struct {
	node *ast.RawHTML
	tag  tag
}

func (m *partners) walk(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if raw, ok := n.(*ast.RawHTML); ok {
			m.read(raw)
		} else {
			m.walk(n)
		}
	}
}

func (m *partners) read(n *ast.RawHTML) {
	raw := string(n.Segments.Value(m.source))
	t, ok := tagOf(raw)
	o := opened{n, t}
	switch {
	case !ok:
	case !isKnown(t.name) || (t.name == "img" && attributeOf(raw, "src") == ""):
	case t.name == "br" || t.name == "img":
		m.record(o)
	case t.closing:
		m.closes(o)
	default:
		m.opens(o)
		if t.name == "a" && attributeOf(raw, "href") != "" { // the link may end with the paragraph
			m.record(o)
		}
	}
}

// tagOf parses a tag; false if it is not one.
func tagOf(raw string) (tag, bool) {
	name := strings.TrimSuffix(strings.TrimPrefix(raw, "<"), ">")
	name, closing := strings.CutPrefix(name, "/")
	if isKnown(name) { // most have no attributes
		return tag{name, closing}, true
	}
	found := wholeTag.FindStringSubmatch(raw)
	if found == nil {
		return tag{}, false
	}
	return tag{strings.ToLower(found[2]), found[1] == "/"}, true
}

func isKnown(name string) bool {
	_, isStyle := styleTags[name]
	return isStyle || name == "br" || name == "a" || name == "img"
}

func (m *partners) opens(o opened) {
	if m.count == nil {
		m.count = make(map[string]int)
	}
	m.open = append(m.open, o)
	m.count[o.tag.name]++
}

// closes takes the last open tag of the same name as the partner of a closing
// tag. Tags that were opened in between have no partner.
func (m *partners) closes(o opened) {
	if m.count[o.tag.name] == 0 {
		return
	}
	for {
		last := m.open[len(m.open)-1]
		m.open = m.open[:len(m.open)-1]
		m.count[last.tag.name]--
		if last.tag.name == o.tag.name {
			m.record(last)
			m.record(o)
			return
		}
	}
}

func (m *partners) record(o opened) {
	if m.real == nil {
		m.real = make(map[*ast.RawHTML]tag)
	}
	m.real[o.node] = o.tag
}
