package dispatch

import "strings"

// The lines of the text for the agent that are not a person's.
const (
	titleEarlier  = "Earlier in this thread:"
	titlePartial  = "Earlier in this thread (some messages could not be read):"
	titleUnread   = "The earlier messages of this thread could not be read."
	titleQuestion = "The question:"
)

const (
	// bullet starts a message if only one person speaks.
	bullet = "- "
	// continued starts each further line of a message, so that it cannot look like
	// another speaker's, or like a title.
	continued = "| "
)

// lineBreaks are all that can look like the start of a line.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// quoted returns a message as it stands after its speaker's label; without one, after a bullet.
func quoted(label, text string) string {
	start := bullet
	if label != "" {
		start = label + ": "
	}
	return start + strings.ReplaceAll(lineBreaks.Replace(strings.TrimSpace(text)), "\n", "\n"+continued)
}

// withoutTitles returns a question as it is, apart from lines that look like titles:
// they could begin a thread that nobody wrote.
func withoutTitles(text string) string {
	lines := strings.Split(lineBreaks.Replace(text), "\n")
	for i, line := range lines {
		if isTitle(folded(line)) {
			lines[i] = continued + line
		}
	}
	return strings.Join(lines, "\n")
}

// isTitle reports whether a folded line looks like a title.
func isTitle(line string) bool {
	line = strings.TrimRight(line, ".:：")
	for _, title := range []string{titleEarlier, titlePartial, titleUnread, titleQuestion} {
		if line == strings.TrimRight(folded(title), ".:") {
			return true
		}
	}
	return false
}
