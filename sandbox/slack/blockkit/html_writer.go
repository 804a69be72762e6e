package blockkit

import (
	"html/template"
	"net/url"
	"strings"
	"unicode"
)

// htmlWriter writes HTML. It escapes all text and all values of attributes;
// tags and the names of attributes are constants.
type htmlWriter struct {
	b     strings.Builder
	r     Resolver
	block string // the block_id of the current block
	links int    // the number of open links: links cannot be nested
	pre   bool   // in preformatted text, where line ends are written as they are
	// label, labelled and required are set within an input block: its label, and
	// whether the markup ties the label to the control.
	label              string
	labelled, required bool
}

// open writes a start tag with pairs of attributes. A pair with an empty value
// is omitted, except for "value", where empty has a meaning.
func (w *htmlWriter) open(tag string, attrs ...string) {
	w.b.WriteByte('<')
	w.b.WriteString(tag)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] == "" && attrs[i] != "value" {
			continue
		}
		w.b.WriteByte(' ')
		w.b.WriteString(attrs[i])
		w.b.WriteString(`="`)
		w.b.WriteString(escapeValue(attrs[i+1]))
		w.b.WriteByte('"')
	}
	w.b.WriteByte('>')
}

func (w *htmlWriter) close(tag string) {
	w.b.WriteString("</")
	w.b.WriteString(tag)
	w.b.WriteByte('>')
}

func (w *htmlWriter) el(tag string, attrs []string, body func()) {
	w.open(tag, attrs...)
	body()
	w.close(tag)
}

func (w *htmlWriter) div(class string, body func()) {
	w.el("div", []string{"class", class}, body)
}

// prose renders text of people, which has the direction of its first letter.
func (w *htmlWriter) prose(class string, body func()) {
	w.el("div", []string{"class", class, "dir", "auto"}, body)
}

func (w *htmlWriter) span(class, text string) {
	w.el("span", []string{"class", class}, func() { w.text(text) })
}

// escapeValue escapes an attribute's value so that a script reads it as it was
// sent: browsers turn a carriage return into a line feed.
func escapeValue(s string) string {
	return strings.ReplaceAll(template.HTMLEscapeString(strings.ToValidUTF8(s, "\uFFFD")), "\r", "&#13;")
}

// literal writes escaped text. It drops control characters, which show nothing.
func (w *htmlWriter) literal(s string) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	w.b.WriteString(template.HTMLEscapeString(s))
}

// text writes text with visible line ends.
func (w *htmlWriter) text(s string) {
	if w.pre {
		w.literal(s)
		return
	}
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			w.open("br")
		}
		w.literal(line)
	}
}

// link writes a link. If the address is not safe, or within another link, it
// writes only the label.
func (w *htmlWriter) link(address, class string, label func()) {
	if !safeURL(address) || w.links > 0 {
		label()
		return
	}
	w.links++
	w.el("a", append([]string{"class", class}, linkAttrs(address)...), label)
	w.links--
}

func linkAttrs(address string) []string {
	return []string{"href", address, "target", "_blank", "rel", "noopener noreferrer nofollow"}
}

// safeURL allows http, https and mailto. It is strict on purpose: browsers
// ignore spaces and control characters before and within a scheme.
func safeURL(address string) bool {
	if strings.ContainsFunc(address, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}
