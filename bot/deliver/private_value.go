package deliver

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"enjobridge/bot/slackevent"
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

// maxExchange is how much of a question and of its reply is in the value of a button, in
// characters, of which some languages and emoji need two of Slack's.
const maxExchange = 300

// WithExchange returns the value of a button that carries the beginnings of a private
// question and of its reply, as [WithText] carries the whole question. What a button asks
// is not in its asker's words.
func WithExchange(q storage.Question, reply string) string {
	asked := q.Text
	if q.Origin == storage.Button {
		asked = ""
	}
	return q.ID.String() + " " + beginning(asked) + "\n" + beginning(reply)
}

// beginning returns the beginning of a text, in one line.
func beginning(text string) string {
	return slackevent.Truncate(strings.Join(strings.Fields(text), " "), maxExchange)
}

// CutExchange returns the question, and the beginnings of its text and of its reply, in a
// value that [WithExchange] has made; both are empty in the value of another button.
func CutExchange(value string) (id, asked, reply string) {
	id, rest, _ := strings.Cut(value, " ")
	asked, reply, _ = strings.Cut(rest, "\n")
	return id, asked, reply
}
