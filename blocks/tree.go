package blocks

import "github.com/slack-go/slack"

// An answer is parsed into a tree of blocks, divided into messages, and only
// then rendered.

// block is a paragraph, heading, code, rule, table, quote or list.
type block interface {
	// cost is an upper bound of the characters of the block in any rendering, at
	// this depth in lists and quotes.
	cost(depth int) int
}

type (
	paragraph struct{ text []span }

	heading struct {
		level int // 1 to 6
		text  []span
	}

	// code is preformatted text.
	code struct {
		lang string // as given by the agent
		head string // lines that are repeated in each part, such as a table's header
		text string
	}

	rule struct{}

	table struct {
		align []slack.ColumnAlignment // one for each column
		rows  [][]cell                // the first is the header; each has a cell for each column
		// headless says that the first row is like the others.
		headless bool
	}

	quote struct{ blocks []block }

	list struct {
		ordered bool
		start   int // the number of the first item
		items   []item
	}
)

type cell []span

type item struct {
	task   task
	blocks []block // never empty
}

// task says whether an item has a check box.
type task int

const (
	noTask task = iota
	openTask
	doneTask
)

// span is a piece of text in one style.
type span struct {
	text  string // without markup, as a reader sees it; never empty
	style style
	url   string  // a link that passed safeURL; empty for none
	cited *source // for a citation, whose text is in brackets; else nil
	emoji bool    // the text is an emoji's short name between colons
}

// with returns the span with another text.
func (s span) with(text string) span {
	s.text = text
	return s
}

// atomic reports whether a span is a citation or an emoji, which is not divided.
func (s span) atomic() bool { return s.cited != nil || s.emoji }

// joins reports whether a span and the next one can be one.
func (s span) joins(next span) bool {
	return s.style == next.style && s.url == next.url && !s.atomic() && !next.atomic()
}

// style is a set of the constants below.
type style int

const (
	bold style = 1 << iota
	italic
	strike
	monospace

	styles = iota // the number of styles
)

func (s style) has(other style) bool { return s&other != 0 }

// textOf returns the text of spans.
func textOf(spans []span) string {
	switch len(spans) {
	case 0:
		return ""
	case 1:
		return spans[0].text
	}
	n := 0
	for _, s := range spans {
		n += len(s.text)
	}
	text := make([]byte, 0, n)
	for _, s := range spans {
		text = append(text, s.text...)
	}
	return string(text)
}
