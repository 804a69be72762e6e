package blocks

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"
)

// headerLimit is Slack's limit for a header block.
const headerLimit = 150

// richBlock writes a block without any markup, so that nothing in it can be
// misread: as a rich_text block, a header or a divider. See
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
func richBlock(b block) slack.Block {
	switch b := b.(type) {
	case rule:
		return slack.NewDividerBlock()
	case table:
		return slackTable(b)
	case heading:
		if text := strings.ReplaceAll(textOf(b.text), "\n", " "); length(text) <= headerLimit && !hasLink(b.text) {
			return slack.NewHeaderBlock(headerObject(b.text, text))
		}
	}
	return slack.NewRichTextBlock("", richElements(b, 0)...)
}

// headerObject returns a heading's text, with emoji if it has some.
func headerObject(spans []span, text string) *slack.TextBlockObject {
	if hasEmoji(spans) {
		return emojiObject(text)
	}
	return plainObject(text)
}

func hasLink(spans []span) bool {
	for _, s := range spans {
		if s.url != "" {
			return true
		}
	}
	return false
}

// richElements writes a block at a level of lists.
func richElements(b block, level int) []slack.RichTextElement {
	switch b := b.(type) {
	case paragraph:
		return []slack.RichTextElement{richSection(b.text)}
	case heading:
		return []slack.RichTextElement{richSection(styled(b.text, bold))}
	case code:
		return []slack.RichTextElement{richCode(b)}
	case quote:
		return richQuote(b, level)
	case list:
		return richList(b, level)
	case rule:
		return []slack.RichTextElement{richSection(plainSpans("———"))}
	}
	return nil // a table in a list: withoutTables left none
}

func richSection(spans []span) *slack.RichTextSection {
	return slack.NewRichTextSection(richSpans(spans)...)
}

func richSpans(spans []span) []slack.RichTextSectionElement {
	elements := make([]slack.RichTextSectionElement, 0, len(spans))
	for _, s := range spans {
		if s.cited != nil {
			elements = append(elements, citation(s))
		} else if s.emoji {
			elements = append(elements, emojiElement(s))
		} else if s.url != "" {
			elements = append(elements, slack.NewRichTextSectionLinkElement(s.url, s.text, richStyle(s.style)))
		} else {
			elements = append(elements, slack.NewRichTextSectionTextElement(s.text, richStyle(s.style)))
		}
	}
	return elements
}

// citation writes a citation. See
// https://docs.slack.dev/reference/block-kit/block-elements/citation-element.
func citation(s span) slack.RichTextSectionElement {
	details := slack.NewRichTextCitationWebDetails(s.cited.name)
	return slack.NewRichTextSectionCitationElement(s.url, strings.Trim(s.text, "[]"), float64(s.cited.number), details)
}

func richStyle(s style) *slack.RichTextSectionTextStyle {
	if s == 0 {
		return nil
	}
	return &slack.RichTextSectionTextStyle{Bold: s.has(bold), Italic: s.has(italic), Strike: s.has(strike), Code: s.has(monospace)}
}

func richCode(c code) *slack.RichTextPreformatted {
	return &slack.RichTextPreformatted{
		Type:     slack.RTEPreformatted,
		Elements: richSpans(plainSpans(c.whole())),
		Language: c.lang,
	}
}

// richQuote writes a quote. Its text and lists are quoted; preformatted text
// comes between the quotes.
func richQuote(q quote, level int) []slack.RichTextElement {
	var elements []slack.RichTextElement
	var quoted []span
	flush := func() {
		if quoted = tidy(quoted); len(quoted) > 0 {
			elements = append(elements, &slack.RichTextQuote{Type: slack.RTEQuote, Elements: richSpans(quoted)})
		}
		quoted = nil
	}
	for _, b := range q.blocks {
		switch b := b.(type) {
		case paragraph:
			quoted = append(append(quoted, b.text...), span{text: "\n\n"})
		case heading:
			quoted = append(append(quoted, styled(b.text, bold)...), span{text: "\n\n"})
		default:
			flush()
			elements = append(elements, richElements(b, level)...)
		}
	}
	flush()
	return elements
}

// richList writes a list. Consecutive items of one level share one element. An
// element of a list has text only, so that the marker of an item that starts
// with another block is a line of text before the block.
func richList(l list, level int) []slack.RichTextElement {
	var elements []slack.RichTextElement
	var open *slack.RichTextList
	for i, it := range l.items {
		text, rest := it.lead()
		switch {
		case len(text) == 0:
			marker := strings.Repeat(indent, level) + strings.TrimSpace(it.marker(l, i, level))
			elements = append(elements, richSection(plainSpans(marker)))
		case open == nil:
			open = slack.NewRichTextList(listStyle(l), level)
			if open.Style == slack.RTEListOrdered {
				open.Offset = l.start + i - 1
			}
			elements = append(elements, open)
			fallthrough
		default:
			if l.ordered && l.start < 1 { // Slack counts from one
				text = append(plainSpans(strconv.Itoa(l.start+i)+". "), text...)
			}
			open.Elements = append(open.Elements, richSection(text))
		}
		for _, b := range rest {
			elements = append(elements, richElements(b, level+1)...)
			open = nil
		}
	}
	return elements
}

func listStyle(l list) slack.RichTextListElementType {
	if l.ordered && l.start > 0 {
		return slack.RTEListOrdered
	}
	return slack.RTEListBullet
}

// lead returns the paragraphs and headings at the start of an item, and the
// blocks after them. There is no text if the item starts with another block.
func (it item) lead() ([]span, []block) {
	var text []span
	rest := it.blocks
	for ; len(rest) > 0; rest = rest[1:] {
		var line []span
		switch b := rest[0].(type) {
		case paragraph:
			line = b.text
		case heading:
			line = styled(b.text, bold)
		default:
			return it.withTask(text), rest
		}
		if len(text) > 0 {
			text = append(text, span{text: "\n"})
		}
		text = append(text, line...)
	}
	return it.withTask(text), rest
}

// withTask puts the item's check box before its text.
func (it item) withTask(text []span) []span {
	if len(text) == 0 {
		return nil
	}
	switch it.task {
	case openTask:
		text = append(plainSpans("☐ "), text...)
	case doneTask:
		text = append(plainSpans("☑ "), text...)
	}
	return merge(text)
}
