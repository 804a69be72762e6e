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

// summaryLine returns a text of a ticket as one line of plain text, shortened
// to a limit.
func summaryLine(text string, limit int) string {
	return shorten(oneLine(textOf(inlineOf(describe(text)))), limit, runeCost)
}

// describedLine returns all that a reader sees of a text, to compare it.
func describedLine(text string) string {
	var out strings.Builder
	for _, b := range describe(text) {
		out.WriteString(asPlain.write(b) + "\n")
	}
	return oneLine(out.String())
}

// describedMrkdwn returns a text of a ticket in mrkdwn, with a notice if it is
// cut; empty if there is none. It is cut between blocks, items and lines.
func describedMrkdwn(text string, limit int) string {
	units := fitAll(withoutTables(describe(text), never), limit, 0)
	var out strings.Builder
	left := limit
	for i := 0; i < len(units); i++ {
		u := units[i]
		if u.cost > left && left >= limit/3 { // its beginning
			u = fitAll([]block{u.block}, left, 0)[0]
			units = append(units[:i:i], u, unit{cost: left + 1})
		}
		if u.cost > left {
			return out.String() + cutNotice(units[i-1].block)
		}
		left -= u.cost
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
