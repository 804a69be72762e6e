package blocks

import (
	"time"
	"unicode/utf16"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// ActionShare is "Share in channel" below an answer that only its asker sees; the caller
// chooses the value, in [AnswerView.Share].
const ActionShare = "answer_share"

// OnIt says that a question is being worked on, and how long it waits, if that is worth saying.
func OnIt(wait time.Duration) Message {
	text := sayOnIt.Text()
	if wait > worthSaying {
		text = sayOnItSoon.Text("time", roughly(wait))
	}
	return Say(text)
}

// maxAsked is how much of a shared answer's question is shown, in characters.
const maxAsked = 2000

// askedText says who asked for an answer, and what; empty if the view does not say.
func askedText(a AnswerView) string {
	by, asked := oneLine(a.AskedBy), clean(a.Asked)
	switch {
	case blank(by) && blank(asked):
		return ""
	case blank(by):
		return sayYouAsked.Text("question", shorten(asked, maxAsked, plainCost))
	case blank(asked):
		return sayAskedPrivately.Text("person", shorten(by, 100, plainCost))
	}
	return sayAskedBy.Text("person", shorten(by, 100, plainCost), "question", shorten(asked, maxAsked, plainCost))
}

// askedBlocks renders who asked for an answer, and what, as plain text.
func askedBlocks(a AnswerView) []slack.Block {
	text := askedText(a)
	if text == "" {
		return nil
	}
	return []slack.Block{slack.NewSectionBlock(plainObject(text), nil, nil)}
}

// AfterQuestion returns a message that says first which question of its reader it is about;
// unchanged if that is not known.
func AfterQuestion(m Message, asked string) Message {
	a := AnswerView{Asked: asked}
	if text := askedText(a); text != "" {
		m.Text, m.Blocks = fallbackText(text)+"\n"+m.Text, append(askedBlocks(a), m.Blocks...)
	}
	return m
}

// slackLength is the length of a text as Slack counts it.
func slackLength(text string) int { return len(utf16.Encode([]rune(text))) }

// shareButton returns the button that shares an answer; none if the view has no value for it.
func shareButton(a AnswerView) []slack.BlockElement {
	if a.Share == "" || slackLength(a.Share) > buttonValueLimit {
		return nil
	}
	return []slack.BlockElement{button(Button{ActionID: ActionShare, Text: buttonShare.Text(), Value: a.Share})}
}

// PrivateTicket renders the state of a ticket for one person. It has no buttons: they
// belong to a card in a thread, which is kept up to date.
func PrivateTicket(t enjo.Ticket) Message {
	return WithoutButtons(Ticket(TicketView{Ticket: t}, Markdown))
}
