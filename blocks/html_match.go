package blocks

import "strings"

// nestLimit limits the nesting of elements. The tags beyond it are text.
const nestLimit = 256

// searchLimit limits how far from the innermost element the end of another is
// implied.
const searchLimit = 64

// match decides which tags are real. People and agents write "<code>" for
// placeholders, and "a <b" for comparisons. Therefore a tag is real only if its
// partner is there, or if it needs none. In a document of HTML, blocks may stay
// open at the end, and an end tag is never text.
func match(tokens []htmlToken, document bool) {
	m := matcher{tokens: tokens, document: document, count: make(map[string]int), failed: make(map[string][]int)}
	for i, t := range tokens {
		switch t.kind {
		case openTag:
			if !m.startsRight(i) {
				continue
			}
			m.imply(i)
			if len(m.open) < nestLimit {
				m.open = append(m.open, i)
				m.count[t.name]++
			}
		case closeTag:
			m.close(i)
		case emptyTag:
			m.imply(i)
		}
	}
	m.popTo(0, len(tokens))
}

// matcher finds the partners of tags.
type matcher struct {
	tokens   []htmlToken
	document bool
	open     []int            // the start tags without their end so far
	count    map[string]int   // the number of open tags by name
	failed   map[string][]int // the start tags that were left open in another element
}

// imply ends the elements that a start tag ends without their end tags: an item
// ends where the next one starts, and a paragraph where any block starts.
func (m *matcher) imply(i int) {
	name := m.tokens[i].name
	if rule, ok := implied[name]; ok {
		m.endUpTo(rule.ends, rule.within, i)
	}
	if elementOf(name)&blockElement != 0 {
		m.endUpTo("p", "*", i)
	}
}

// endUpTo ends the open elements with these names, up to one that limits the
// search; "*" is any other block.
func (m *matcher) endUpTo(names, limit string, i int) {
	if m.count[names] == 0 && !strings.Contains(names, " ") {
		return // most
	}
	for at := len(m.open) - 1; at >= max(0, len(m.open)-searchLimit); at-- {
		name := m.tokens[m.open[at]].name
		switch {
		case within(names, name):
			m.popTo(at, i)
		case within(limit, name) || (limit == "*" && elementOf(name)&blockElement != 0):
			return
		}
	}
}

// close takes the last open tag of the same name as the partner of an end tag.
func (m *matcher) close(i int) {
	t := &m.tokens[i]
	if within(headings, t.name) && m.count[t.name] == 0 { // it ends any heading
		for name := range strings.FieldsSeq(headings) {
			if m.count[name] > 0 {
				t.name = name
			}
		}
	}
	if m.count[t.name] == 0 {
		m.closeLate(i)
		return
	}
	for at := len(m.open) - 1; at >= 0; at-- {
		if m.tokens[m.open[at]].name != t.name {
			continue
		}
		m.popTo(at+1, i)
		partner := &m.tokens[m.open[at]]
		m.open = m.open[:at]
		m.count[t.name]--
		partner.state, partner.end, partner.closed, t.state = realTag, i, true, realTag
		return
	}
}

// startsRight reports whether the content of an element starts with one of its
// parts, if it has to.
func (m *matcher) startsRight(i int) bool {
	parts, ok := starts[m.tokens[i].name]
	if !ok {
		return true
	}
	for _, next := range m.tokens[i+1:] {
		if next.kind == hiddenText || (next.kind == textToken && next.name == "" && blank(next.raw)) {
			continue
		}
		return next.kind == closeTag || (next.kind != textToken && within(parts, next.name))
	}
	return true
}

// closeLate handles an end tag whose element was ended by the end of another
// one, such as in <b><i></b></i>. Other end tags without a partner are text,
// except in a document.
func (m *matcher) closeLate(i int) {
	t := &m.tokens[i]
	if failed := m.failed[t.name]; len(failed) > 0 {
		m.tokens[failed[len(failed)-1]].state = realTag
		m.failed[t.name] = failed[:len(failed)-1]
		t.state = realTag
	} else if m.document {
		t.state = realTag
	}
}

// popTo ends the elements from this position of the stack on, at the token with
// the index end, without their end tags.
func (m *matcher) popTo(at, end int) {
	for k := len(m.open) - 1; k >= at; k-- {
		t := &m.tokens[m.open[k]]
		t.end = end
		m.count[t.name]--
		switch element := elementOf(t.name); {
		case element&optionalEnd != 0:
			t.state = impliedTag
		case m.document && end == len(m.tokens) && element&blockElement != 0:
			t.state = realTag
		default:
			m.failed[t.name] = append(m.failed[t.name], m.open[k])
		}
	}
	m.open = m.open[:at]
}
