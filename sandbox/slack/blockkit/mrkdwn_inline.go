package blockkit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mrkdwnInline parses text without quotes and preformatted parts.
func mrkdwnInline(s string) []node {
	p := inlineParser{s: s}
	return p.parse()
}

// inlineParser parses one stretch of text. A style does not nest in itself, so
// that parsers nest at most three deep.
type inlineParser struct {
	s     string
	open  string // the delimiters of the surrounding styles
	at    int
	start int // of the text not yet added
	nodes []node
	// hopeless has, for each delimiter, the position up to which no closing one
	// was found. Without it, a line of delimiters would take quadratic time.
	hopeless [256]int
}

func (p *inlineParser) parse() []node {
	for p.at < len(p.s) {
		if n, length := p.next(); length > 0 {
			p.flush()
			p.nodes = append(p.nodes, n)
			p.at += length
			p.start = p.at
			continue
		}
		p.at++
	}
	p.flush()
	return p.nodes
}

// flush adds the literal text before the current position.
func (p *inlineParser) flush() {
	for _, n := range withEmoji(unescape(p.s[p.start:p.at])) {
		if n.kind == nodeText {
			p.nodes = appendText(p.nodes, n.text)
		} else {
			p.nodes = append(p.nodes, n)
		}
	}
}

// next parses the node at the current position; a length of 0 means that there
// is only text.
func (p *inlineParser) next() (node, int) {
	switch c := p.s[p.at]; c {
	case '<':
		return token(p.s[p.at:])
	case '`':
		return p.code()
	case '*':
		return p.styled(c, nodeBold)
	case '_':
		return p.styled(c, nodeItalic)
	case '~':
		return p.styled(c, nodeStrike)
	case 'h':
		return p.bareURL()
	}
	return node{}, 0
}

func (p *inlineParser) code() (node, int) {
	if !p.opens('`') {
		return node{}, 0
	}
	end := strings.IndexAny(p.s[p.at+1:], "`\n")
	if end < 1 || p.s[p.at+1+end] != '`' {
		return node{}, 0
	}
	return node{kind: nodeCode, kids: codeNodes(p.s[p.at+1 : p.at+1+end])}, end + 2
}

func (p *inlineParser) styled(delimiter byte, kind nodeKind) (node, int) {
	if strings.IndexByte(p.open, delimiter) >= 0 || !p.opens(delimiter) || p.at < p.hopeless[delimiter] {
		return node{}, 0
	}
	end, ok := p.closing(delimiter)
	if !ok {
		p.hopeless[delimiter] = end
		return node{}, 0
	}
	inner := inlineParser{s: p.s[p.at+1 : end], open: p.open + string(delimiter)}
	return node{kind: kind, kids: inner.parse()}, end + 1 - p.at
}

// opens reports whether the delimiter at the current position can begin a
// style: no word before it, and something to style after it.
func (p *inlineParser) opens(delimiter byte) bool {
	before, _ := utf8.DecodeLastRuneInString(p.s[:p.at])
	after, size := utf8.DecodeRuneInString(p.s[p.at+1:])
	if size == 0 || unicode.IsSpace(after) || after == rune(delimiter) {
		return false
	}
	return p.at == 0 || before != rune(delimiter) && !isWord(before)
}

// closing finds the delimiter that ends the style that begins at the current
// position. If there is none, it returns how far it searched.
func (p *inlineParser) closing(delimiter byte) (int, bool) {
	i := p.at + 1
	for i < len(p.s) && p.s[i] != '\n' {
		switch {
		case p.s[i] == '<':
			if _, length := token(p.s[i:]); length > 0 {
				i += length
				continue
			}
		case p.s[i] == delimiter && p.closes(i, delimiter):
			return i, true
		}
		i++
	}
	return i, false
}

func (p *inlineParser) closes(i int, delimiter byte) bool {
	before, _ := utf8.DecodeLastRuneInString(p.s[:i])
	after, size := utf8.DecodeRuneInString(p.s[i+1:])
	return i > p.at+1 && !unicode.IsSpace(before) && before != rune(delimiter) &&
		(size == 0 || after != rune(delimiter) && !isWord(after))
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// bareURL parses a web address without markup.
func (p *inlineParser) bareURL() (node, int) {
	rest := p.s[p.at:]
	if !strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") {
		return node{}, 0
	}
	if before, _ := utf8.DecodeLastRuneInString(p.s[:p.at]); p.at > 0 && isWord(before) {
		return node{}, 0
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>|`\"", r) })
	if end < 0 {
		end = len(rest)
	}
	for _, escaped := range []string{"&lt;", "&gt;"} {
		if i := strings.Index(rest[:end], escaped); i >= 0 {
			end = i
		}
	}
	address := strings.TrimRight(rest[:end], ".,;:!?)]}'*_~")
	if strings.HasSuffix(address, "//") {
		return node{}, 0
	}
	url := unescape(address)
	return node{kind: nodeLink, url: url, kids: []node{textNode(url)}}, len(address)
}
