package blocks

import (
	"strings"

	"github.com/slack-go/slack"
)

// ActionEscalationDone is "Done" on a call for a person; the value is
// EscalationView.Question.
const ActionEscalationDone = "escalation_done"

// EscalationView asks people to join a thread.
type EscalationView struct {
	To       []string // the IDs of users and user groups (S…)
	By       string   // the user ID of the person who wants to talk to a person
	Summary  string   // the subject; plain text, may be empty
	Link     string   // link to the message that asked; may be empty
	Question string   // identifies the question in the value of the button
	DoneBy   string   // the user ID of the person who clicked Done; empty until then
}

// summaryLimit limits the summary to one line.
const summaryLimit = 200

// Escalation asks people to join a thread, or says that one of them is done.
// Only these messages ping anyone, and only the people whom the operator has
// configured. They are rich text, in which only explicit elements are active.
func Escalation(v EscalationView) Message {
	words := escalationWords(v)
	rows := []slack.RichTextElement{slack.NewRichTextSection(words...)}
	if summary := shorten(oneLine(v.Summary), summaryLimit, plainCost); !blank(summary) {
		quote := slack.RichTextQuote{Type: slack.RTEQuote, Elements: []slack.RichTextSectionElement{richWord(summary)}}
		rows = append(rows, &quote)
	}
	if safe, ok := webURL(v.Link); ok {
		rows = append(rows, slack.NewRichTextSection(slack.NewRichTextSectionLinkElement(safe, linkQuestion.Text(), nil)))
	}
	blocks := []slack.Block{slack.NewRichTextBlock("", rows...)}
	if v.DoneBy != "" {
		return Message{Text: sayCallDoneFallback.Text(), Blocks: blocks}
	}
	if v.Question != "" && len(v.Question) <= buttonValueLimit {
		done := button(Button{ActionID: ActionEscalationDone, Text: buttonDone.Text(), Value: v.Question, Primary: true})
		blocks = append(blocks, slack.NewActionBlock("", done))
	}
	return Message{
		Text:   sayCallsFallback.Text(),
		Blocks: append(blocks, slack.NewContextBlock("", plainObject(sayQuiet.Text()))),
	}
}

// escalationWords says who asked whom, or who is done.
func escalationWords(v EscalationView) []slack.RichTextSectionElement {
	if v.DoneBy != "" {
		before, after := sayCallDone.around("person")
		return richWords(before, v.DoneBy, after)
	}
	var words []slack.RichTextSectionElement
	for n, id := range v.To {
		if n > 0 {
			words = append(words, richWord(" "))
		}
		if strings.HasPrefix(id, "S") {
			words = append(words, slack.NewRichTextSectionUserGroupElement(id))
			continue
		}
		words = append(words, slack.NewRichTextSectionUserElement(id, nil))
	}
	if len(v.To) > 0 {
		words = append(words, richWord(": "))
	}
	before, after := sayCalls.around("asker")
	return append(words, richWords(before, v.By, after)...)
}

// richWords returns a person between words, which can be empty.
func richWords(before, person, after string) []slack.RichTextSectionElement {
	var words []slack.RichTextSectionElement
	if before != "" {
		words = append(words, richWord(before))
	}
	words = append(words, slack.NewRichTextSectionUserElement(person, nil))
	if after != "" {
		words = append(words, richWord(after))
	}
	return words
}

func richWord(text string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(text, nil)
}
