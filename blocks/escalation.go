package blocks

import (
	"strings"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// The action_ids below a call for a person.
const (
	// ActionEscalationDone is "Done" on a call in the asker's thread; the value is
	// EscalationView.Question.
	ActionEscalationDone = "escalation_done"
	// ActionEscalationDoneElsewhere is "Done" on a call from direct messages; the value is
	// EscalationView.Question.
	ActionEscalationDoneElsewhere = "escalation_done_elsewhere"
)

// EscalationView asks people to help somebody. All texts are plain and untrusted.
type EscalationView struct {
	To  []string // the IDs of users and user groups (S…)
	By  string   // the user ID of the person who wants to talk to a person
	For string   // the user ID of the person whose question it is, if that is another; may be empty
	// Name is the display name of the person who needs help, for notifications; may be empty.
	Name string
	// First and Latest are the thread's first and latest question, and Reply is the beginning
	// of the reply to the latest. Latest is empty if it is the first; each may be empty.
	First, Latest, Reply string
	Ticket               *enjo.Ticket // the thread's ticket; nil if there is none
	Link                 string       // link to the message that asked; may be empty
	Question             string       // identifies the call in the value of the button
	DoneBy               string       // the user ID of the person who clicked Done; empty until then
	// Elsewhere says that the call is not in the asker's thread, which others cannot read.
	Elsewhere bool
	// Muted says that the bot is silent in the thread of the call, and Waiting that it still
	// owes a reply there.
	Muted, Waiting bool
}

const (
	// quoteLimit limits each quotation to about two lines.
	quoteLimit = 200
	// nameLimit limits a person's name in a notification.
	nameLimit = 80
)

// Escalation asks people to help somebody, or says that one of them is done.
// Only these messages ping anyone, and only the people whom the operator has
// configured. They are rich text, in which only explicit elements are active.
func Escalation(v EscalationView) Message {
	rows := []slack.RichTextElement{slack.NewRichTextSection(escalationWords(v)...)}
	rows = append(rows, escalationQuotes(v)...)
	if v.Ticket != nil {
		rows = append(rows, slack.NewRichTextSection(escalationTicket(*v.Ticket)...))
	}
	if safe, ok := webURL(v.Link); ok {
		rows = append(rows, slack.NewRichTextSection(slack.NewRichTextSectionLinkElement(safe, linkQuestion.Text(), nil)))
	}
	blocks := []slack.Block{slack.NewRichTextBlock("", rows...)}
	if v.DoneBy == "" && v.Question != "" && slackLength(v.Question) <= buttonValueLimit {
		done := Button{ActionID: ActionEscalationDone, Text: buttonDone.Text(), Value: v.Question, Primary: true}
		if v.Elsewhere {
			done.ActionID = ActionEscalationDoneElsewhere
		}
		blocks = append(blocks, slack.NewActionBlock("", button(done)))
	}
	if note := escalationNote(v); note != "" {
		blocks = append(blocks, slack.NewContextBlock("", plainObject(note)))
	}
	return Message{Text: escalationText(v), Blocks: blocks}
}

// escalationNote says what the bot does now.
func escalationNote(v EscalationView) string {
	switch {
	case v.DoneBy != "" && v.Muted:
		return SayStillQuiet.Text()
	case v.DoneBy != "" || !v.Elsewhere && !v.Muted:
		return ""
	case v.Elsewhere:
		return sayWriteDirectly.Text()
	case v.Waiting:
		return sayQuiet.Text() + " " + SayStillOwed.Text()
	}
	return sayQuiet.Text()
}

// escalationWords says who asked whom, or who is done.
func escalationWords(v EscalationView) []slack.RichTextSectionElement {
	if v.DoneBy != "" {
		return sayCallDone.rich(filling{"person", mentions([]string{v.DoneBy}, "")})
	}
	words := mentions(v.To, " ")
	if len(words) > 0 {
		words = append(words, richWord(": "))
	}
	asker := filling{"asker", mentions([]string{v.By}, "")}
	if v.For != "" {
		return append(words, sayCallsFor.rich(asker, filling{"person", mentions([]string{v.For}, "")})...)
	}
	return append(words, sayCalls.rich(asker)...)
}

// filling is what replaces a placeholder in rich text.
type filling struct {
	placeholder string
	with        []slack.RichTextSectionElement
}

// rich returns the text of a key as rich text, with its placeholders filled in their order.
func (k Key) rich(fillings ...filling) (words []slack.RichTextSectionElement) {
	rest := k.words()
	for _, f := range fillings {
		before, after, _ := strings.Cut(rest, "{"+f.placeholder+"}")
		if before != "" {
			words = append(words, richWord(before))
		}
		words, rest = append(words, f.with...), after
	}
	if rest != "" {
		words = append(words, richWord(rest))
	}
	return words
}

// mentions mentions users and user groups (S…), with a separator between them.
func mentions(ids []string, separator string) (words []slack.RichTextSectionElement) {
	for n, id := range ids {
		if n > 0 {
			words = append(words, richWord(separator))
		}
		if strings.HasPrefix(id, "S") {
			words = append(words, slack.NewRichTextSectionUserGroupElement(id))
			continue
		}
		words = append(words, slack.NewRichTextSectionUserElement(id, nil))
	}
	return words
}

// escalationQuotes quotes the questions and the reply, each on one line.
func escalationQuotes(v EscalationView) (rows []slack.RichTextElement) {
	for _, quoted := range []struct {
		label Key
		text  string
	}{{labelQuestion, v.First}, {labelLatestQuestion, v.Latest}, {labelLatestReply, v.Reply}} {
		text := shorten(oneLine(quoted.text), quoteLimit, plainCost)
		if blank(text) {
			continue
		}
		label := slack.NewRichTextSectionTextElement(quoted.label.Text(), &slack.RichTextSectionTextStyle{Bold: true})
		quote := &slack.RichTextQuote{Type: slack.RTEQuote, Elements: []slack.RichTextSectionElement{richWord(text)}}
		rows = append(rows, slack.NewRichTextSection(label), quote)
	}
	return rows
}

// escalationTicket names a ticket, with a link to it, what it is about and its status.
func escalationTicket(t enjo.Ticket) []slack.RichTextSectionElement {
	name := ticketName(t)
	words := []slack.RichTextSectionElement{slack.NewRichTextSectionTextElement(labelTicket.Text()+" ", &slack.RichTextSectionTextStyle{Bold: true})}
	safe, ok := webURL(t.URL)
	switch {
	case !ok:
		words = append(words, richWord(name))
	case misleads(name, safe):
		words = append(words, richWord(name+" "), slack.NewRichTextSectionLinkElement(safe, buttonOpenTicket.Text(), nil))
	default:
		words = append(words, slack.NewRichTextSectionLinkElement(safe, name, nil))
	}
	for _, detail := range []string{subjectOf(t.Description), t.Status} {
		if detail = shorten(oneLine(detail), quoteLimit, plainCost); !blank(detail) {
			words = append(words, richWord(" · "+detail))
		}
	}
	return words
}

// escalationText is the text of notifications: who needs help, what for, and where.
func escalationText(v EscalationView) string {
	if v.DoneBy != "" {
		return fallbackText(sayCallDoneFallback.Text() + "\n" + escalationNote(v))
	}
	text := escalationTextWords(v)
	for _, about := range []string{v.First, v.Latest} {
		if about = shorten(oneLine(about), quoteLimit, plainCost); !blank(about) {
			text += "\n“" + about + "”"
		}
	}
	if v.Ticket != nil {
		text += "\n" + ticketSentences(*v.Ticket) + ticketAddress(*v.Ticket)
	}
	if safe, ok := webURL(v.Link); ok {
		text += "\n" + linkQuestion.Text() + ": " + safe
	}
	return fallbackText(text + "\n" + escalationNote(v))
}

// escalationTextWords says who needs help, and whether they have asked for it themselves.
func escalationTextWords(v EscalationView) string {
	who := shorten(oneLine(v.Name), nameLimit, plainCost)
	switch {
	case v.For != "" && blank(who):
		return sayCallsForFallback.Text("person", wordsSomebody.Text())
	case v.For != "":
		return sayCallsForFallback.Text("person", who)
	case blank(who):
		who = LabelSomebody.Text()
	}
	return sayCalls.Text("asker", who)
}

func richWord(text string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(text, nil)
}
