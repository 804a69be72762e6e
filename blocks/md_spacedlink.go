package blocks

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// spacedLinks is a parser of links whose targets may have spaces, such as
// [Guide](https://acme.sharepoint.com/Shared Documents/guide.pdf). CommonMark
// allows them in angle brackets only.
type spacedLinks struct{ parser.InlineParser }

// Parse gives the parser of CommonMark what it understands: the same target in
// angle brackets.
func (s spacedLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if !bytes.HasPrefix(line, []byte("](")) {
		return s.InlineParser.Parse(parent, block, pc)
	}
	dest, title, end := spacedTarget(line)
	if end == 0 {
		return s.InlineParser.Parse(parent, block, pc)
	}
	tail := append(append([]byte("](<"), dest...), '>')
	if len(title) > 0 {
		tail = append(append(tail, ' '), title...)
	}
	link := s.InlineParser.Parse(parent, text.NewReader(append(tail, ')')), pc)
	if link != nil {
		block.Advance(end)
	}
	return link
}

// CloseBlock lets the parser of CommonMark close its brackets.
func (s spacedLinks) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	if c, ok := s.InlineParser.(parser.CloseBlocker); ok {
		c.CloseBlock(parent, block, pc)
	}
}

var (
	// spacedStart matches the start of a target up to the path, which can have
	// spaces.
	spacedStart = regexp.MustCompile(`^\]\([ \t]*(?i:https?://[^\s/?#<>()]+[/?#]|mailto:\S+\?)`)
	// titleEnd matches a title and what closes the link.
	titleEnd = regexp.MustCompile(`^(?:"[^"\\\n]*"|'[^'\\\n]*')[ \t]*\)`)
	// imageSize matches the size of an image, which some dialects have after the
	// target.
	imageSize = regexp.MustCompile(`[ \t]+=\d*%?x\d*%?$`)
)

// spacedTarget reads a target with spaces and a title, in quotes, at the start
// of a line, and returns where the link ends; 0 if there is no such target.
func spacedTarget(line []byte) (dest, title []byte, end int) {
	start := spacedStart.FindIndex(line)
	if start == nil {
		return nil, nil, 0
	}
	depth := 0
	for i := start[1]; i < min(len(line), urlLimit); i++ {
		switch c := line[i]; c {
		case '\\':
			i++
		case '\n', '<', '>':
			return nil, nil, 0
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return targetIn(line[2:i], nil, i+1)
			}
		case '"', '\'':
			if depth > 0 || !isSpace(line[i-1]) {
				continue
			}
			if n := len(titleEnd.Find(line[i:min(len(line), i+urlLimit)])); n > 0 {
				return targetIn(line[2:i], bytes.TrimRight(line[i:i+n-1], " \t"), i+n)
			}
		}
	}
	return nil, nil, 0
}

// targetIn returns a target if it has spaces and is a single one.
func targetIn(raw, title []byte, end int) ([]byte, []byte, int) {
	raw = bytes.TrimSpace(raw)
	if !bytes.ContainsAny(raw, " \t") || bytes.Count(raw, []byte("://")) > 1 {
		return nil, nil, 0
	}
	raw = imageSize.ReplaceAll(raw, nil)
	if bytes.HasSuffix(raw, []byte(`\`)) { // it would escape the bracket
		return nil, nil, 0
	}
	return raw, title, end
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }
