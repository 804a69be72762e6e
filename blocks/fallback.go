package blocks

import "strings"

// Screen readers and notifications read the text of a message, not its blocks.
// Therefore it says everything that the blocks say, in whole sentences.

// fallbackText shortens and escapes a text for chat.postMessage.
func fallbackText(text string) string {
	return escape(shorten(strings.TrimSpace(text), textLimit, escapedCost))
}

// speak completes the texts of an answer's messages: the note is in the first,
// the sources are in the last. The message's own text is shortened for them.
func speak(messages []Message, a AnswerView) {
	for i := range messages {
		var before, after string
		if i == 0 {
			before = spokenBefore(a)
		}
		if i == len(messages)-1 {
			after = sourcesSentence(a.Reply.Sources)
		}
		if messages[i].File != nil {
			after = strings.TrimSpace(sayLong.Text() + " " + after)
		}
		if messages[i].Text+after == "" { // a message of buttons
			after = disclaimer(a)
		}
		messages[i].Text = spoken(before, messages[i].Text, after)
	}
}

// spokenBefore returns what is said before the text of an answer.
func spokenBefore(a AnswerView) string {
	return strings.Join(withoutBlank([]string{shorten(askedText(a), noteLimit, plainCost), shorten(oneLine(a.Note), noteLimit, plainCost)}), "\n")
}

// spoken returns a text for chat.postMessage: lines before and after a body, of
// which the body is shortened.
func spoken(before, body, after string) string {
	room := textLimit - len("\n\n") - length(escape(before)) - length(escape(after))
	parts := []string{before, shorten(strings.TrimSpace(body), room, escapedCost), after}
	return fallbackText(strings.Join(withoutBlank(parts), "\n"))
}

func withoutBlank(texts []string) []string {
	var out []string
	for _, text := range texts {
		if !blank(text) {
			out = append(out, text)
		}
	}
	return out
}
