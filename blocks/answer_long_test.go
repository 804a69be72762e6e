package blocks

import (
	"strings"
	"testing"

	"enjobridge/enjo"
)

// Ensure that of a long answer people get the beginning in one message, with everything
// that belongs to an answer, and the whole as a file; or all messages if they want them.
func TestLongAnswer(t *testing.T) {
	view := AnswerView{
		Reply: enjo.Reply{Text: exampleLong(150), Sources: exampleSources(12)}, Agent: "IT", Question: exampleQuestion, Note: NoteFiles([]string{"a.png"}),
		ShowFeedback: true, ShowCreateTicket: true,
	}
	for _, as := range renderings[:AsFile] {
		messages := Answer(view, as)
		if len(messages) != 1 || messages[0].File == nil {
			t.Fatalf("%s: %d messages, the first with the file %v", as, len(messages), messages[0].File)
		}
		m := messages[0]
		body := shown(m)
		if !strings.Contains(body, "Step 10:") || !strings.Contains(body, sayLong.Text()) || strings.Contains(strings.ReplaceAll(body, m.File.Content, ""), "Step 150:") {
			t.Errorf("%s: shown is %.300q", as, body)
		}
		if !strings.HasPrefix(m.File.Content, view.Reply.Text) || !strings.Contains(m.File.Content, "## Sources\n\n- How to reset") {
			t.Errorf("%s: the file is %.300q", as, m.File.Content)
		}
		view.Whole = true
		whole := Answer(view, as)
		view.Whole = false
		all := ""
		for _, m := range whole {
			if m.File != nil || strings.Contains(m.Text, sayLong.Text()) {
				t.Errorf("%s: a message refers to a file", as)
			}
			all += shown(m)
		}
		if len(whole) <= messagesMost || !strings.Contains(all, "Step 150:") {
			t.Errorf("%s: %d messages", as, len(whole))
		}
	}
}

// Ensure that the beginning of an answer does not end with the heading of what is missing.
func TestBeginningEndsWithText(t *testing.T) {
	text := strings.Repeat("## Heading\n\n"+strings.Repeat("word ", 690)+"\n\n", 40)
	for _, as := range renderings[:AsFile] {
		m := Answer(AnswerView{Reply: enjo.Reply{Text: text}}, as)[0]
		body, _, _ := strings.Cut(m.Text, "\n"+sayLong.Text())
		if shownBody, _, _ := strings.Cut(shown(m), sayLong.Text()); strings.HasSuffix(strings.TrimSpace(shownBody), "Heading") || strings.HasSuffix(body, "Heading") {
			t.Errorf("%s: it ends with a heading", as)
		}
	}
}
