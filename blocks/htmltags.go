package blocks

import (
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// tags is the state of the HTML tags that are open in a paragraph.
type tags struct {
	real map[*ast.RawHTML]tag // the tags that are not text; see realTags
	open [styles]int          // how often each style is open, by bit number
	link *openLink            // nil outside of <a href>
	// ordered has, for each open list, the number of its last item; -1 for
	// bullets.
	ordered []int
}

// openLink is an <a href> without its </a> so far.
type openLink struct {
	href  string
	start int // start of its label in the spans
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

var attribute = regexp.MustCompile(`(?i)\s(href|src|alt|start|value)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)

var styleTags = map[string]style{
	"b": bold, "strong": bold, "i": italic, "em": italic, "s": strike, "del": strike, "strike": strike,
	"code": monospace, "tt": monospace, "kbd": monospace, "samp": monospace,
	"h1": bold, "h2": bold, "h3": bold, "h4": bold, "h5": bold, "h6": bold, "th": bold,
	"u": 0, "ins": 0, "span": 0, "font": 0, "small": 0, "big": 0, "mark": 0, "sub": 0, "sup": 0,
}

// blockTags start and end a line.
var blockTags = map[string]bool{
	"p": true, "div": true, "ul": true, "ol": true, "li": true, "dl": true, "dt": true, "dd": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "hr": true, "br": true,
	"table": true, "thead": true, "tbody": true, "tr": true, "blockquote": true, "pre": true,
	"section": true, "article": true, "header": true, "footer": true,
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
	case t.name == "td" || t.name == "th":
		in.nextCell(t.closing)
		in.toggle(styleTags[t.name], t.closing)
	default:
		in.breakLine(t, raw)
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

// breakLine starts a new line where a block of HTML starts or ends, with the
// marker of an item where one starts.
func (in *inline) breakLine(t tag, raw string) {
	if !blockTags[t.name] {
		return
	}
	if t.name == "br" || !in.atLineStart() {
		in.spans = append(in.spans, span{text: "\n"})
	}
	lists := &in.tags.ordered
	switch {
	case t.closing && (t.name == "p" || t.name[0] == 'h'): // a paragraph or a heading
		in.spans = append(in.spans, span{text: "\n"})
	case (t.name == "ul" || t.name == "ol") && t.closing:
		*lists = (*lists)[:max(0, len(*lists)-1)]
	case t.name == "ul":
		*lists = append(*lists, -1)
	case t.name == "ol":
		*lists = append(*lists, numberIn(raw, "start", 1)-1)
	case t.name == "li" && !t.closing:
		in.spans = append(in.spans, span{text: in.itemMarker(raw)})
	}
}

// itemMarker returns the prefix of the next item of the innermost list.
func (in *inline) itemMarker(raw string) string {
	lists := in.tags.ordered
	if len(lists) == 0 || lists[len(lists)-1] < 0 {
		return "• "
	}
	last := &lists[len(lists)-1]
	*last = numberIn(raw, "value", *last+1)
	return strconv.Itoa(*last) + ". "
}

// numberIn returns the number in an attribute of a tag, or other if there is
// none.
func numberIn(raw, name string, other int) int {
	if n, err := strconv.Atoi(attributeOf(raw, name)); err == nil && n > 0 && n < 1_000_000_000 {
		return n
	}
	return other
}

// nextCell separates the cells of a row.
func (in *inline) nextCell(closing bool) {
	if !closing && !in.atLineStart() {
		in.spans = append(in.spans, span{text: " | "})
	}
}

// blanksLimit limits how many blank spans are searched for the start of a line,
// so that time stays linear. More of them make no difference.
const blanksLimit = 64

func (in *inline) atLineStart() bool {
	for i := len(in.spans) - 1; i >= max(0, len(in.spans)-blanksLimit); i-- {
		if text := strings.TrimRight(in.spans[i].text, " \t"); text != "" {
			return strings.HasSuffix(text, "\n")
		}
	}
	return true
}

// anchor opens or closes a link.
func (in *inline) anchor(raw string, closing bool) {
	in.closeLink()
	if !closing {
		in.tags.link = &openLink{href: attributeOf(raw, "href"), start: len(in.spans)}
	}
}

// closeLink makes a link of the spans since <a href>.
func (in *inline) closeLink() {
	l := in.tags.link
	in.tags.link = nil
	if l == nil || l.href == "" {
		return
	}
	in.spans = append(in.spans[:l.start], linked(in.spans[l.start:], l.href, "")...)
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
