package blocks

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// bareLinks parses web and e-mail addresses without markup, after any character
// that cannot be part of them: 详见https://x.example, URL:https://x.example. They
// are recognised at their first ":", "." or "@", because goldmark calls a parser
// at punctuation only.
type bareLinks struct{}

// bareLink is an address in a text.
type bareLink struct {
	ast.BaseInline
	start, stop int    // in the source
	scheme      string // to be added to the address
}

var kindBareLink = ast.NewNodeKind("BareLink")

// Kind returns the kind of all bare links.
func (*bareLink) Kind() ast.NodeKind { return kindBareLink }

// Dump writes the link for debugging.
func (l *bareLink) Dump(source []byte, level int) { ast.DumpHelper(l, source, level, nil, nil) }

// Trigger returns the characters at which an address is recognised.
func (bareLinks) Trigger() []byte { return []byte(":.@") }

func (bareLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, at := block.PeekLine()
	var link *bareLink
	source := block.Source()[:at.Start+len(line)]
	switch line[0] {
	case ':':
		link = webLink(source, at.Start)
	case '.':
		link = wwwLink(source, at.Start)
	case '@':
		link = mailLink(source, at.Start)
	}
	if link == nil || !takeBack(parent, link.start, at.Start, pc) {
		return nil
	}
	block.Advance(link.stop - at.Start)
	return link
}

var (
	// webHost matches a host with a dot, a port or a path.
	webHost = regexp.MustCompile(`^://(?:[\w.~%+:!$&'=-]*@)?[A-Za-z0-9_-]+(?:(?:\.[A-Za-z0-9_-]+)+(?::\d{1,5})?|:\d{1,5}|/)`)
	wwwHost = regexp.MustCompile(`^(?:\.[A-Za-z0-9_-]+){2,}(?::\d{1,5})?`)
	// mailHost matches a host with a dot.
	mailHost = regexp.MustCompile(`^@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+`)
)

// webLink returns the link with its ":" at an offset; nil if there is none.
func webLink(source []byte, at int) *bareLink {
	for _, scheme := range []string{"https", "http"} {
		start := at - len(scheme)
		if start < 0 || !strings.EqualFold(string(source[start:at]), scheme) || !canPrecede(source[:start], "+-.") {
			continue
		}
		if n := len(webHost.Find(source[at:])); n > 0 {
			host := bytes.TrimSuffix(source[at:at+n], []byte("/"))
			return &bareLink{start: start, stop: tailOf(source, start, at+len(host))}
		}
	}
	return nil
}

// wwwLink returns the link with its first "." at an offset; nil if there is
// none.
func wwwLink(source []byte, at int) *bareLink {
	start := at - len("www")
	if start < 0 || !strings.EqualFold(string(source[start:at]), "www") || !canPrecede(source[:start], "/.-_@") {
		return nil
	}
	if n := len(wwwHost.Find(source[at:])); n > 0 {
		return &bareLink{start: start, stop: tailOf(source, start, at+n), scheme: "http://"}
	}
	return nil
}

// localLimit limits the part of an e-mail address before its "@".
const localLimit = 64

// mailLink returns the link with its "@" at an offset; nil if there is none.
func mailLink(source []byte, at int) *bareLink {
	start := at
	for start > max(0, at-localLimit) && (isAlphanumeric(source[start-1]) || bytes.IndexByte([]byte(".+-_%'&!#"), source[start-1]) >= 0) {
		start--
	}
	outside := start
	for start < at && !isAlphanumeric(source[start]) {
		start++
	}
	n := len(mailHost.Find(source[at:min(len(source), at+256)]))
	stop := at + n
	word := source[max(0, outside-wordLimitAround):outside]
	word = word[bytes.LastIndexAny(word, " \t\n")+1:]
	switch {
	case n == 0 || start == at || !canPrecede(source[:outside], "/") || bytes.Contains(word, []byte("://")):
		return nil
	case stop < len(source) && bytes.IndexByte([]byte("-_@"), source[stop]) >= 0:
		return nil
	}
	return &bareLink{start: start, stop: stop, scheme: "mailto:"}
}

func isAlphanumeric(c byte) bool { return c < utf8.RuneSelf && isWord(rune(c)) }

// canPrecede reports whether an address can start after a text: not within a
// word, and not after some characters.
func canPrecede(before []byte, not string) bool {
	r, n := utf8.DecodeLastRune(before)
	return n == 0 || ((!isWord(r) || isCJK(r)) && !strings.ContainsRune(not, r))
}

// tailOf returns the end of a web address whose host ends at an offset.
func tailOf(source []byte, start, host int) int {
	stop := host
	if stop < len(source) && bytes.IndexByte([]byte("/?#"), source[stop]) >= 0 {
		stop = scanTail(source, start, host)
	}
	for stop > host {
		switch c := source[stop-1]; {
		case bytes.IndexByte([]byte(`?!.,:_~'\`), c) >= 0:
			stop--
		case c == ';' && entityAtEnd.Match(source[max(host, stop-12):stop]):
			stop -= len(entityAtEnd.Find(source[max(host, stop-12):stop]))
		default:
			return stop
		}
	}
	return stop
}

var entityAtEnd = regexp.MustCompile(`&[A-Za-z0-9]+;$`)

// scanTail returns where the path of an address ends: at a space, a quote, a
// closing bracket without its opening one, or a character of East Asia that does
// not belong to the path.
func scanTail(source []byte, start, at int) int {
	round, curly := 0, 0
	quoted := start > 0 && source[start-1] == '\''
	for root := at; at < len(source); {
		r, n := utf8.DecodeRune(source[at:])
		switch {
		case r == '\\' && at+1 < len(source) && bytes.IndexByte([]byte("_~-&.#?="), source[at+1]) >= 0:
			n = 2 // an escape of Markdown
		case r <= ' ' || r == 0x7F || strings.ContainsRune("<>\"`|\\*[]", r) || (r == '\'' && quoted):
			return at
		case r == '(':
			round++
		case r == '{':
			curly++
		case r == ')':
			round--
		case r == '}':
			curly--
		case isCJK(r) && isWord(r) && at > root+1 && (bytes.IndexByte([]byte("/=-_"), source[at-1]) >= 0 || source[at-1] >= utf8.RuneSelf):
		case r >= utf8.RuneSelf && (isCJK(r) || (!isWord(r) && !unicode.IsMark(r))):
			return at
		}
		if round < 0 || curly < 0 {
			return at
		}
		at += n
	}
	return at
}

// takeBack removes the nodes between two offsets from the end of a parent, if
// they are text and delimiters.
func takeBack(parent ast.Node, start, stop int, pc parser.Context) bool {
	var delimiters []*parser.Delimiter
	end := stop
	for n := parent.LastChild(); end > start; n = n.PreviousSibling() {
		switch n := n.(type) {
		case *ast.Text:
			if n.Segment.Stop != end {
				return false
			}
			end = n.Segment.Start
		case *parser.Delimiter:
			if n.Segment.Stop != end {
				return false
			}
			end = n.Segment.Start
			delimiters = append(delimiters, n)
		default:
			return false
		}
	}
	for _, d := range delimiters {
		pc.RemoveDelimiter(d)
	}
	for {
		last, ok := parent.LastChild().(*ast.Text)
		switch {
		case !ok || last.Segment.Stop <= start:
			return true
		case last.Segment.Start < start:
			last.Segment = last.Segment.WithStop(start)
			return true
		}
		parent.RemoveChild(parent, last)
	}
}
