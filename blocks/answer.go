package blocks

import (
	"cmp"
	"encoding/json"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// AnswerView is an answer and the controls shown with it.
type AnswerView struct {
	Reply enjo.Reply
	// Agent is the name of the agent that answered; may be empty.
	Agent string
	// Question identifies the question in the values of the buttons, in at most
	// 1,900 characters. If it is empty, there are no buttons.
	Question string
	// Note is the bridge's own sentence before the answer, for example that files
	// cannot be read; plain text, may be empty.
	Note string
	// Share is the value of "Share in channel"; empty for no such button. An empty answer
	// has none.
	Share string
	// AskedBy and Asked say above a shared answer who asked for it, and what. AskedBy is
	// empty if the answer is not shared: then its reader has asked. Asked is empty if it is
	// not known, or need not be said.
	AskedBy, Asked string

	ShowFeedback     bool // the pair of feedback buttons
	ShowCreateTicket bool // "Create ticket", if the reply has no ticket
	ShowEscalate     bool // "Talk to a person"
	ShowRetry        bool // "Try again", if the answer is empty

	// Escalate is the value of "Talk to a person", Question if it is empty. Alone says that
	// nobody but the asker can read the conversation, so that the button asks first whether
	// to show it.
	Escalate string
	Alone    bool
	// Retry is the value of "Try again", Question if it is empty.
	Retry string

	// Whole says that all of a long answer is to be in messages: it cannot be
	// attached as a file.
	Whole bool
	// ForTicket says that this answers "Create ticket": it has neither a
	// disclaimer nor feedback buttons.
	ForTicket bool
}

// Answer renders an answer, calmly: its text, its sources, what the user can do
// next, one line of context, and feedback. It returns as many messages as the
// text needs, in reading order, and at least one. Of an answer that needs more
// than five it returns the beginning, with the whole as a file.
func Answer(a AnswerView, as Rendering) []Message {
	text := meant(clean(a.Reply.Text))
	if as >= AsFile && !blank(text) {
		return []Message{answerFile(a, text)}
	}
	tree := annotate(parse(text), a.Reply.Sources)
	x := extras{note: append(askedBlocks(a), noteBlocks(a.Note)...), tail: answerTail(a, as, len(tree) == 0)}
	if len(tree) == 0 {
		tree = []block{paragraph{plainSpans(insteadOf(a))}}
	}
	messages := x.around(a, rendererOf(as), tree, text)
	speak(messages, a)
	return messages
}

// around returns the messages of an answer with their extras.
func (x extras) around(a AnswerView, r renderer, tree []block, text string) []Message {
	tree = r.prepare(tree)
	all := pages(fitAll(tree, r.limit(), 0), jsonSize(x.note))
	if len(all) > messagesMost && !a.Whole {
		return x.beginning(a, r, tree, text)
	}
	messages := make([]Message, len(all))
	for i, p := range all {
		messages[i] = Message{Text: p.text(), Blocks: r.render(p)}
	}
	messages = x.addTo(messages, all[len(all)-1])
	if len(messages) > messagesMost && !a.Whole {
		return x.beginning(a, r, tree, text)
	}
	return messages
}

// insteadOf returns what replaces an answer without visible text.
func insteadOf(a AnswerView) string {
	if a.Reply.Ticket != nil {
		return sayTicketAnswer.Text()
	}
	return sayEmptyAnswer.Text()
}

// extras is what comes before and after the text of an answer.
type extras struct{ note, tail []slack.Block }

// addTo adds the extras to messages, the last of which shows page p. If the tail
// does not fit there, it becomes a message.
func (x extras) addTo(messages []Message, p page) []Message {
	messages[0].Blocks = append(x.note, messages[0].Blocks...)
	last := &messages[len(messages)-1]
	switch {
	case len(x.tail) == 0:
	case p.hasRoom(jsonSize(x.tail), countBlocks(x.tail), blocksLimit):
		last.Blocks = append(last.Blocks, x.tail...)
	default:
		messages = append(messages, Message{Blocks: x.tail})
	}
	return messages
}

func rendererOf(as Rendering) renderer {
	switch as {
	case Rich, Markdown:
		return markdownBlocks{cites: as == Rich}
	case Mrkdwn:
		return sections{asMrkdwn, mrkdwnObject}
	}
	return sections{asEmojiText, emojiObject}
}

// noteLimit limits the bridge's own sentence.
const noteLimit = 500

// noteBlocks renders the bridge's own sentence.
func noteBlocks(note string) []slack.Block {
	if note = oneLine(note); blank(note) {
		return nil
	}
	return []slack.Block{slack.NewContextBlock("", plainObject(shorten(note, noteLimit, plainCost)))}
}

// jsonSize is an upper bound of the number of characters in blocks.
func jsonSize(blocks []slack.Block) int {
	size := 0
	for _, b := range blocks {
		data, err := json.Marshal(b)
		if err != nil {
			return messageLimit // cannot happen: the blocks are made of strings
		}
		size += len(data)
	}
	return size
}

// countBlocks counts blocks, also those in containers.
func countBlocks(blocks []slack.Block) int {
	n := len(blocks)
	for _, b := range blocks {
		if c, ok := b.(*slack.ContainerBlock); ok {
			n += len(c.ChildBlocks.BlockSet)
		}
	}
	return n
}

// answerTail returns the blocks after the text of an answer.
func answerTail(a AnswerView, as Rendering, empty bool) []slack.Block {
	tail := sourceBlocks(a, as)
	if buttons := answerButtons(a, empty); len(buttons) > 0 {
		tail = append(tail, slack.NewActionBlock("", buttons...))
	}
	if a.ForTicket || empty {
		return tail
	}
	tail = append(tail, slack.NewContextBlock("", plainObject(disclaimer(a))))
	if a.ShowFeedback && as <= Mrkdwn && hasQuestion(a) {
		tail = append(tail, feedbackButtons(a.Question))
	}
	return tail
}

// disclaimer returns the line that says who made an answer.
func disclaimer(a AnswerView) string {
	if agent := oneLine(a.Agent); agent != "" {
		return sayDisclaimerNamed.Text("agent", shorten(agent, 100, plainCost))
	}
	return sayDisclaimer.Text()
}

// questionLimit leaves room for the prefix of a question in a button's value.
const questionLimit = 1900

func hasQuestion(a AnswerView) bool { return a.Question != "" && len(a.Question) <= questionLimit }

func answerButtons(a AnswerView, empty bool) []slack.BlockElement {
	if !hasQuestion(a) {
		return nil
	}
	var buttons []slack.BlockElement
	if !empty {
		buttons = shareButton(a)
	} else if a.ShowRetry && a.Reply.Ticket == nil {
		buttons = append(buttons, button(TryAgain(cmp.Or(a.Retry, a.Question))))
	}
	if a.ShowCreateTicket && a.Reply.Ticket == nil {
		buttons = append(buttons, button(Button{ActionID: ActionCreateTicket, Text: buttonCreateTicket.Text(), Value: a.Question}))
	}
	if a.ShowEscalate {
		buttons = append(buttons, button(TalkToPerson(cmp.Or(a.Escalate, a.Question), a.Alone)))
	}
	return buttons
}

// feedbackButtons returns Slack's feedback buttons. See
// https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element.
func feedbackButtons(question string) slack.Block {
	good := slack.NewFeedbackButton(plainObject(buttonHelpful.Text()), FeedbackGood+" "+question).
		WithAccessibilityLabel(hintHelpful.Text())
	bad := slack.NewFeedbackButton(plainObject(buttonNotHelpful.Text()), FeedbackBad+" "+question).
		WithAccessibilityLabel(hintNotHelpful.Text())
	return slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement(ActionFeedback, good, bad))
}

// answerFile returns an answer as a file, for when Slack accepts no other
// rendering.
func answerFile(a AnswerView, text string) Message {
	sentence := SayInFile.Text()
	blocks := append(append(askedBlocks(a), noteBlocks(a.Note)...), slack.NewSectionBlock(plainObject(sentence), nil, nil))
	withoutSources := a
	withoutSources.Reply.Sources = nil
	return Message{
		Text:   spoken(spokenBefore(a), sentence, ""),
		Blocks: append(blocks, answerTail(withoutSources, AsFile, false)...),
		File:   wholeAnswer(a, text),
	}
}

// wholeAnswer returns the file with the text and the sources of an answer.
func wholeAnswer(a AnswerView, text string) *File {
	content := text
	for i, s := range ranked(a.Reply.Sources) {
		if i == 0 {
			content += "\n\n## " + labelSources.Text() + "\n"
		}
		content += "\n- " + s.plain()
	}
	return &File{Name: "answer.md", Title: titleAnswer.Text(), Content: content + "\n"}
}
