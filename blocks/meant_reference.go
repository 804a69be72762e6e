package blocks

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	// definition matches a line that defines a link for a label: the label, the
	// target, and a title in quotes.
	definition = regexp.MustCompile(`^[ \t>]*\[([^\[\]^\n][^\[\]\n]{0,199})\]:[ \t]+` +
		`<?((?i:https?://|mailto:|www\.)[^<>"\n]*[^<>"\s])>?(?:[ \t]+("[^"\\\n]*"))?[ \t]*$`)
	// note matches the first line of a footnote: its label, and the text.
	note = regexp.MustCompile(`^([ \t>]*)\[\^([^\[\]\s^]{1,60})\]:[ \t]+(\S.*)$`)
	// reference matches the use of a label: [text][label], [label][], [label] or
	// [^label].
	reference = regexp.MustCompile(`\[([^\[\]\n]{1,999})\](?:\[([^\[\]\n]{0,200})\])?`)
)

// references are the definitions of links and footnotes in a text.
type references struct {
	targets map[string]string // by label, with the title
	notes   map[string]string // the marks of footnotes by label; empty until used
	used    map[string]bool
	count   int // of used footnotes
	room    int // how much the text may grow, so that it stays about as large
}

// growth is how much a text may grow by its references in addition to its size.
const growth = 16_000

// withReferences puts the targets of links into their places, and the marks of
// footnotes. Definitions that nothing uses stay.
func withReferences(text string) string {
	if !strings.Contains(text, "]:") {
		return text
	}
	r := references{targets: map[string]string{}, notes: map[string]string{}, used: map[string]bool{}, room: len(text) + growth}
	eachLine(text, func(line string, inFence bool) string {
		if !inFence {
			r.define(strings.TrimRight(line, "\n"))
		}
		return ""
	})
	if len(r.targets)+len(r.notes) == 0 {
		return text
	}
	text = eachLine(text, func(line string, inFence bool) string {
		if inFence || definition.MatchString(strings.TrimRight(line, "\n")) {
			return line
		}
		return r.resolve(line)
	})
	return eachLine(text, func(line string, inFence bool) string {
		if inFence {
			return line
		}
		return r.rest(line)
	})
}

// define learns the definition in a line. The first one of a label counts.
func (r references) define(line string) {
	if m := definition.FindStringSubmatch(line); m != nil {
		if label := labelOf(m[1]); r.targets[label] == "" {
			r.targets[label] = strings.TrimSpace("<" + m[2] + "> " + m[3])
		}
	} else if m := note.FindStringSubmatch(line); m != nil {
		r.notes[labelOf(m[2])] = ""
	}
}

// labelOf returns a label in the form in which labels are compared.
func labelOf(raw string) string { return strings.ToLower(strings.Join(strings.Fields(raw), " ")) }

// resolve replaces the uses of labels in a line, except in code.
func (r *references) resolve(line string) string {
	all := reference.FindAllStringSubmatchIndex(line, -1)
	if all == nil {
		return line
	}
	starts := make([]int, len(all))
	for i, at := range all {
		starts[i] = at[0]
	}
	code := codeAt(line, starts)
	defined := note.FindStringSubmatchIndex(strings.TrimRight(line, "\n"))
	var out strings.Builder
	end := 0
	for i, at := range all {
		m := groups(line, at)
		if code[i] || (defined != nil && at[0] == defined[3]) || (at[0] > 0 && line[at[0]-1] == '\\') {
			continue
		}
		if text := r.use(m, line[at[1]:]); text != "" {
			out.WriteString(withoutEmptyLabel(line[end:at[0]]) + text)
			end = at[1]
		}
	}
	return out.String() + line[end:]
}

// withoutEmptyLabel removes the label of [][label], which is shown as the label.
func withoutEmptyLabel(before string) string {
	if rest, ok := strings.CutSuffix(before, "[]"); ok && !isWord(lastRune(rest)) {
		return rest
	}
	return before
}

// use returns what replaces the use of a label before the rest of a line; empty
// if the label is not defined.
func (r *references) use(m []string, rest string) string {
	if label, ok := strings.CutPrefix(m[1], "^"); ok {
		if mark, defined := r.notes[labelOf(label)]; defined {
			return r.mark(labelOf(label), mark)
		}
		return ""
	}
	name := m[2]
	if name == "" {
		name = m[1]
	}
	target := r.targets[labelOf(name)]
	if target == "" || (m[2] == "" && strings.HasPrefix(rest, "(")) {
		return ""
	}
	if r.room -= len(target); r.room < 0 {
		r.used[labelOf(name)] = false
		return ""
	}
	r.used[labelOf(name)] = true
	text := m[1]
	if _, err := strconv.Atoi(text); err == nil { // without brackets it would be a mere number
		text = `\[` + text + `\]`
	}
	return "[" + text + "](" + target + ")"
}

// mark returns the mark of a footnote: its number, raised.
func (r *references) mark(label, mark string) string {
	if mark == "" {
		r.count++
		number := label
		if n, err := strconv.Atoi(label); err != nil || n < 1 {
			number = strconv.Itoa(r.count)
		}
		mark = raised.Replace(number)
		r.notes[label] = mark
	}
	return mark
}

var raised = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

// rest returns a line without a definition that was used. A footnote's text stays
// in its place, after the footnote's mark.
func (r *references) rest(line string) string {
	trimmed := strings.TrimRight(line, "\n")
	if m := definition.FindStringSubmatch(trimmed); m != nil {
		if label := labelOf(m[1]); r.used[label] && r.targets[label] == strings.TrimSpace("<"+m[2]+"> "+m[3]) {
			return ""
		}
	} else if m := note.FindStringSubmatch(trimmed); m != nil {
		if mark := r.notes[labelOf(m[2])]; mark != "" {
			return m[1] + mark + " " + m[3] + line[len(trimmed):]
		}
	}
	return line
}
