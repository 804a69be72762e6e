package blocks

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Readers of Markdown differ, and Slack does not document its own rules, nor
// whether "<" in code is active. Therefore the markdown block gets only text
// that every reader parses the same way and that needs no backslash. The rest
// becomes rich text, where all text is literal.

// markdownText returns a block as Markdown; false if it could be misread. "<"
// and ">" are written as entities, so that nothing in it is active.
func markdownText(b block) (string, bool) {
	w := markdownWriter{sure: true}
	text := w.block(b)
	return text, w.sure
}

// markdownWriter writes Markdown while it is sure that it cannot be misread.
type markdownWriter struct{ sure bool }

func (w *markdownWriter) require(ok bool) { w.sure = w.sure && ok }

func (w *markdownWriter) block(b block) string {
	switch b := b.(type) {
	case paragraph:
		return w.lines(b.text)
	case heading:
		return w.heading(b)
	case code:
		return w.fence(b)
	case quote:
		return "> " + strings.ReplaceAll(w.blocks(b.blocks), "\n", "\n> ")
	case list:
		return w.list(b)
	case table:
		return w.table(b)
	}
	return "---"
}

func (w *markdownWriter) blocks(blocks []block) string {
	texts := make([]string, len(blocks))
	for i, b := range blocks {
		texts[i] = w.block(b)
		w.require(i == 0 || !wouldMerge(blocks[i-1], b))
	}
	return strings.Join(texts, "\n\n")
}

func (w *markdownWriter) heading(h heading) string {
	text := textOf(h.text)
	w.require(!strings.Contains(text, "\n") && !strings.HasSuffix(text, "#"))
	return strings.Repeat("#", h.level) + " " + w.spans(h.text)
}

// startsBlock matches text that would turn a line into another block.
var startsBlock = regexp.MustCompile(`(?m)^\s*(?:[-+#=>|:~]|\d+[.)]|\[.?\]|$)`)

// lines writes the text of a paragraph with its line breaks.
func (w *markdownWriter) lines(spans []span) string {
	text := textOf(spans)
	w.require(!startsBlock.MatchString(text))
	w.require(!strings.Contains(text, "\n") || !strings.Contains(text, "|"))
	return strings.ReplaceAll(w.spans(spans), "\n", "  \n")
}

func (w *markdownWriter) fence(c code) string {
	text := c.whole()
	w.require(!strings.Contains(text, "```") && !strings.ContainsAny(text, "<") && !hasEntity(text))
	return "```" + c.lang + "\n" + text + "\n```"
}

// list writes a list. Every reader keeps the first number only if it is 1.
func (w *markdownWriter) list(l list) string {
	w.require(!l.ordered || l.start == 1)
	texts := make([]string, len(l.items))
	for i, it := range l.items {
		marker := "- "
		if l.ordered {
			marker = strconv.Itoa(l.start+i) + ". "
		}
		texts[i] = marker + indented(w.itemText(it), strings.Repeat(" ", len(marker)))
	}
	return strings.Join(texts, "\n")
}

// indented indents each line except the first and empty ones.
func indented(text, space string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n", "\n"+space), "\n"+space+"\n", "\n\n")
}

func (w *markdownWriter) itemText(it item) string {
	var out strings.Builder
	switch it.task {
	case openTask:
		out.WriteString("[ ] ")
	case doneTask:
		out.WriteString("[x] ")
	}
	_, startsWithText := it.blocks[0].(paragraph)
	w.require(startsWithText)
	for i, b := range it.blocks {
		_, isList := b.(list)
		switch {
		case i == 0:
		case i == 1 && isList:
			out.WriteString("\n")
		default:
			out.WriteString("\n\n")
		}
		out.WriteString(w.block(b))
		w.require(i == 0 || !wouldMerge(it.blocks[i-1], b))
	}
	return out.String()
}

func (w *markdownWriter) table(t table) string {
	w.require(!t.headless)
	var out strings.Builder
	for i, row := range t.rows {
		for _, c := range row {
			w.require(!strings.ContainsAny(textOf(c), "|\n"))
			text := emptyCell
			if len(c) > 0 {
				text = w.spans(c)
			}
			out.WriteString("| " + text + " ")
		}
		out.WriteString("|\n")
		if i == 0 {
			for _, align := range t.align {
				out.WriteString(delimiters[string(align)])
			}
			out.WriteString("|\n")
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}

var delimiters = map[string]string{"left": "| --- ", "center": "| :---: ", "right": "| ---: "}

// spans writes text with its styles.
func (w *markdownWriter) spans(spans []span) string {
	var out strings.Builder
	prev := ' '
	for i, s := range spans {
		next := ' '
		if i+1 < len(spans) {
			next = firstRune(spans[i+1].text)
			if spans[i+1].style != 0 && s.style != 0 {
				w.require(unicode.IsSpace(next) || unicode.IsSpace(lastRune(s.text)))
			}
		}
		out.WriteString(w.span(s, prev, next))
		prev = lastRune(s.text)
	}
	return out.String()
}

func (w *markdownWriter) span(s span, prev, next rune) string {
	w.require(s.cited == nil)
	before, core, after := trimmed(s.text)
	if core == "" {
		return s.text
	}
	text := angles.Replace(core)
	if s.style.has(monospace) {
		w.require(!strings.ContainsAny(s.text, "`<|") && !hasEntity(s.text) && before+after == "")
		text = "`" + core + "`"
	} else {
		w.require(!misreadable(core) && !linkable(core) && (s.emoji || !emojiShape.MatchString(core)))
	}
	if s.url != "" {
		w.require(!strings.ContainsAny(core, "[]") && !hasEntity(s.url))
		w.require(!strings.ContainsRune("![]", prev)) // "!" would make it an image
		w.require(length(core) > 1)                   // "[x]" could be a check box
		text = "[" + text + "](" + s.url + ")"
	}
	for _, m := range []struct {
		style     style
		delimiter string
	}{{italic, "_"}, {bold, "**"}, {strike, "~~"}} {
		if s.style.has(m.style) {
			w.require(boundary(prev, before) && boundary(next, after))
			text = m.delimiter + text + m.delimiter
		}
	}
	return before + text + after
}

var angles = strings.NewReplacer("<", "&lt;", ">", "&gt;")

// misreadable reports whether some reader of Markdown would find markup in
// text.
func misreadable(text string) bool {
	return strings.ContainsAny(text, "*`\\$^") ||
		strings.Count(text, "~") > 1 || strings.Contains(text, "==") ||
		(strings.ContainsAny(text, "[]") && bracketPair.MatchString(text)) || hasEntity(text) || looseUnderscore(text)
}

// linkable reports whether some reader would find a link or a mention in text.
func linkable(text string) bool {
	return strings.Contains(text, "://") || strings.Contains(text, "www.") || strings.Contains(text, "@")
}

var (
	bracketPair = regexp.MustCompile(`\][(\[:]|!\[|\[\^`)
	entityLike  = regexp.MustCompile(`&[#0-9A-Za-z]+;`)
)

func hasEntity(text string) bool { return strings.Contains(text, "&") && entityLike.MatchString(text) }

// looseUnderscore reports whether text contains an underscore that is not
// between letters or digits.
func looseUnderscore(text string) bool {
	if !strings.Contains(text, "_") {
		return false
	}
	prev := ' '
	open := false // the character before is an underscore after a letter
	for _, r := range text {
		switch {
		case open && !isWord(r):
			return true
		case r == '_' && !isWord(prev):
			return true
		}
		open = r == '_'
		prev = r
	}
	return open
}
