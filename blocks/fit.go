package blocks

import "strings"

// The parts of a cost that are not text.
const (
	spanOverhead  = 32 // the delimiters of a span
	lineOverhead  = 6  // the prefix of a line, for each level of lists and quotes
	blockOverhead = 16 // the frame of a block
	cellOverhead  = 8  // the frame of a cell, and the line below a header cell
)

// Slack's limits for one table block. See
// https://docs.slack.dev/reference/block-kit/blocks/table-block.
const (
	tableRows    = 100
	tableColumns = 20
	tableLimit   = 9000 // of 10,000 characters
	cellLimit    = 1000
)

func (p paragraph) cost(depth int) int { return blockOverhead + spansCost(p.text, depth) }

func (h heading) cost(depth int) int { return blockOverhead + spansCost(h.text, depth) }

func (c code) cost(depth int) int {
	return 2*blockOverhead + len(c.lang) + linesCost(c.head, depth) + linesCost(c.text, depth)
}

func (rule) cost(int) int { return blockOverhead }

func (q quote) cost(depth int) int { return blockOverhead + blocksCost(q.blocks, depth+1) }

func (l list) cost(depth int) int {
	n := 0
	for _, it := range l.items {
		n += blockOverhead + blocksCost(it.blocks, depth+1)
	}
	return n
}

func (t table) cost(int) int {
	n := blockOverhead
	for _, row := range t.rows {
		n += rowCost(row)
	}
	return n
}

func rowCost(row []cell) int {
	n := blockOverhead
	for _, c := range row {
		n += cellOverhead + spansCost(c, 0)
	}
	return n
}

func blocksCost(blocks []block, depth int) int {
	n := 0
	for _, b := range blocks {
		n += b.cost(depth) + lineOverhead*depth
	}
	return n
}

func spansCost(spans []span, depth int) int {
	n := 0
	for _, s := range spans {
		n += s.overhead() + linesCost(s.text, depth)
	}
	return n
}

// overhead is the cost of a span in addition to its text: its delimiters and
// its link.
func (s span) overhead() int {
	if s.style == 0 && s.url == "" {
		return 0
	}
	n := spanOverhead + lengthEscaped(s.url)
	if s.cited != nil {
		n += lengthEscaped(s.cited.name)
	}
	return n
}

func linesCost(text string, depth int) int {
	return lengthEscaped(text) + strings.Count(text, "\n")*breakCost(depth)
}

// breakCost is the cost of a line break in addition to its character.
func breakCost(depth int) int { return 2 + lineOverhead*depth }

// costAt returns the cost that linesCost counts for one character.
func costAt(depth int) func(rune) int {
	return func(r rune) int {
		if r == '\n' {
			return 1 + breakCost(depth)
		}
		return runeCost(r)
	}
}

// unit is a piece of an answer that is not divided further.
type unit struct {
	block block
	cost  int
	joins bool // it continues the previous unit: the next item of the same list
}

// unitBlocks limits the blocks of one unit, so that it fits any page together
// with the other content.
const unitBlocks = bodyBlocks / 4

// fitAll divides blocks into units, each with at most the cost limit and at
// most unitBlocks blocks.
func fitAll(blocks []block, limit, depth int) []unit {
	var units []unit
	for _, b := range blocks {
		units = append(units, fit(b, limit, depth)...)
	}
	return units
}

// fit divides a block into units of at most this cost. Lists are always divided
// into items, other blocks only if necessary.
func fit(b block, limit, depth int) []unit {
	if l, ok := b.(list); ok {
		return fitList(l, limit, depth)
	}
	cost := b.cost(depth)
	if t, ok := b.(table); ok && (cost > min(limit, tableLimit) || len(t.rows) > tableRows) {
		return fitTable(t, min(limit, tableLimit))
	}
	if cost <= limit && breaks(b) < unitBlocks {
		return []unit{{block: b, cost: cost}}
	}
	switch b := b.(type) {
	case paragraph:
		return fitText(b.text, limit, depth)
	case heading:
		return fitText(styled(b.text, bold), limit, depth)
	case code:
		return fitCode(b, limit, depth)
	case quote:
		return fitQuote(b, limit, depth)
	}
	return []unit{{block: b, cost: cost}}
}

// fitList divides a list into its items. If an item is too long, the rest of it
// follows as text, and then the rest of the list.
func fitList(l list, limit, depth int) []unit {
	var units []unit
	torn := true
	for i, it := range l.items {
		one := list{ordered: l.ordered, start: l.start + i, items: []item{it}}
		if cost := one.cost(depth); cost <= limit && breaks(one) < unitBlocks {
			units = append(units, unit{one, cost, !torn})
			torn = false
			continue
		}
		parts := fitAll(it.blocks, limit-blockOverhead-lineOverhead*(depth+1), depth+1)
		one.items = []item{{task: it.task, blocks: []block{parts[0].block}}}
		units = append(units, unit{one, one.cost(depth), !torn})
		for j, part := range parts[1:] {
			units = append(units, unit{part.block, part.cost, part.joins && j > 0})
		}
		torn = true
	}
	return units
}

func fitQuote(q quote, limit, depth int) []unit {
	var units []unit
	for i, part := range fitAll(q.blocks, limit-blockOverhead-lineOverhead*(depth+1), depth+1) {
		one := quote{[]block{part.block}}
		units = append(units, unit{one, one.cost(depth), i > 0})
	}
	return units
}

// fitText divides text into paragraphs: between words if possible, and never
// within a grapheme cluster.
func fitText(spans []span, limit, depth int) []unit {
	f := filler{limit: limit - blockOverhead, depth: depth}
	f.left = f.limit
	for _, s := range spans {
		f.add(s)
	}
	f.flush()
	return f.units
}

// filler fills one paragraph after the other with text.
type filler struct {
	limit, depth int
	piece        []span // the current paragraph
	left         int    // its remaining room
	units        []unit
}

func (f *filler) add(s span) {
	own := s.overhead()
	if s.atomic() && spansCost([]span{s}, f.depth) > f.left {
		f.flush()
	}
	for s.text != "" {
		if f.left-own < f.limit/8 {
			f.flush() // a shorter paragraph is better than a divided link
		}
		head, tail := cut(s.text, max(1, f.left-own), costAt(f.depth))
		one := s.with(head)
		f.piece = append(f.piece, one)
		f.left -= spansCost([]span{one}, f.depth)
		if s.text = tail; tail != "" {
			f.flush()
		}
	}
}

func (f *filler) flush() {
	if text := tidy(f.piece); len(text) > 0 {
		p := paragraph{text}
		f.units = append(f.units, unit{block: p, cost: p.cost(f.depth)})
	}
	f.piece, f.left = nil, f.limit
}

// styled returns spans with an additional style.
func styled(spans []span, s style) []span {
	out := make([]span, len(spans))
	for i, sp := range spans {
		sp.style |= s
		out[i] = sp
	}
	return out
}

// fitCode divides preformatted text between lines, or within a line that is too
// long.
func fitCode(c code, limit, depth int) []unit {
	if linesCost(c.head, depth) > limit/2 { // a table's header as long as this does not help
		c.text, c.head = strings.TrimPrefix(c.head+"\n"+c.text, "\n"), ""
	}
	own := code{lang: c.lang, head: c.head}.cost(depth)
	var units []unit
	for rest := c.text; rest != ""; {
		var text string
		text, rest = cutLines(rest, limit-own, costAt(depth))
		if text = strings.TrimRight(text, "\n"); blank(text) {
			continue
		}
		part := code{c.lang, c.head, text}
		units = append(units, unit{block: part, cost: part.cost(depth)})
	}
	return units
}

// cutLines is like cut, but cuts after the last line that fits, if there is
// one.
func cutLines(s string, room int, cost func(rune) int) (head, tail string) {
	head, tail = cut(s, room, cost)
	if i := strings.LastIndexByte(head, '\n'); tail != "" && i >= 0 {
		return s[:i+1], s[i+1:]
	}
	return head, tail
}

// fitTable divides a table between rows and repeats its header.
func fitTable(t table, limit int) []unit {
	if t.headless {
		return fitRows(t, limit)
	}
	var units []unit
	header := t.rows[0]
	own := blockOverhead + rowCost(header)
	part := table{align: t.align, rows: [][]cell{header}}
	cost := own
	flush := func() {
		if len(part.rows) > 1 {
			units = append(units, unit{block: part, cost: cost})
		}
		part, cost = table{align: t.align, rows: [][]cell{header}}, own
	}
	for _, row := range t.rows[1:] {
		c := rowCost(row)
		if cost+c > limit || len(part.rows) == tableRows {
			flush()
		}
		part.rows = append(part.rows, row)
		cost += c
	}
	flush()
	return units
}

// fitRows divides a table without a header between rows.
func fitRows(t table, limit int) []unit {
	var units []unit
	part := table{align: t.align, headless: true}
	cost := blockOverhead
	for _, row := range t.rows {
		c := rowCost(row)
		if len(part.rows) > 0 && (cost+c > limit || len(part.rows) == tableRows) {
			units = append(units, unit{block: part, cost: cost})
			part.rows, cost = nil, blockOverhead
		}
		part.rows = append(part.rows, row)
		cost += c
	}
	return append(units, unit{block: part, cost: cost})
}
