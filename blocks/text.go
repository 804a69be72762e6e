package blocks

import (
	"strconv"
	"strings"
	"unicode"
)

// dialect writes blocks as text. Styles become delimiters, or are dropped.
type dialect struct {
	spans func([]span) string
	fence func(string) string // preformatted text
	quote string              // prefix of each line of a quote
	// quotesFirst says that the prefix of a quote counts at the start of a line
	// only.
	quotesFirst bool
}

// asMrkdwn writes Slack's mrkdwn. See
// https://docs.slack.dev/messaging/formatting-message-text.
var asMrkdwn = dialect{spans: mrkdwnSpans, fence: mrkdwnFence, quote: ">", quotesFirst: true}

// asPlain writes text without markup, and asEmojiText the same for objects in which Slack
// shows emoji.
var (
	asPlain     = dialect{spans: plainText, fence: asIs, quote: "> "}
	asEmojiText = dialect{spans: emojiText, fence: notEmoji, quote: "> "}
)

// line is a line of text, or several that must not be changed.
type line struct {
	text     string
	verbatim bool
	quoted   bool // the prefix of a quote must stay at its start
}

// write returns a block as text.
func (d dialect) write(b block) string {
	lines := d.lines(b, 0)
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return strings.Join(texts, "\n")
}

// lines writes a block at a level of lists.
func (d dialect) lines(b block, level int) []line {
	switch b := b.(type) {
	case paragraph:
		return split(d.spans(b.text))
	case heading:
		return split(d.spans(styled(b.text, bold)))
	case code:
		return []line{{text: d.fence(b.whole()), verbatim: true}}
	case rule:
		return []line{{text: "———"}}
	case quote:
		return d.quoted(b, level)
	case list:
		return d.list(b, level)
	case table:
		return d.lines(preformatted(b), level)
	}
	return nil
}

// whole returns the text of a code block with its head.
func (c code) whole() string {
	if c.head == "" {
		return c.text
	}
	return c.head + "\n" + c.text
}

func split(text string) []line {
	var lines []line
	for l := range strings.SplitSeq(text, "\n") {
		lines = append(lines, line{text: l})
	}
	return lines
}

// quoted prefixes each line; a nested quote gets only one prefix.
func (d dialect) quoted(q quote, level int) []line {
	var lines []line
	for i, b := range q.blocks {
		if i > 0 {
			lines = append(lines, line{text: d.quote, quoted: d.quotesFirst})
		}
		for _, l := range d.lines(b, level) {
			if !l.verbatim && !strings.HasPrefix(l.text, d.quote) {
				l.text = d.quote + l.text
			}
			l.quoted = d.quotesFirst && !l.verbatim
			lines = append(lines, l)
		}
	}
	return lines
}

const indent = "    "

func (d dialect) list(l list, level int) []line {
	var lines []line
	for i, it := range l.items {
		marker := it.marker(l, i, level)
		for _, b := range it.blocks {
			for _, ln := range d.lines(b, level+1) {
				switch {
				case (ln.verbatim || ln.quoted) && marker != "":
					lines = append(lines, line{text: strings.TrimSpace(marker)}, d.indented(ln))
				case marker != "":
					ln.text = marker + ln.text
					lines = append(lines, ln)
				default:
					lines = append(lines, d.indented(ln))
				}
				marker = ""
			}
		}
	}
	return lines
}

// indented indents a line that may be changed, in a quote within the quote.
func (d dialect) indented(l line) line {
	switch {
	case l.quoted:
		l.text = d.quote + indent + strings.TrimPrefix(l.text, d.quote)
	case !l.verbatim:
		l.text = indent + l.text
	}
	return l
}

// bullets are the markers for the levels of lists, repeated for deeper levels.
var bullets = [...]string{"• ", "◦ ", "▪ "}

// marker returns the prefix of the item at index i of a list.
func (it item) marker(l list, i, level int) string {
	marker := bullets[level%len(bullets)]
	if l.ordered {
		marker = strconv.Itoa(l.start+i) + ". "
	}
	switch it.task {
	case openTask:
		marker += "☐ "
	case doneTask:
		marker += "☑ "
	}
	return marker
}

// plainText writes spans without style; a link's target follows it.
func plainText(spans []span) string { return unstyled(spans, asIs) }

// emojiText is [plainText] with only those emoji that are meant.
func emojiText(spans []span) string { return unstyled(spans, notEmoji) }

func asIs(text string) string { return text }

// unstyled writes spans without style. It passes text through literal, but no emoji and no
// links.
func unstyled(spans []span, literal func(string) string) string {
	var out strings.Builder
	for i, s := range spans {
		switch {
		case s.cited != nil: // its link is below the answer
			out.WriteString(s.cited.spelledOut(s.text))
			continue
		case s.emoji || s.url != "":
			out.WriteString(s.text)
		default:
			out.WriteString(literal(s.text))
		}
		last := i+1 == len(spans) || spans[i+1].url != s.url || spans[i+1].cited != nil
		if s.url != "" && last && !tells(labelEnding(spans, i), s.url) {
			out.WriteString(" (" + s.url + ")")
		}
	}
	return out.String()
}

// labelEnding returns the label of the link whose last span is at i.
func labelEnding(spans []span, i int) string {
	start := i
	for start > 0 && spans[start-1].url == spans[i].url && spans[start-1].cited == nil {
		start--
	}
	return textOf(spans[start : i+1])
}

// tells reports whether a label is the URL of its link.
func tells(label, url string) bool {
	return label == url || "mailto:"+label == url || label+"/" == url
}

// mrkdwn has no escape. In names of emoji and in fences, an invisible character prevents that
// Slack reads them as such. After the delimiter of a style, it would not: only a space does.
const (
	zeroWidth = "\u200B"
	hairSpace = "\u200A"
)

func mrkdwnFence(text string) string {
	return "```\n" + strings.ReplaceAll(escape(text), "```", "`"+zeroWidth+"`"+zeroWidth+"`") + "\n```"
}

// mrkdwnSpans writes spans in mrkdwn. It omits styles that mrkdwn would not
// recognise within a word.
func mrkdwnSpans(spans []span) string {
	var out strings.Builder
	prev := ' '
	for i, s := range spans {
		next := ' '
		if i+1 < len(spans) {
			next = firstRune(spans[i+1].text)
		}
		out.WriteString(mrkdwnSpan(s, prev, next))
		prev = lastRune(s.text)
	}
	return out.String()
}

func mrkdwnSpan(s span, prev, next rune) string {
	if s.style == 0 && s.url == "" && !s.emoji {
		return literal(s.text, prev)
	}
	if s.emoji {
		return s.text
	}
	before, core, after := trimmed(s.text)
	text := literal(core, prev)
	apart := boundary(prev, before) && boundary(next, after)
	switch {
	case s.url != "":
		text = "<" + escape(s.url) + "|" + text + ">"
	case s.style.has(monospace) && apart && !strings.Contains(core, "`"):
		text = "`" + escape(core) + "`"
	}
	if apart {
		for _, m := range []struct {
			style     style
			delimiter string
		}{{strike, "~"}, {italic, "_"}, {bold, "*"}} {
			if s.style.has(m.style) && !holdsClosing(core, m.delimiter) {
				text = m.delimiter + text + m.delimiter
			}
		}
	}
	return before + text + after
}

// boundary reports whether a style can start or end next to a character, with
// this space in between.
func boundary(r rune, space string) bool {
	return space != "" || unicode.IsSpace(r) || strings.ContainsRune(`.,;:!?()"'/-–—…`, r)
}

// holdsClosing reports whether a delimiter in a text would end the style around it.
func holdsClosing(text, delimiter string) bool {
	for i := range len(text) {
		if text[i:i+1] == delimiter && !unicode.IsSpace(lastRune(text[:i])) && !isWord(firstRune(text[i+1:])) {
			return true
		}
	}
	return false
}

// literal writes text so that mrkdwn shows all of it: a style cannot begin where a space
// follows the delimiter, nor a quote in a line.
func literal(text string, prev rune) string {
	var out strings.Builder
	runes := []rune(notEmoji(text))
	for i, r := range runes {
		next := '.' // what follows is not known
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		switch {
		case strings.ContainsRune("*_~`", r) && opensStyle(r, prev, next):
			out.WriteString(string(r) + hairSpace)
		case r == '>' && unicode.IsSpace(prev):
			out.WriteString(zeroWidth + "&gt;")
		default:
			out.WriteString(escape(string(r)))
		}
		prev = r
	}
	return out.String()
}

// opensStyle reports whether Slack may read a delimiter between two characters as the
// beginning of a style. It reads three backticks as a fence, and several of the other
// delimiters as text.
func opensStyle(delimiter, prev, next rune) bool {
	switch {
	case unicode.IsSpace(next):
		return false
	case delimiter == '`':
		return !isWord(prev) || !isWord(next)
	}
	return !isWord(prev) && prev != delimiter && next != delimiter
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
