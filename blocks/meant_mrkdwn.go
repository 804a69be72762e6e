package blocks

import (
	"regexp"
	"strings"
	"unicode"
)

// Some agents answer in Slack's mrkdwn, in which *bold* is bold. In Markdown it
// is italic, so only answers that certainly are mrkdwn are changed: those with links of
// Slack, or with *Titles* before other lines. One that ends with *a remark* may be Markdown.

var (
	onlyMarkdown = regexp.MustCompile(`(?m)^#{1,6} |^[ \t]*\* |^\|?[ \t]*:?-+:?[ \t]*\|`)
	onlyMrkdwn   = regexp.MustCompile(`(?m)<(?:https?://|mailto:)[^<>|\s]+\|[^<>|\n]+>|^[ \t]*\*[^*\n]*[^*\s]\*:?[ \t]*\n|^[ \t]*\*[^*\n]+:\*|^[ \t]*• .*\*\S`)
)

// fromMrkdwn returns the Markdown of an answer in mrkdwn; other text as it is.
func fromMrkdwn(text string) string {
	if !strings.Contains(text, "*") || hasMarkdown(text) || !onlyMrkdwn.MatchString(strings.TrimSpace(text)) {
		return text
	}
	return eachLine(text, func(line string, inFence bool) string {
		if inFence {
			return line
		}
		return doubleStars(line)
	})
}

// hasMarkdown reports whether a text has marks that mrkdwn does not have.
func hasMarkdown(text string) bool {
	for _, mark := range []string{"**", "__", "~~", "]("} { // much faster than an expression
		if strings.Contains(text, mark) {
			return true
		}
	}
	return onlyMarkdown.MatchString(text)
}

// doubleStars doubles the stars around bold text, and makes others text, except in
// code.
func doubleStars(line string) string {
	var out strings.Builder
	prev := ' '
	for i := 0; i < len(line); {
		end := i + 1
		switch line[i] {
		case '`':
			end = codeEnd([]byte(line), i)
			out.WriteString(line[i:end])
		case '*':
			n := boldLength(line[i:], prev)
			if n == 0 {
				out.WriteString(`\*`)
				break
			}
			end = i + n
			out.WriteString("**" + line[i+1:end-1] + "**")
		default:
			out.WriteByte(line[i])
		}
		prev = lastRune(line[:end])
		i = end
	}
	return out.String()
}

// boldLength returns the length of *bold* text at the start of a line's rest; 0
// if there is none.
func boldLength(rest string, prev rune) int {
	if isWord(prev) || len(rest) < 3 || unicode.IsSpace(firstRune(rest[1:])) {
		return 0
	}
	end := strings.IndexByte(rest[1:], '*') + 1
	if end < 2 || unicode.IsSpace(lastRune(rest[:end])) || (end+1 < len(rest) && isWord(firstRune(rest[end+1:]))) {
		return 0
	}
	return end + 1
}

var bulletLine = regexp.MustCompile(`^([ \t>]*)[•◦▪▫‣●○∙·] *(\S)`)

// withListMarkers replaces the bullets of typography at the start of lines by
// those of Markdown.
func withListMarkers(text string) string {
	if isASCII(text) || !strings.ContainsAny(text, "•◦▪▫‣●○∙·") {
		return text
	}
	inList := false
	return eachLine(text, func(line string, inFence bool) string {
		m := bulletLine.FindStringSubmatch(line)
		if m == nil || inFence || (strings.HasPrefix(m[1], "    ") && !inList) {
			inList = inList && strings.TrimSpace(line) != "" && !inFence
			return line
		}
		inList = true
		return bulletLine.ReplaceAllString(line, "$1- $2")
	})
}
