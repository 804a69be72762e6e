package blocks

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	gfm "github.com/yuin/goldmark/extension/ast"
)

// text reads the text of a block, which may be cut into pieces: its styles,
// links and tags.
func (r reader) text(pieces ...ast.Node) []span {
	in := inline{source: r.source, tags: tags{real: r.realTags(pieces)}, escapes: &escapes{source: r.source, formulas: r.formulas}}
	in.escapes.inCell = len(pieces) > 0 && pieces[0].Kind() == gfm.KindTableCell
	for i, n := range pieces {
		if i > 0 {
			in.spans = append(in.spans, plainSpans(r.between(n))...)
		}
		in.children(n, 0)
	}
	in.closeLink()
	return honest(tidy(merge(in.spans)))
}

// line reads a heading or a cell. Blocks of HTML in it become lines.
func (r reader) line(n ast.Node) []span {
	if r.holdsElements(n) {
		return tidy(inlineOf(r.html(n)))
	}
	return r.text(n)
}

// inline collects the spans of one block.
type inline struct {
	source  []byte
	spans   []span
	tags    tags
	escapes *escapes
}

func (in *inline) add(text string, s style) {
	if text != "" {
		in.spans = append(in.spans, span{text: text, style: s | in.tags.style()})
	}
}

func (in *inline) children(parent ast.Node, s style) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		in.node(n, s)
	}
}

func (in *inline) node(n ast.Node, s style) {
	switch n := n.(type) {
	case *ast.Text:
		in.text(n, s)
	case *ast.CodeSpan:
		in.codeSpan(n, s)
	case *ast.Emphasis:
		in.children(n, s|emphasis(n.Level))
	case *gfm.Strikethrough:
		in.children(n, s|strike)
	case *ast.Link:
		in.link(n, string(n.Destination), string(n.Title), s)
	case *ast.Image:
		in.link(n, string(n.Destination), string(n.Title), s)
	case *ast.AutoLink:
		in.autoLink(n, s)
	case *bareLink:
		shown := in.escapes.resolve(n.start, n.stop)
		in.address(n, shown, n.scheme+shown, s)
	case *ast.RawHTML:
		in.tag(n, s)
	default: // a check box, which belongs to the item
		in.children(n, s)
	}
}

func emphasis(level int) style {
	if level == 1 {
		return italic
	}
	return bold
}

func (in *inline) text(n *ast.Text, s style) {
	stop := n.Segment.Stop
	in.add(in.escapes.resolve(n.Segment.Start, stop), s)
	if n.HardLineBreak() && stop < len(in.source) && in.source[stop] == '\\' && in.escapes.keeps(stop) {
		in.add(`\`, s) // the end of a path
	}
	// Agents break lines on purpose, so that a soft line break is a line break
	// too.
	if n.SoftLineBreak() || n.HardLineBreak() {
		in.add("\n", s)
	}
}

func (in *inline) codeSpan(n ast.Node, s style) {
	var text strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			text.Write(t.Segment.Value(in.source))
		}
	}
	value := strings.ReplaceAll(in.withoutLanguage(n, text.String()), "\n", " ")
	if inCell(n) {
		value = strings.ReplaceAll(value, `\|`, "|")
	}
	in.add(value, s|monospace)
}

// withoutLanguage returns the text of a code span without the language on its
// first line, if a fence opens it.
func (in *inline) withoutLanguage(n ast.Node, text string) string {
	info, rest, ok := strings.Cut(text, "\n")
	first, isText := n.FirstChild().(*ast.Text)
	if !ok || blank(rest) || !isText || !bytes.HasSuffix(in.source[:first.Segment.Start], []byte("```")) {
		return text
	}
	if lang, more := languageOf(info); lang != "" && attributes(more) {
		return rest
	}
	return text
}

// link reads a link or an image. Nothing is fetched; an image becomes a link to
// it.
func (in *inline) link(n ast.Node, dest, title string, s style) {
	label := inline{source: in.source, tags: tags{real: in.tags.real}, escapes: in.escapes}
	label.children(n, s|in.tags.style())
	label.closeLink()
	if inLink(n) { // an image as the label of a link has the link's target
		if title != "" {
			label.add(" ("+unescape([]byte(title))+")", s)
		}
		in.spans = append(in.spans, label.spans...)
		return
	}
	in.spans = append(in.spans, linked(label.spans, unescape([]byte(dest)), unescape([]byte(title)))...)
}

func inLink(n ast.Node) bool {
	for p := n.Parent(); p != nil && p.Type() == ast.TypeInline; p = p.Parent() {
		if p.Kind() == ast.KindLink || p.Kind() == ast.KindImage {
			return true
		}
	}
	return false
}

// inCell reports whether a node is in a table's cell, where pipes are escaped
// even in code.
func inCell(n ast.Node) bool {
	for n.Type() == ast.TypeInline {
		n = n.Parent()
	}
	return n.Kind() == gfm.KindTableCell
}

// autoLink reads a link in angle brackets.
func (in *inline) autoLink(n *ast.AutoLink, s style) {
	shown, dest := string(n.Label(in.source)), string(n.URL(in.source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(dest), "mailto:") {
		dest = "mailto:" + dest
	}
	in.address(n, shown, dest, s)
}

// address reads a link that shows its target; in the label of another link it
// is text.
func (in *inline) address(n ast.Node, shown, dest string, s style) {
	if inLink(n) || (in.tags.link != nil && in.tags.link.href != "") {
		in.add(shown, s)
		return
	}
	for _, sp := range linked(plainSpans(shown), dest, "") {
		sp.style = s | in.tags.style()
		in.spans = append(in.spans, sp)
	}
}

// unescape resolves the backslashes and entities of a text that stands alone.
func unescape(raw []byte) string {
	e := escapes{source: raw}
	return e.resolve(0, len(raw))
}

// resolve resolves backslashes and entities in a part of the source, each
// character once.
func (e *escapes) resolve(start, stop int) string {
	if !bytes.ContainsAny(e.source[start:stop], `\&`) { // most texts
		return clean(string(e.source[start:stop]))
	}
	var out strings.Builder
	for i := start; i < stop; {
		switch c := e.source[i]; {
		case c == '\\' && i+1 < stop && isPunct(e.source[i+1]) && !e.keeps(i):
			out.WriteByte(e.source[i+1])
			i += 2
		case c == '&':
			text, n := entity(e.source[i:stop])
			out.WriteString(text)
			i += n
		default:
			out.WriteByte(c)
			i++
		}
	}
	return clean(out.String())
}

func isPunct(c byte) bool {
	return c > ' ' && c < 0x7F && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z')
}

var entityPattern = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)

// entity returns the text of the entity at the start of raw and its length, or
// the ampersand if there is none.
func entity(raw []byte) (string, int) {
	name := string(entityPattern.Find(raw))
	text := html.UnescapeString(name)
	// Of a name that only starts like an entity, such as "&ampere;", only the
	// start is replaced.
	if name == "" || text == name || (strings.HasSuffix(text, ";") && name != "&semi;") {
		return "&", 1
	}
	return text, len(name)
}
