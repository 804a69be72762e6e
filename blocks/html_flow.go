package blocks

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/parser"
)

// flow reads nodes as a browser lays them out: text fills the open paragraph,
// and each block ends it.
type flow struct {
	*htmlSource
	blocks []block
	spans  []span // the open paragraph
	style  style
	link   *openLink // nil outside of <a href>
	depth  int       // of lists and quotes
	tables int       // the depth of tables
	pre    bool      // white space counts
	item   bool      // it is an item without text so far
	task   task      // of the item
}

// htmlSource is a parsed text.
type htmlSource struct {
	source     string
	inMarkdown bool
	markdown   parser.Parser // for the text between tags; nil until it is needed
	level      int           // of blocks that are being read
}

func newFlow(source string, inMarkdown bool) *flow {
	return &flow{htmlSource: &htmlSource{source: source, inMarkdown: inMarkdown}}
}

// inner returns a flow for the content of an item, a quote or a cell.
func (f *flow) inner() *flow {
	return &flow{htmlSource: f.htmlSource, style: f.style, depth: f.depth, tables: f.tables}
}

// end returns the blocks.
func (f *flow) end() []block {
	f.flush()
	return f.blocks
}

// flush ends the paragraph.
func (f *flow) flush() {
	link := f.link
	if link != nil && link.start < len(f.spans) {
		f.closeLink()
	}
	if link != nil {
		f.link = &openLink{href: link.href, title: link.title}
	}
	if text := honest(tidy(merge(f.spans))); len(text) > 0 {
		f.blocks = append(f.blocks, paragraph{text})
		f.item = false
	}
	f.spans = nil
}

func (f *flow) nodes(nodes []*htmlNode) {
	for i := 0; i < len(nodes); {
		j := i
		for j < len(nodes) && !nodes[j].block {
			j++
		}
		if j > i {
			f.run(nodes[i:j])
			i = j
			continue
		}
		if j = partsEnd(nodes, i); j > i {
			made := &htmlNode{htmlToken: htmlToken{name: parents[nodes[i].name][0]}, children: nodes[i:j]}
			f.block(made)
			i = j
			continue
		}
		f.block(nodes[i])
		i++
	}
}

// partsEnd returns the end of the parts of one parent, such as items without a
// list, that start at i.
func partsEnd(nodes []*htmlNode, i int) int {
	parent, end := parents[nodes[i].name], i
	if parent == nil || parent[0] == "select" {
		return i
	}
	for j := i; j < len(nodes); j++ {
		if other := parents[nodes[j].name]; other != nil && other[0] == parent[0] {
			end = j + 1
		} else if !nodes[j].isBlank() {
			break
		}
	}
	return end
}

// run reads text and inline elements. Some of it is Markdown.
func (f *flow) run(nodes []*htmlNode) {
	raw := f.source[nodes[0].start:nodes[len(nodes)-1].stop]
	switch {
	case f.pre || blank(raw) || strings.Contains(raw, "<ac:"):
	case isMarkdown(raw):
		f.flush()
		f.blocks = append(f.blocks, f.readMarkdown(dedent(raw))...)
		f.item = false
		return
	case f.inMarkdown && mayBeMarkup(raw) || markdownMarkup.MatchString(raw):
		if f.markdownRun(raw, f.startsLine(nodes[0].start)) {
			return
		}
	}
	for _, n := range nodes {
		f.inline(n)
	}
}

// mayBeMarkup reports whether a text may hold markup or a link.
func mayBeMarkup(text string) bool {
	return strings.ContainsAny(text, "*_~`[\\@<") || strings.Contains(text, "://") || strings.Contains(text, "www.")
}

// tagsLimit limits the bytes before a text that are searched for the start of its line.
const tagsLimit = 200

var anyTags = regexp.MustCompile(`<[^<>]*>`)

// startsLine reports whether only tags precede a place on its line.
func (f *flow) startsLine(at int) bool {
	from := max(0, at-tagsLimit)
	line := f.source[from:at]
	if i := strings.LastIndexByte(line, '\n'); i >= 0 {
		line = line[i+1:]
	} else if from > 0 {
		return false
	}
	return blank(anyTags.ReplaceAllString(line, ""))
}

// markdownRun reads a line of Markdown; its line breaks are spaces. It returns false for
// a text in which only the start of a line could begin a block, such as a quote.
func (f *flow) markdownRun(raw string, startsLine bool) bool {
	before, core, after := trimmed(raw)
	line := strings.Join(strings.Fields(core), " ")
	read := f.readMarkdown(line)
	p, ok := onlyParagraph(read)
	if !ok && !startsLine {
		if p, ok = onlyParagraph(f.readMarkdown(`\` + line)); !ok || !isPunct(line[0]) {
			return false
		}
	}
	if !ok {
		f.flush()
		f.blocks = append(f.blocks, read...)
		return true
	}
	if before != "" {
		f.text(" ")
	}
	f.spans = append(f.spans, styled(p.text, f.style)...)
	if after != "" {
		f.text(" ")
	}
	return true
}

func onlyParagraph(blocks []block) (p paragraph, ok bool) {
	if len(blocks) == 1 {
		p, ok = blocks[0].(paragraph)
	}
	return p, ok
}

var htmlComment = regexp.MustCompile(`(?s)<!---?>|<!--.*?-->`)

func (f *flow) readMarkdown(text string) []block {
	if f.markdown == nil {
		f.markdown = newParser()
	}
	return readInner(f.markdown, htmlComment.ReplaceAllString(text, ""))
}

// dedent removes the indentation that all lines of a text share.
func dedent(text string) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	shared := -1
	for _, line := range lines {
		if n := len(line) - len(strings.TrimLeft(line, " \t")); strings.TrimSpace(line) != "" && (shared < 0 || n < shared) {
			shared = n
		}
	}
	for i, line := range lines {
		lines[i] = line[min(len(line), max(0, shared)):]
	}
	return strings.Join(lines, "\n")
}

// text adds text as written; white space collapses.
func (f *flow) text(s string) {
	if !f.pre {
		s = collapse(s, f.afterSpace())
	}
	if s != "" {
		f.spans = append(f.spans, span{text: s, style: f.style})
	}
}

// afterSpace reports whether the open paragraph is empty or ends in a space.
func (f *flow) afterSpace() bool {
	if len(f.spans) == 0 {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(f.spans[len(f.spans)-1].text)
	return r == ' ' || r == '\n'
}

// collapse makes one space of adjacent white space, and none after a space.
func collapse(s string, afterSpace bool) string {
	var out strings.Builder
	for _, r := range s {
		if r != '\u00A0' && unicode.IsSpace(r) {
			if !afterSpace {
				out.WriteByte(' ')
			}
			afterSpace = true
			continue
		}
		afterSpace = false
		out.WriteRune(r)
	}
	return out.String()
}
