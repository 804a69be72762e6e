package blocks

import "strings"

// The texts of tickets are in the markup of their system: HTML, Jira's wiki
// markup, Markdown or none.

// describe parses a text of a ticket.
func describe(text string) []block {
	text = strings.TrimSpace(clean(text))
	if blocks := readHTML(text); len(blocks) > 0 {
		return blocks
	}
	if isWiki(text) {
		if blocks := parseWiki(text); len(blocks) > 0 {
			return blocks
		}
	}
	if mayHoldElements(text) || markdownStructure.MatchString(text) || mayBeMarkup(text) || notWiki.MatchString(text) {
		return parse(text)
	}
	return asWritten(text)
}

// describedLine returns all that a reader sees of a text of a ticket, as one line of plain
// text.
func describedLine(text string) string {
	var out strings.Builder
	for _, b := range describe(text) {
		out.WriteString(asPlain.write(b) + "\n")
	}
	return oneLine(out.String())
}

// partLimit is the least room in which a part of a block is shown: fit needs
// room for the frames of nested lists.
const partLimit = 350

// describedMrkdwn returns a text of a ticket in mrkdwn, with a notice if it is
// cut; empty if there is none. It is cut between blocks, items and lines. The
// limit, in characters, is at least 500.
func describedMrkdwn(text string, limit int) string {
	units := fitAll(withoutLongLinks(withoutTables(describe(text), never), limit/3), limit, 0)
	shown, left := 0, limit
	for shown < len(units) && units[shown].cost <= left {
		left -= units[shown].cost
		shown++
	}
	if shown == len(units) {
		return joinedMrkdwn(units)
	}
	if rest := units[shown]; left >= partLimit {
		if part := fitAll([]block{rest.block}, left, 0)[0]; part.cost <= left {
			part.joins = rest.joins
			units[shown], shown = part, shown+1
		}
	}
	if shown == 0 {
		return literal(shorten(describedLine(text), limit, runeCost), ' ')
	}
	return joinedMrkdwn(units[:shown]) + cutNotice(units[shown-1].block)
}

func joinedMrkdwn(units []unit) string {
	var out strings.Builder
	for i, u := range units {
		switch {
		case i == 0:
		case u.joins:
			out.WriteString("\n")
		default:
			out.WriteString("\n\n")
		}
		out.WriteString(asMrkdwn.write(u.block))
	}
	return out.String()
}

// cutNotice returns the notice after the last block that is shown.
func cutNotice(last block) string {
	if _, ok := last.(paragraph); ok {
		return "… _" + labelShortened.Text() + "_"
	}
	return "\n_" + labelShortened.Text() + "_"
}

// withoutLongLinks replaces links whose target is longer than a limit by their
// labels.
func withoutLongLinks(blocks []block, limit int) []block {
	out := make([]block, len(blocks))
	for i, b := range blocks {
		switch b := b.(type) {
		case paragraph:
			out[i] = paragraph{unlinked(b.text, limit)}
		case heading:
			out[i] = heading{b.level, unlinked(b.text, limit)}
		case quote:
			out[i] = quote{withoutLongLinks(b.blocks, limit)}
		case list:
			items := make([]item, len(b.items))
			for j, it := range b.items {
				items[j] = item{it.task, withoutLongLinks(it.blocks, limit)}
			}
			out[i] = list{b.ordered, b.start, items}
		default:
			out[i] = b
		}
	}
	return out
}

func unlinked(spans []span, limit int) []span {
	out := make([]span, len(spans))
	for i, s := range spans {
		if lengthEscaped(s.url) > limit {
			s.url = ""
		}
		out[i] = s
	}
	return merge(out)
}
