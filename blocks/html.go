package blocks

import (
	"regexp"
	"strings"
	"unicode"
)

// Systems such as ServiceNow and Confluence answer in HTML. It is parsed into
// the same tree as Markdown: the tokens (html_tokens.go) are matched
// (html_match.go), nested (html_nodes.go) and read (html_flow.go). A tree that
// follows the specification of HTML is no help: it moves text out of tables,
// and it does not keep the placeholders that look like tags.

// isHTML reports whether most of a text is inside block-level elements, such as
// a document or an article, and not Markdown with pieces of HTML.
func isHTML(source string) bool {
	if !mayHoldElements(source) {
		return false
	}
	tokens := tokenize(source)
	match(tokens, true)
	s := shareOf(tokens)
	if s.document {
		return true
	}
	return s.elements > 0 && s.inside > s.outside && (s.first || (s.inside > 4*s.outside && !markdownStructure.MatchString(s.text.String())))
}

// share says how much of a text is inside elements.
type share struct {
	inside, outside int             // letters and digits
	elements        int             // block-level elements that are closed
	first           bool            // the first visible thing is a block-level element
	document        bool            // there is an <html> or a <body>
	text            strings.Builder // outside of elements
}

func shareOf(tokens []htmlToken) *share {
	s := &share{}
	until, hidden := 0, 0
	for i, t := range tokens {
		if t.state == realTag && t.kind == openTag && (htmlElements[t.name]&hiddenElement != 0 || t.name == "title") {
			hidden = max(hidden, t.end)
		}
		if i < hidden {
			continue
		}
		if t.isReal() && t.kind == openTag && (htmlElements[t.name]&blockElement != 0 || t.name == "ac:structured-macro") {
			until = max(until, t.end)
			if t.closed {
				s.document = s.document || t.name == "html" || t.name == "body"
				s.first = s.first || s.outside == 0
				s.elements++
			}
		}
		if t.isReal() {
			continue
		}
		n := letters(t.raw)
		if i < until {
			s.inside += n
			continue
		}
		s.outside += n
		s.text.WriteString(t.raw)
	}
	return s
}

func letters(text string) int {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// mayHoldElements reports whether a text has a block-level tag or a comment; it
// is fast for the texts that have none.
func mayHoldElements(source string) bool {
	for {
		i := strings.IndexByte(source, '<')
		if i < 0 {
			return false
		}
		source = source[i+1:]
		if strings.HasPrefix(source, "!--") || htmlElements[tagName(source)]&(blockElement|hiddenElement) != 0 {
			return true
		}
	}
}

// tagName returns the name of a tag after its "<", in lower case.
func tagName(s string) string {
	n := 0
	for n < len(s) && n < 32 && (isWordByte(s[n]) || s[n] == ':' || s[n] == '-') {
		n++
	}
	return strings.ToLower(s[:n])
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// Text between tags is read as Markdown if it has blank lines, a fence, or two
// lines that start like a list, heading, quote or table; within a line, if it
// has markup that is hardly anything else.
var (
	markdownStructure = regexp.MustCompile("(?m)^[ \t]*(?:#{1,6} |[-*+] |\\d{1,3}[.)] |> |\\|.*\\||```|~~~)")
	markdownLines     = regexp.MustCompile(`\S[ \t]*\n[ \t]*\n[ \t\n]*\S|^[ \t]*\n[ \t]*\n[ \t\n]*\S`)
	markdownMarkup    = regexp.MustCompile("\\*\\*[^*\\s][^*\n]*\\*\\*|\\[[^\\]\n]+\\]\\((?:https?:|mailto:)|`[^`\n]+`")
)

// isMarkdown reports whether text between tags is lines of Markdown.
func isMarkdown(raw string) bool {
	if !strings.Contains(raw, "\n") {
		return false
	}
	return len(markdownStructure.FindAllStringIndex(raw, 2)) == 2 || strings.Contains(raw, "```\n") || markdownLines.MatchString(raw)
}

// readHTML parses a text that is mostly HTML; none if it is not, or if the
// parser panics.
func readHTML(source string) (blocks []block) {
	defer func() {
		if recover() != nil {
			blocks = nil
		}
	}()
	if !isHTML(source) {
		return nil
	}
	return parseHTML(source, false)
}

// parseHTML parses HTML. In Markdown, all text between tags may hold markup.
func parseHTML(source string, inMarkdown bool) []block {
	tokens := tokenize(source)
	match(tokens, !inMarkdown)
	f := newFlow(source, inMarkdown)
	nodes := nest(tokens, !inMarkdown)
	f.title(nodes)
	f.nodes(nodes)
	return f.end()
}
