package blocks

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// certain returns the characters of a text that must be visible: letters,
// digits and the punctuation of words. Each exemption below excuses one kind of
// markup, and nothing around it.
func certain(text string) string {
	written, inHTML := text, holdsBlock(text)
	text = withoutLanguages(withoutShortened(text))
	text = withoutTargets(withoutTargetsInTags(text))
	text = placeInSource.ReplaceAllString(text, "†")
	text = withoutTags(headingWithTag.ReplaceAllStringFunc(text, withoutAllHeadingMarks), inHTML)
	if inHTML {
		// White space collapses before the rest is read.
		text = brokenLabel.ReplaceAllStringFunc(text, strings.NewReplacer("\n", " ").Replace)
	}
	text = strings.ReplaceAll(withoutAddressMarks(text), tagPlace, "")
	// There may have been tags in a place.
	text = placeInSource.ReplaceAllString(text, "†")
	if inHTML {
		text = strings.ReplaceAll(text, "\u00A0", " ")
	}
	text = withoutLineStarts(text)
	text = withoutEscapes(text, written)
	return significant(entityName.ReplaceAllStringFunc(text, withoutEntity))
}

// significant returns the letters, digits and punctuation that the law is about.
// Any other punctuation is markup somewhere, or is set by each rendering, such as
// the bars of a table.
func significant(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(`\%$@#+=<>`, r) {
			return r
		}
		return -1
	}, lined(text))
}

// placeInSource matches a place in a source, before and after its name.
var placeInSource = regexp.MustCompile(`【\d{1,3}(?:\\?:\d{1,4})?†(?:(?:source|L\d{1,6}(?:-L?\d{1,6})?)】)?|†L\d{1,6}(?:-L?\d{1,6})?】`)

// openingLine matches a line on which a fence opens, perhaps after text.
var openingLine = regexp.MustCompile("^(.*?)(`{3,}|~{3,})([^`]*)$")

// withoutLanguages removes the language of code, and its attributes, if the
// fence has a body.
func withoutLanguages(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		m := openingLine.FindStringSubmatch(line)
		if m == nil || !hasBody(lines[i+1:], m[2]) {
			continue
		}
		if lang, rest := languageOf(m[3]); lang != "" && attributes(rest) {
			lines[i] = m[1] + m[2]
		}
	}
	return strings.Join(lines, "\n")
}

// hasBody reports whether the next line with text does not close a fence; one that is
// indented like code may not.
func hasBody(lines []string, fence string) bool {
	for _, line := range lines {
		if strings.HasPrefix(line, "    ") && !blank(line) {
			return true
		}
		if line = strings.Trim(line, " \t>"); line != "" {
			return !strings.HasPrefix(line, fence) || strings.Trim(line, fence[:1]) != ""
		}
	}
	return false
}

// withoutTargets removes the target and title of each link, up to the bracket
// that closes it. A target is percent-encoded, and a title can equal the label.
func withoutTargets(text string) string {
	var out strings.Builder
	for {
		before, after, ok := strings.Cut(text, "](")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		end := closingBracket(after)
		out.WriteString("]" + tagPlace + endTagsIn(after[:end]))
		if numberAtEnd.MatchString(after[:end]) && numberEnds.MatchString(after[end:]) {
			out.WriteString("\n1") // with the bracket, it can be the marker of an item
		}
		text = after[end:]
	}
}

// spaced matches a target before a space or a title. The parser ends such a target there,
// even if a bracket in it is open.
var spaced = regexp.MustCompile(`^\S+\s+(?:"[^"]*"|'[^']*')?\s*\)`)

// closingBracket returns the offset of the bracket that closes a target; 0 if
// its paragraph has none.
func closingBracket(text string) int {
	depth := 0
	start := len(pointed.FindString(text))
	for i := start; i < len(text) && !strings.HasPrefix(text[i:], "\n\n"); i++ {
		switch text[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return i
			}
		}
	}
	return max(0, len(spaced.FindString(text))-1)
}

// numberAtEnd matches the end of a target that is a number at the start of a line, and
// numberEnds the bracket that makes the marker of an item of it.
var (
	numberAtEnd = regexp.MustCompile(`\n[ \t>]*\d{1,9}$`)
	numberEnds  = regexp.MustCompile(`^\)(?:\s|$)`)
)

var endTag = regexp.MustCompile(`</([A-Za-z][A-Za-z0-9:-]*)>`)

// endTagsIn returns the end tags in a label or target, which can end what starts before it.
func endTagsIn(text string) string {
	var out strings.Builder
	for _, tag := range endTag.FindAllStringSubmatch(text, -1) {
		if elementOf(strings.ToLower(tag[1])) != 0 {
			out.WriteString(tag[0])
		}
	}
	return out.String()
}

// pointed matches a target in angle brackets.
var pointed = regexp.MustCompile(`^[ \t\n]?<(?:[^<>\n\\]|\\.)*>`)

var (
	// slackTarget matches the target of a link in Slack's markup.
	slackTarget = regexp.MustCompile(`<((?i:https?://|mailto:)[^<>|\s]+(?: +[^<>|\s]+)*)\|([^<>|\n]+)>`)
	// brokenLabel is slackTarget with a label of several lines.
	brokenLabel = regexp.MustCompile(`<(?i:https?://|mailto:)[^<>|\s]+(?: +[^<>|\s]+)*\|[^<>|]+>`)
	// angled matches an address in angle brackets.
	angled = regexp.MustCompile(`<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>\x00]*|[\w.!#$%&'*+/=?^{|}~` + "`" + `-]+@[A-Za-z0-9.-]+)>`)
)

// angledData matches an address in angle brackets that has data.
var angledData = regexp.MustCompile(`<((?:[A-Za-z][A-Za-z0-9+.-]*)?data:[^\s<>]*|[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>|]*data:[^\s<>|]*)>`)

// withoutAddressMarks removes what is around addresses: angle brackets, and the
// target of a link with a label.
func withoutAddressMarks(text string) string {
	text = angled.ReplaceAllStringFunc(text, func(raw string) string {
		if strings.Contains(raw, "`") { // it can end code, after which a backslash escapes
			return strings.ReplaceAll(raw, `\`, "")
		}
		return raw
	})
	return replaceUnescaped(angled, replaceUnescaped(slackTarget, text, tagPlace+"$2"+tagPlace), "$1")
}

// replaceUnescaped replaces the matches that no backslash escapes, except the end tags in
// them.
func replaceUnescaped(re *regexp.Regexp, text, with string) string {
	var out []byte
	end := 0
	for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
		if trailing([]byte(text[:m[0]]), '\\')%2 == 0 {
			out = re.ExpandString(append(out, text[end:m[0]]...), with, text, m)
			out = append(out, endTagsIn(text[m[0]:m[1]])...)
			end = m[1]
		}
	}
	return string(out) + text[end:]
}

var (
	// lineStart matches the markers at the start of a line: of quotes and items, and bullets.
	lineStart = regexp.MustCompile(`(?m)^(?:[ \t\x{00A0}>•◦▪▫‣●○∙·]|(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$))+(?:\[[xX]\])?`)
	// numberOne matches the number of an item that leaves the counting to the
	// reader, and zeros matches those before a number.
	numberOne = regexp.MustCompile(`\b0*1[.)]`)
	zeros     = regexp.MustCompile(`\b0+(\d+[.)])`)
	// headingMarks matches the signs before and after a heading.
	headingMarks = regexp.MustCompile(`(?m)^((?:[ \t\x{00A0}>•◦▪▫‣●○∙·]|(?:[-*+]|\d{1,9}[.)])[ \t])*)#{1,6}(?:[ \t](.*[ \t])?#+[ \t]*$|[ \t]|$)`)
)

// fenceAtStart and lastFence match the fences of a line that text can follow, which begins
// a line.
var (
	fenceAtStart = regexp.MustCompile("(?m)^([ \\t>]*(?:`{3,}|~{3,}))(.*)$")
	lastFence    = regexp.MustCompile("(?m)^(.*(?:`{3,}|~{3,}))(.*)$")
)

// withoutLineStarts removes the markers of quotes, items, boxes and headings,
// but not the numbers of items.
func withoutLineStarts(text string) string {
	for _, fence := range []*regexp.Regexp{fenceAtStart, lastFence} {
		text = fence.ReplaceAllString(text, "$1\n$2")
	}
	text = lineStart.ReplaceAllStringFunc(text, func(raw string) string {
		raw = strings.NewReplacer(">", " ", "+", "-", "[x]", "", "[X]", "").Replace(raw)
		return zeros.ReplaceAllString(numberOne.ReplaceAllString(raw, "- "), "$1")
	})
	return withoutHeadingMarks(text)
}

// headingWithTag matches a heading that has a tag: in it, other markers count, too.
var headingWithTag = regexp.MustCompile(`(?m)^.*#[ \t].*<.*$`)

func withoutHeadingMarks(text string) string { return headingMarks.ReplaceAllString(text, "$1$2") }

func withoutAllHeadingMarks(text string) string {
	for was := ""; was != text; {
		was, text = text, withoutHeadingMarks(text)
	}
	return text
}

var (
	backslashes = regexp.MustCompile(`\\+`)
	wordOrSpace = regexp.MustCompile(`\S+|\s+`)
	// pathWord matches words that are a path, in which every backslash counts.
	pathWord = regexp.MustCompile(`^(?:[A-Za-z]:|\\\\[A-Za-z0-9][A-Za-z0-9.-]{0,49}|%[A-Za-z]{1,50}%|~|\.\.)(?:\\[\w.$-]{1,50}){1,3}\\?$`)
)

// withoutEscapes removes the backslashes that escape something: one of two, or
// one before punctuation or a line break, except in a path. Only what is a
// whole word wherever it is written can be a path.
func withoutEscapes(text, written string) string {
	whole := make(map[string]int)
	for _, word := range strings.Fields(written) {
		whole[word]++
	}
	fields := wordOrSpace.FindAllString(text, -1)
	for i, word := range fields {
		if n := whole[word]; n > 0 && pathWord.MatchString(word) && n == strings.Count(written, word) {
			continue
		}
		if i+1 < len(fields) && strings.HasPrefix(fields[i+1], "\n") {
			word += "\n"
		}
		var out strings.Builder
		last := 0
		for _, m := range backslashes.FindAllStringIndex(word, -1) {
			n := m[1] - m[0]
			next := rune('a')
			if m[1] < len(word) {
				next = []rune(word[m[1]:])[0]
			}
			visible := n / 2
			if n%2 == 1 && !(next < unicode.MaxASCII && (isPunct(byte(next)) || next == '\n')) {
				visible++
			}
			out.WriteString(word[last:m[0]] + strings.Repeat(`\`, visible))
			last = m[1]
		}
		fields[i] = out.String() + word[last:]
	}
	return strings.Join(fields, "")
}

var entityName = regexp.MustCompile(`&#?[A-Za-z0-9]{1,31};`)

// withoutEntity removes an entity if there is one of this name.
func withoutEntity(raw string) string {
	if html.UnescapeString(raw) != raw {
		return ""
	}
	return raw
}
