package blocks

import (
	"strings"

	"github.com/slack-go/slack"
)

// Slack's limits for one message, with a margin. The limit for all blocks
// together is undocumented: above about 13,200 characters Slack returns
// msg_blocks_too_long, and each block counts about 100 in addition to its text.
// The blocks that Slack makes from a markdown block count, too. See
// https://docs.slack.dev/reference/block-kit/blocks and
// https://github.com/slackapi/bolt-js/issues/2509 and 2867.
const (
	messageLimit = 13000 // of texts and blocks
	textsLimit   = 11500 // of the texts only; Slack accepts 12,000 in markdown blocks
	blockCost    = 100
	blocksLimit  = 50
	bodyBlocks   = 40   // number of blocks for the answer's text
	sectionLimit = 3000 // of one section block
	textLimit    = 4000 // of a message's fallback text
)

// page is the content of one message.
type page struct {
	units  []unit
	cost   int // of the texts
	count  int // the number of blocks that it may become
	tables int
}

// pages distributes units in reading order. Part of the room on the first page
// is already taken.
func pages(units []unit, taken int) []page {
	all := []page{{cost: taken, count: 1}}
	for _, u := range units {
		p := &all[len(all)-1]
		if !p.holds(u) && len(p.units) > 0 {
			all = append(all, page{})
			p = &all[len(all)-1]
			u.joins = false
		}
		p.take(u)
	}
	return all
}

// holds reports whether there is room for one more unit. Slack accepts one
// table in a message.
func (p *page) holds(u unit) bool {
	_, isTable := u.block.(table)
	return p.hasRoom(u.cost, u.blocks(), bodyBlocks) && (!isTable || p.tables == 0)
}

// hasRoom reports whether texts with this cost in this many blocks fit, up to
// most blocks in total.
func (p *page) hasRoom(cost, blocks, most int) bool {
	cost, blocks = p.cost+cost, p.count+blocks
	return cost <= textsLimit && blocks <= most && cost+blocks*blockCost <= messageLimit
}

func (p *page) take(u unit) {
	if _, isTable := u.block.(table); isTable {
		p.tables++
	}
	p.units = append(p.units, u)
	p.cost += u.cost
	p.count += u.blocks()
}

// blocks is the number of blocks that a unit may become.
func (u unit) blocks() int {
	if u.joins {
		return breaks(u.block)
	}
	return 1 + breaks(u.block)
}

// breaks is the number of additional blocks that Slack may make from a list or
// a quote: one for each heading or rule in it, and one for what follows.
func breaks(b block) int {
	n := 0
	switch b := b.(type) {
	case quote:
		n = breaksIn(b.blocks)
	case list:
		for _, it := range b.items {
			n += breaksIn(it.blocks)
		}
	}
	return n
}

func breaksIn(blocks []block) int {
	n := 0
	for _, b := range blocks {
		switch b.(type) {
		case heading, rule:
			n += 2
		default:
			n += breaks(b)
		}
	}
	return n
}

// merged returns the blocks of a page, with items that belong together joined
// to one list.
func (p page) merged() []block {
	var out []block
	for _, u := range p.units {
		if u.joins && len(out) > 0 {
			out[len(out)-1] = joined(out[len(out)-1], u.block)
			continue
		}
		out = append(out, u.block)
	}
	return out
}

func joined(a, b block) block {
	switch a := a.(type) {
	case list:
		if b, ok := b.(list); ok {
			a.items = append(a.items, b.items...)
		}
		return a
	case quote:
		if b, ok := b.(quote); ok {
			a.blocks = append(a.blocks, b.blocks...)
		}
		return a
	}
	return a
}

// text returns the text of a page without markup.
func (p page) text() string {
	var out strings.Builder
	for i, u := range p.units {
		if i > 0 {
			out.WriteString("\n")
		}
		out.WriteString(asPlain.write(u.block))
	}
	return out.String()
}

// renderer writes the blocks of a page.
type renderer interface {
	// prepare replaces blocks that the rendering cannot show.
	prepare(blocks []block) []block
	// limit is the maximum cost of a unit.
	limit() int
	render(p page) []slack.Block
}

// markdownBlocks renders with markdown blocks where they are safe, else with
// rich_text, table, header and divider blocks.
type markdownBlocks struct {
	cites bool // with citations, not links
}

func (markdownBlocks) prepare(blocks []block) []block {
	return withoutTables(blocks, table.fits)
}

func (markdownBlocks) limit() int { return textsLimit - 500 }

func (m markdownBlocks) render(p page) []slack.Block {
	var out []slack.Block
	var texts []string
	flush := func() {
		if len(texts) > 0 {
			out = append(out, slack.NewMarkdownBlock("", strings.Join(texts, "\n\n")))
		}
		texts = nil
	}
	var before block
	for _, b := range p.merged() {
		text, sure := markdownText(b)
		if _, isRule := b.(rule); isRule || !sure {
			flush()
			if !m.cites {
				b = mapText([]block{b}, uncited)[0]
			}
			out = append(out, richBlock(b))
			before = nil
			continue
		}
		if wouldMerge(before, b) {
			flush()
		}
		texts = append(texts, text)
		before = b
	}
	flush()
	return out
}

// wouldMerge reports whether Markdown would parse two blocks as one.
func wouldMerge(a, b block) bool {
	switch a.(type) {
	case list:
		_, ok := b.(list)
		return ok
	case quote:
		_, ok := b.(quote)
		return ok
	}
	return false
}

// sections renders with section blocks of text.
type sections struct {
	dialect
	object func(string) *slack.TextBlockObject
}

func (sections) prepare(blocks []block) []block { return withoutTables(blocks, never) }

func (sections) limit() int { return sectionLimit }

func (s sections) render(p page) []slack.Block {
	var out []slack.Block
	var text strings.Builder
	taken := 0
	flush := func() {
		if text.Len() > 0 {
			out = append(out, slack.NewSectionBlock(s.object(text.String()), nil, nil))
		}
		text.Reset()
		taken = 0
	}
	for _, u := range p.units {
		if _, isRule := u.block.(rule); isRule {
			flush()
			out = append(out, slack.NewDividerBlock())
			continue
		}
		t := s.write(u.block)
		n := length(t) + len("\n\n")
		if taken+n > sectionLimit {
			flush()
		}
		switch {
		case text.Len() == 0:
		case u.joins:
			text.WriteString("\n")
		default:
			text.WriteString("\n\n")
		}
		text.WriteString(t)
		taken += n
	}
	flush()
	return out
}

func mrkdwnObject(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

func plainObject(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}
