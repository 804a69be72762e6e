package blocks

import (
	"strings"
	"unicode"
)

// clean returns untrusted text as valid UTF-8 with "\n" for every line break.
// It removes control characters and the two bidi overrides that can show
// letters in a different order.
func clean(s string) string {
	if isPlainASCII(s) { // most texts
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r) || r == '\u202D' || r == '\u202E' || r == '\uFEFF':
			return -1
		}
		return r
	}, s)
}

func isPlainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < ' ' && c != '\n' && c != '\t') || c >= 0x7F {
			return false
		}
	}
	return true
}

// oneLine returns untrusted text as one line without unnecessary space.
func oneLine(s string) string {
	return strings.Join(strings.Fields(clean(s)), " ")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape makes text literal where Slack parses mrkdwn: mentions and links need
// a "<". See https://docs.slack.dev/messaging/formatting-message-text#escaping.
func escape(s string) string { return escaper.Replace(s) }
