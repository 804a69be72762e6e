package blockkit

import "strings"

// parseMrkdwn parses Slack's own markup: *bold*, _italic_, ~strike~, `code`,
// ```preformatted```, lines of > quote, references in angle brackets, :emoji:,
// and the three escapes. It has no headings, no lists and no tables.
//
// See https://docs.slack.dev/messaging/formatting-message-text.
func parseMrkdwn(s string) []node {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var nodes []node
	for s != "" {
		before, code, after, ok := cutFence(s)
		if !ok {
			return append(nodes, mrkdwnLines(s)...)
		}
		nodes = append(nodes, mrkdwnLines(strings.TrimSuffix(before, "\n"))...)
		nodes = append(nodes, node{kind: nodePre, kids: codeNodes(strings.Trim(code, "\n"))})
		s = strings.TrimPrefix(after, "\n")
	}
	return nodes
}

const fence = "```"

// cutFence cuts s around its first preformatted part.
func cutFence(s string) (before, code, after string, ok bool) {
	start := strings.Index(s, fence)
	if start < 0 {
		return "", "", "", false
	}
	inner := s[start+len(fence):]
	end := strings.Index(inner, fence)
	if end < 0 || strings.Trim(inner[:end], "\n") == "" {
		return "", "", "", false
	}
	return s[:start], inner[:end], inner[end+len(fence):], true
}

// mrkdwnLines parses lines that may contain quotes.
func mrkdwnLines(s string) []node {
	var nodes []node
	for s != "" {
		plain, quote, rest := cutQuote(s)
		nodes = append(nodes, mrkdwnInline(plain)...)
		if quote != "" {
			nodes = append(nodes, node{kind: nodeQuote, kids: mrkdwnInline(quote)})
		}
		s = rest
	}
	return nodes
}

// cutQuote cuts s around its first quote, and removes its markers. After ">>>"
// all the rest is quoted.
func cutQuote(s string) (plain, quote, rest string) {
	var quoted, unquoted []string
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		text, markers := cutQuoteMarkers(line)
		switch {
		case markers >= 3 && len(quoted) == 0:
			all := strings.Join(append([]string{text}, lines[i+1:]...), "\n")
			return strings.Join(unquoted, "\n"), all, ""
		case markers > 0:
			quoted = append(quoted, text)
		case len(quoted) > 0:
			return strings.Join(unquoted, "\n"), strings.Join(quoted, "\n"), strings.Join(lines[i:], "\n")
		default:
			unquoted = append(unquoted, line)
		}
	}
	return strings.Join(unquoted, "\n"), strings.Join(quoted, "\n"), ""
}

// cutQuoteMarkers removes the marker of a quoted line: one ">", or three. A
// marker without text quotes nothing.
func cutQuoteMarkers(line string) (text string, markers int) {
	rest := line
	for markers < 3 {
		if cut, ok := strings.CutPrefix(rest, "&gt;"); ok {
			rest = cut
		} else if cut, ok := strings.CutPrefix(rest, ">"); ok {
			rest = cut
		} else {
			break
		}
		markers++
	}
	if strings.TrimSpace(rest) == "" {
		return line, 0
	}
	if markers == 2 { // the second one is text
		rest, markers = ">"+rest, 1
	}
	return strings.TrimPrefix(rest, " "), markers
}

// codeNodes parses text in which only escapes and references are special.
func codeNodes(s string) []node {
	var nodes []node
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		n, length := token(s[i:])
		if length == 0 {
			nodes, s = appendText(nodes, unescape(s[:i+1])), s[i+1:]
			continue
		}
		nodes = append(appendText(nodes, unescape(s[:i])), n)
		s = s[i+length:]
	}
	return appendText(nodes, unescape(s))
}
