package blocks

import (
	"regexp"
	"strings"
)

// Jira's wiki markup. See
// https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all.

var (
	// wikiOnly matches markup that only Jira has, wikiLikely what Markdown does
	// not explain, and notWiki what only Markdown has.
	wikiOnly   = regexp.MustCompile(`(?m)\{(?:code|noformat|quote|panel|color)(?::[^}\n]*)?\}|^h[1-6]\. \S|^bq\. \S|^\|\|.*\|\|\s*$|\[~[^\]\n]+\]`)
	wikiLikely = regexp.MustCompile(`(?m)\{\{[^{}\n]+\}\}|\[[^\[\]\n|]+\|(?:https?://|mailto:)[^\]\n]+\]|` +
		`![^!\s|]+\.(?i:png|jpe?g|gif|svg|bmp|webp|mp4|pdf)(?:\|[^!\n]*)?!|^\s*(?:\*{2,}|#+\*+|\*+#+) \S|\S\\\\[ \t]*$`)
	notWiki = regexp.MustCompile("```|\\*\\*[^*\\s][^*\n]*\\*\\*|\\]\\((?:https?:|mailto:)|(?m:^\\|[ :|-]*-{3,}[ :|-]*$)")
)

// isWiki reports whether a text is wiki markup.
func isWiki(text string) bool {
	return wikiOnly.MatchString(text) || (wikiLikely.MatchString(text) && !notWiki.MatchString(text))
}

// wikiMacro matches the macros with content that can have several lines.
var wikiMacro = regexp.MustCompile(`(?s)` + `\{(code)(:[^}\n]*)?\}(.*?)\{code\}|\{(noformat)(:[^}\n]*)?\}(.*?)\{noformat\}|` +
	`\{(quote)\}(.*?)\{quote\}|\{(panel|info|note|tip|warning|expand)(:[^}\n]*)?\}(.*?)\{(?:panel|info|note|tip|warning|expand)\}`)

// parseWiki parses wiki markup. Nothing is lost: unknown markup is text.
func parseWiki(source string) []block { return wikiBlocks(source, 0) }

func wikiBlocks(source string, depth int) []block {
	w := wikiReader{}
	for depth < depthLimit {
		m := wikiMacro.FindStringSubmatchIndex(source)
		if m == nil {
			break
		}
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return source[m[2*i]:m[2*i+1]]
		}
		if name := part(1) + part(4); name != "" && inLine(source, m) {
			line, rest, _ := strings.Cut(source[m[1]:], "\n")
			w.lines(source[:m[1]] + line) // code within a line
			source = rest
			continue
		}
		w.lines(source[:m[0]])
		w.flush()
		switch {
		case part(1)+part(4) != "":
			w.code(part(2)+part(5), part(3)+part(6))
		default:
			w.panel(part(10), wikiBlocks(part(8)+part(11), depth+1), part(7) != "")
		}
		source = source[m[1]:]
	}
	w.lines(source)
	w.flush()
	return w.blocks
}

// inLine reports whether a macro without line breaks has text next to it.
func inLine(source string, m []int) bool {
	before := source[strings.LastIndexByte(source[:m[0]], '\n')+1 : m[0]]
	after, _, _ := strings.Cut(source[m[1]:], "\n")
	return !strings.Contains(source[m[0]:m[1]], "\n") && strings.TrimSpace(before+after) != ""
}

// wikiReader collects blocks line by line.
type wikiReader struct {
	blocks []block
	text   []string // the lines of the open paragraph
	items  []wikiItem
	table  htmlTable
}

type wikiItem struct {
	marker string // such as "*" or "#*"
	lines  []string
}

var (
	wikiHeading = regexp.MustCompile(`^\s*h([1-6])\.\s+(.*)$`)
	wikiQuote   = regexp.MustCompile(`^\s*bq\.\s+(.*)$`)
	wikiMarker  = regexp.MustCompile(`^\s*([*#]+|-)\s+(\S.*)$`)
	wikiRule    = regexp.MustCompile(`^\s*-{4,}\s*$`)
	wikiRow     = regexp.MustCompile(`(?s)^\s*\|.*\|\s*$`)
)

func (w *wikiReader) lines(text string) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); {
		n := linesOfRow(lines[i:])
		w.line(strings.Join(lines[i:i+n], "\n"))
		i += n
	}
}

// linesOfRow returns the number of lines of the row at the start of lines, whose cells
// can have several; 1 if there is none.
func linesOfRow(lines []string) int {
	if first := strings.TrimSpace(lines[0]); !strings.HasPrefix(first, "|") || strings.HasSuffix(first, "|") {
		return 1
	}
	for i, line := range lines[1:] {
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '|':
			return 1
		case strings.HasSuffix(line, "|"):
			return i + 2
		}
	}
	return 1
}

func (w *wikiReader) line(line string) {
	heads, quotes, marks := wikiHeading.FindStringSubmatch(line), wikiQuote.FindStringSubmatch(line), wikiMarker.FindStringSubmatch(line)
	if len(w.table.rows) > 0 && !wikiRow.MatchString(line) {
		w.flush()
	}
	switch {
	case blank(line):
		w.flush()
	case wikiRule.MatchString(line):
		w.flush()
		w.blocks = append(w.blocks, rule{})
	case heads != nil:
		w.flush()
		if text := wikiText(heads[2]); len(text) > 0 {
			w.blocks = append(w.blocks, heading{int(heads[1][0] - '0'), onOneLine(text)})
		}
	case quotes != nil:
		w.flush()
		if text := wikiText(quotes[1]); len(text) > 0 {
			w.blocks = append(w.blocks, quote{[]block{paragraph{text}}})
		}
	case marks != nil:
		w.endText()
		w.items = append(w.items, wikiItem{marks[1][:min(len(marks[1]), depthLimit)], []string{marks[2]}})
	case wikiRow.MatchString(line):
		w.endText()
		w.endItems()
		w.row(strings.TrimSpace(line))
	case len(w.items) > 0:
		last := &w.items[len(w.items)-1]
		last.lines = append(last.lines, strings.TrimSpace(line))
	default:
		w.text = append(w.text, line)
	}
}

// flush ends what is open.
func (w *wikiReader) flush() {
	w.endText()
	w.endItems()
	f := newFlow("", false)
	f.endTable(&w.table)
	w.blocks = append(w.blocks, f.blocks...)
}

func (w *wikiReader) endText() {
	if text := wikiText(strings.Join(w.text, "\n")); len(text) > 0 {
		w.blocks = append(w.blocks, paragraph{text})
	}
	w.text = nil
}

func (w *wikiReader) endItems() {
	w.blocks = append(w.blocks, wikiLists(w.items, 0)...)
	w.items = nil
}

// wikiLists nests items by their markers.
func wikiLists(items []wikiItem, level int) []block {
	var out []block
	for i := 0; i < len(items); {
		kind := items[i].marker[level]
		l := list{ordered: kind == '#'}
		if l.ordered {
			l.start = 1
		}
		for i < len(items) && items[i].marker[level] == kind {
			one := item{}
			if len(items[i].marker) == level+1 {
				if text := wikiText(strings.Join(items[i].lines, "\n")); len(text) > 0 {
					one.blocks = append(one.blocks, paragraph{text})
				}
				i++
			}
			j := i
			for j < len(items) && len(items[j].marker) > level+1 && items[j].marker[level] == kind {
				j++
			}
			one.blocks = append(one.blocks, wikiLists(items[i:j], level+1)...)
			if i = j; len(one.blocks) > 0 {
				l.items = append(l.items, one)
			}
		}
		if len(l.items) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// row reads a row of a table. A "|" in a link or in code divides no cells.
func (w *wikiReader) row(line string) {
	line = wikiBar.ReplaceAllStringFunc(line, func(s string) string { return strings.ReplaceAll(s, "|", "\x00") })
	var row []htmlCell
	for line = strings.TrimSpace(line); line != "" && line != "|" && line != "||"; {
		rest, header := strings.CutPrefix(line, "||")
		rest = strings.TrimPrefix(rest, "|")
		end := strings.IndexByte(rest, '|')
		if end < 0 {
			end = len(rest)
		}
		one := htmlCell{header: header}
		inner := strings.ReplaceAll(rest[:end], "\x00", "|")
		if strings.Contains(inner, "\n") {
			one.blocks = wikiBlocks(inner, depthLimit)
		} else if text := wikiText(inner); len(text) > 0 {
			one.blocks = []block{paragraph{text}}
		}
		row = append(row, one)
		line = rest[end:]
	}
	if len(row) > 0 {
		w.table.rows = append(w.table.rows, row)
		w.table.cells += len(row)
		w.table.columns = max(w.table.columns, len(row))
	}
}

var wikiBar = regexp.MustCompile(`\[[^\[\]\n]*\]|\{\{[^{}\n]*\}\}|![^!\s|]+\|[^!\n|]*!`)

// code reads preformatted text. Its title precedes it.
func (w *wikiReader) code(options, text string) {
	lang := ""
	for option := range strings.SplitSeq(strings.TrimPrefix(options, ":"), "|") {
		title, isTitle := strings.CutPrefix(option, "title=")
		switch {
		case isTitle:
			w.bold(title)
		case languages[strings.ToLower(option)]:
			lang = option
		}
	}
	if text = strings.TrimRight(strings.TrimLeft(text, "\n"), " \t\n"); !blank(text) {
		w.blocks = append(w.blocks, code{lang: lang, text: text})
	}
}

func (w *wikiReader) bold(text string) {
	if spans := tidy(styled(plainSpans(text), bold)); len(spans) > 0 {
		w.blocks = append(w.blocks, paragraph{spans})
	}
}

// panel adds the content of a quote, or of a panel after its title.
func (w *wikiReader) panel(options string, blocks []block, quoted bool) {
	for option := range strings.SplitSeq(strings.TrimPrefix(options, ":"), "|") {
		if title, ok := strings.CutPrefix(option, "title="); ok {
			w.bold(title)
		}
	}
	switch {
	case quoted && len(blocks) > 0:
		w.blocks = append(w.blocks, quote{blocks})
	default:
		w.blocks = append(w.blocks, blocks...)
	}
}
