package blocks

import (
	"slices"
	"strings"
)

// levelLimit limits the recursion. It is more than nodes in nodes can need; a
// stack that overflows could not be recovered, unlike a panic.
const levelLimit = 4 * nestLimit

// block reads an element that is a block or contains one.
func (f *flow) block(n *htmlNode) {
	if f.level++; f.level > levelLimit {
		panic("elements without end")
	}
	defer func() { f.level-- }()
	element := elementOf(n.name)
	switch {
	case element&hiddenElement != 0 || n.name == "title" && n.closed:
		return
	case element&blockElement == 0 && !isMacro(n): // an inline element around blocks
		f.inlineBlock(n)
		return
	}
	f.flush()
	switch n.name {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		f.heading(int(n.name[1]-'0'), n)
	case "ul", "ol", "menu", "dir", "ac:task-list":
		f.list(n)
	case "table":
		f.table(n)
	case "blockquote":
		f.quote(n.children)
	case "pre", "xmp", "listing", "ac:plain-text-body":
		f.code(languageOfPre(n), n)
	case "hr":
		f.blocks = append(f.blocks, rule{})
	case "dt", "summary", "caption":
		f.styled(bold, n.children)
	case "dl":
		f.definitions(n)
	case "iframe", "video", "audio":
		f.media(n)
		f.nodes(n.children)
	case "ac:structured-macro", "ac:macro":
		f.macro(n)
	default:
		f.nodes(n.children)
	}
	f.flush()
}

// styled reads nodes in an additional style.
func (f *flow) styled(s style, nodes []*htmlNode) {
	before := f.style
	f.style |= s
	f.nodes(nodes)
	f.style = before
}

// inlineBlock reads an inline element that contains blocks.
func (f *flow) inlineBlock(n *htmlNode) {
	if n.name != "a" || n.attr("href") == "" {
		f.styled(styleTags[n.name], n.children)
		return
	}
	f.openLink(n)
	f.nodes(n.children)
	f.closeLink()
}

// heading reads a heading. Blocks in it follow it.
func (f *flow) heading(level int, n *htmlNode) {
	start := len(f.blocks)
	f.nodes(n.children)
	f.flush()
	blocks := slices.Clone(f.blocks[start:])
	f.blocks = f.blocks[:start]
	for _, b := range blocks {
		if p, ok := b.(paragraph); ok {
			b = heading{level, onOneLine(p.text)}
		}
		f.blocks = append(f.blocks, b)
	}
}

// onOneLine replaces line breaks by spaces.
func onOneLine(spans []span) []span {
	out := make([]span, len(spans))
	for i, s := range spans {
		s.text = strings.Join(strings.Split(s.text, "\n"), " ")
		out[i] = s
	}
	return merge(out)
}

// quote reads a quote. Too deep in others it is text.
func (f *flow) quote(nodes []*htmlNode) {
	if f.depth >= depthLimit {
		f.nodes(nodes)
		return
	}
	in := f.inner()
	in.depth++
	in.nodes(nodes)
	if blocks := in.end(); len(blocks) > 0 {
		f.blocks = append(f.blocks, quote{blocks})
	}
}

// code reads preformatted text. A link in it shows its target.
func (f *flow) code(lang string, n *htmlNode) {
	in := f.inner()
	in.pre, in.style = true, 0
	in.preformatted(n.children)
	in.closeLink()
	text := strings.TrimRight(strings.TrimPrefix(plainText(merge(in.spans)), "\n"), " \t\n")
	if !blank(text) {
		f.blocks = append(f.blocks, code{lang: lang, text: text})
	}
}

// preformatted reads all nodes as text; blocks start and end a line.
func (f *flow) preformatted(nodes []*htmlNode) {
	for _, n := range nodes {
		switch {
		case elementOf(n.name)&hiddenElement != 0:
		case !n.block:
			f.inline(n)
		default:
			f.breakPre()
			f.preformatted(n.children)
			f.breakPre()
		}
	}
}

func (f *flow) breakPre() {
	if len(f.spans) > 0 && !strings.HasSuffix(f.spans[len(f.spans)-1].text, "\n") {
		f.spans = append(f.spans, span{text: "\n"})
	}
}

// languageOfPre returns the language of preformatted text, from the class of the
// element or of the <code> in it.
func languageOfPre(n *htmlNode) string {
	classes := n.attr("class")
	for _, c := range n.children {
		if c.name == "code" {
			classes += " " + c.attr("class")
		}
	}
	for class := range strings.FieldsSeq(classes) {
		for _, prefix := range []string{"language-", "lang-", "highlight-source-", "brush:"} {
			if lang, ok := strings.CutPrefix(class, prefix); ok && languages[strings.ToLower(lang)] {
				return lang
			}
		}
	}
	return ""
}

// definitions reads a list of terms and what they mean. A meaning of one
// paragraph follows its term on the next line.
func (f *flow) definitions(n *htmlNode) {
	isPart := func(n *htmlNode) bool { return n.name == "dd" || n.name == "dt" || n.name == "div" }
	for _, nodes := range grouped(n.children, isPart) {
		switch c, start := nodes[0], len(f.blocks); c.name {
		case "dd":
			f.nodes(c.children)
			f.flush()
			f.joinTo(start)
		case "dt":
			f.block(c)
		case "div":
			f.definitions(c)
		default:
			f.nodes(nodes)
		}
	}
}

// joinTo joins the paragraph at an index to the paragraph before it.
func (f *flow) joinTo(i int) {
	if i == 0 || len(f.blocks) != i+1 {
		return
	}
	before, ok1 := f.blocks[i-1].(paragraph)
	after, ok2 := f.blocks[i].(paragraph)
	if !ok1 || !ok2 {
		return
	}
	joined := slices.Concat(before.text, []span{{text: "\n"}}, after.text)
	f.blocks = append(f.blocks[:i-1], paragraph{merge(joined)})
}

// title adds the title of a document as its heading, if it has no other.
func (f *flow) title(nodes []*htmlNode) {
	var title *htmlNode
	hasHeading := false
	var walk func(nodes []*htmlNode)
	walk = func(nodes []*htmlNode) {
		for _, n := range nodes {
			switch {
			case n.name == "title" && n.closed && title == nil:
				title = n
			case n.name == "h1":
				hasHeading = true
			}
			walk(n.children)
		}
	}
	walk(nodes)
	if title != nil && !hasHeading {
		f.heading(1, title)
	}
}
