package blocks

import (
	"slices"
	"strconv"
)

// list reads a list.
func (f *flow) list(n *htmlNode) {
	l := counter{ordered: n.name == "ol"}
	number := positive(n.attr("start"), 1) - 1
	for _, nodes := range grouped(n.children, (*htmlNode).isItem) {
		c := nodes[0]
		switch {
		case !slices.ContainsFunc(nodes, (*htmlNode).isShown):
			continue
		case c.isItem():
			number = positive(c.attr("value"), number+1)
			nodes = c.children
		case len(l.list.items) > 0: // such as a list that should be in an item
			last := &l.list.items[len(l.list.items)-1]
			last.blocks = append(last.blocks, f.itemOf(nodes).blocks...)
			continue
		default:
			number++
		}
		it := f.itemOf(nodes)
		if c.name == "ac:task" {
			it = f.confluenceTask(c)
		}
		if !l.ordered {
			number = 0
		}
		if len(it.blocks) > 0 {
			l.add(number, it)
		}
	}
	l.flush()
	if f.depth >= depthLimit {
		l.out = flattened(l.out)
	}
	f.blocks = append(f.blocks, l.out...)
}

// isItem reports whether a node is an item.
func (n *htmlNode) isItem() bool { return n.name == "li" || n.name == "ac:task" }

func (f *flow) itemOf(nodes []*htmlNode) item {
	in := f.inner()
	in.depth, in.item = in.depth+1, true
	in.nodes(nodes)
	return item{blocks: in.end(), task: in.task}
}

// positive returns the number in an attribute, or other if there is none.
func positive(value string, other int) int {
	if n, err := strconv.Atoi(value); err == nil && n >= 0 && n < 1_000_000_000 {
		return n
	}
	return other
}

// flattened returns the items of lists that are too deep in others as text.
func flattened(blocks []block) []block {
	var out []block
	for _, b := range blocks {
		l, ok := b.(list)
		if !ok {
			out = append(out, b)
			continue
		}
		for i, it := range l.items {
			first, rest := plainSpans(it.marker(l, i, 0)), it.blocks
			if p, ok := rest[0].(paragraph); ok {
				first, rest = append(first, p.text...), rest[1:]
			}
			if text := tidy(first); len(text) > 0 {
				out = append(out, paragraph{text})
			}
			out = append(out, rest...)
		}
	}
	return out
}
