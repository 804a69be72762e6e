package blocks

import "github.com/slack-go/slack"

const (
	// messagesMost is how many messages an answer may fill. Of a longer one, people
	// read the beginning, and find the rest in a file.
	messagesMost = 5
	// beginningUnit is the maximum cost of a unit in the beginning of an answer, so
	// that there is room for everything else in the same message.
	beginningUnit = 4000
)

// beginning returns as much of a long answer as fits one message together with
// the extras, and the whole answer as a file.
func (x extras) beginning(a AnswerView, r renderer, tree []block, text string) []Message {
	x.tail = append([]slack.Block{slack.NewSectionBlock(plainObject(sayLong.Text()), nil, nil)}, x.tail...)
	note := jsonSize(x.note)
	taken := min(note+jsonSize(x.tail)+countBlocks(x.tail)*blockCost, messageLimit/3)
	p := pages(fitAll(first(tree, messageLimit), min(r.limit(), beginningUnit), 0), taken)[0]
	p.withoutLastHeading()
	p.cost += note - taken
	return x.addTo([]Message{{Text: p.text(), Blocks: r.render(p), File: wholeAnswer(a, text)}}, p)
}

// first returns the first blocks whose costs together reach an amount.
func first(blocks []block, cost int) []block {
	for i, b := range blocks {
		if cost -= b.cost(0); cost <= 0 {
			return blocks[:i+1]
		}
	}
	return blocks
}

// withoutLastHeading removes a heading or a rule after which nothing follows.
func (p *page) withoutLastHeading() {
	for len(p.units) > 1 {
		last := p.units[len(p.units)-1]
		switch last.block.(type) {
		case heading, rule:
		default:
			return
		}
		p.units = p.units[:len(p.units)-1]
		p.cost -= last.cost
		p.count -= last.blocks()
	}
}
