package deliver

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"enjobridge/storage"
)

// maxValueText is how long a question's text can be in the value of a button, as Slack
// counts it: a value has 2,000 characters.
const maxValueText = 1500

// WithText returns the value of a button that carries the text of a private question: the
// store erases it at the question's end, and Slack has no message of it. It has no text if
// that is too long, and ok is false then.
func WithText(id storage.MessageID, text string) (value string, ok bool) {
	if text == "" || len(utf16.Encode([]rune(text))) > maxValueText {
		return id.String(), false
	}
	return id.String() + " " + text, true
}

// CutText returns the question and the text in a value that [WithText] has made. What
// comes back from Slack can be anything: ok is false unless it is such a value. The text is
// still what a person says.
func CutText(value string) (id storage.MessageID, text string, ok bool) {
	before, text, _ := strings.Cut(value, " ")
	id, ok = storage.ParseMessageID(before)
	ok = ok && storage.PrivateThread(id).IsPrivate() && utf8.ValidString(text) && len(utf16.Encode([]rune(text))) <= maxValueText
	if !ok {
		return storage.MessageID{}, "", false
	}
	return id, text, true
}
