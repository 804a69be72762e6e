package blockkit

import "strings"

// Slack's references are in angle brackets: <@U1>, <#C1|general>, <!channel>,
// <!subteam^S1>, <!date^…>, <https://example.com|label>. They are active in
// mrkdwn and in the markdown block, regardless of the author.
//
// See https://docs.slack.dev/messaging/formatting-message-text.

// token parses the reference at the start of s, which begins with "<". It
// returns the reference and its length, or a length of 0 if there is none.
func token(s string) (node, int) {
	end := strings.IndexAny(s[1:], "<>\n")
	if end < 1 || s[1+end] != '>' {
		return node{}, 0
	}
	body := s[1 : 1+end]
	target, label, hasLabel := strings.Cut(body, "|")
	n, ok := reference(target, label, hasLabel)
	if !ok {
		return node{}, 0
	}
	return n, end + 2
}

func reference(target, label string, hasLabel bool) (node, bool) {
	if target == "" {
		return node{}, false
	}
	switch target[0] {
	case '@':
		return node{kind: nodeUser, id: target[1:], text: unescape(label)}, isID(target[1:], "UWB")
	case '#':
		return node{kind: nodeChannel, id: target[1:], text: unescape(label)}, isID(target[1:], "CGD")
	case '!':
		return special(target[1:], label, hasLabel)
	}
	if !hasScheme(target) {
		return node{}, false
	}
	target = unescape(target)
	if label == "" {
		return node{kind: nodeLink, url: target, kids: []node{textNode(strings.TrimPrefix(target, "mailto:"))}}, true
	}
	return node{kind: nodeLink, url: target, kids: withEmoji(unescape(label))}, true
}

// special parses the text after "<!".
func special(command, label string, hasLabel bool) (node, bool) {
	name, rest, _ := strings.Cut(command, "^")
	switch {
	case command == "channel", command == "here", command == "everyone":
		return node{kind: nodeBroadcast, id: command}, true
	case name == "subteam" && isID(rest, "S"):
		return node{kind: nodeUsergroup, id: rest, text: strings.TrimPrefix(unescape(label), "@")}, true
	case name == "date":
		return dateNode(rest, unescape(label))
	case hasLabel && label != "":
		return textNode(unescape(label)), true
	}
	return node{}, false
}

// dateNode parses "1392734382^{date} at {time}^https://example.com".
func dateNode(command, fallback string) (node, bool) {
	parts := strings.SplitN(command, "^", 3)
	if len(parts) < 2 || !isUnix(parts[0]) {
		return node{}, false
	}
	n := node{kind: nodeDate, id: parts[0], text: unescape(parts[1]), kids: []node{textNode(fallback)}}
	if len(parts) == 3 {
		n.url = unescape(parts[2])
	}
	return n, true
}

func isID(s, first string) bool {
	if len(s) < 2 || !strings.ContainsRune(first, rune(s[0])) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

func isUnix(s string) bool {
	return s != "" && len(s) <= 12 && strings.Trim(s, "0123456789") == ""
}

// hasScheme reports whether s begins like an absolute URL.
func hasScheme(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || rest == "" {
		return false
	}
	for i := range len(scheme) {
		c := scheme[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || !strings.ContainsRune("0123456789+.-", rune(scheme[i]))) {
			return false
		}
	}
	return true
}

// unescape resolves Slack's three escapes, once.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}
