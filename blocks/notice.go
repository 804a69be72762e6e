package blocks

import (
	"slices"

	"github.com/slack-go/slack"
)

// Say returns a message of one sentence.
func Say(text string) Message { return Notice(NoticeView{Text: text}) }

// NoticeView is a message from the bridge itself. All of it is plain text.
type NoticeView struct {
	Text      string // one plain sentence: what happened
	Next      string // what the reader can do; may be empty
	Reference string // short reference for an operator; may be empty
	Buttons   []Button
}

// Button is a button. It is omitted if it has no action or text, or if its
// value is too long.
type Button struct {
	ActionID string // one of the constants above, such as [ActionRetry]
	Text     string // at most 75 characters
	Value    string // at most 2,000 characters, returned with a click
	Primary  bool   // the button that most readers want
	Confirm  Confirmation
}

// Confirmation is asked after a click on a button, before the click counts. Without a text
// nothing is asked.
type Confirmation struct {
	Title string // at most 100 characters
	Text  string // at most 300 characters
	Yes   string // at most 30 characters
}

// noticeLimit limits each text of a notice.
const noticeLimit = 1000

// Notice renders a message from the bridge itself.
func Notice(n NoticeView) Message {
	text := shorten(clean(n.Text), noticeLimit, plainCost)
	if blank(text) {
		text = saySomething.Text()
	}
	if next := shorten(clean(n.Next), noticeLimit, plainCost); !blank(next) {
		text += "\n" + next
	}
	blocks := []slack.Block{slack.NewSectionBlock(plainObject(text), nil, nil)}
	if buttons := noticeButtons(n.Buttons); len(buttons) > 0 {
		blocks = append(blocks, slack.NewActionBlock("", buttons...))
	}
	if reference := oneLine(n.Reference); !blank(reference) {
		reference = labelReference.Text("reference", shorten(reference, 100, plainCost))
		blocks = append(blocks, slack.NewContextBlock("", plainObject(reference)))
		text += "\n" + reference
	}
	return Message{Text: fallbackText(text), Blocks: blocks}
}

// WithoutButtons returns a notice without its buttons.
func WithoutButtons(m Message) Message {
	m.Blocks = slices.DeleteFunc(slices.Clone(m.Blocks), func(b slack.Block) bool { return b.BlockType() == slack.MBTAction })
	return m
}

// Slack's limits for buttons. See
// https://docs.slack.dev/reference/block-kit/block-elements/button-element.
const (
	buttonsLimit     = 25 // in one actions block
	buttonTextLimit  = 75
	buttonValueLimit = 2000
	actionIDLimit    = 255
)

func noticeButtons(buttons []Button) []slack.BlockElement {
	var elements []slack.BlockElement
	seen := map[string]bool{}
	for _, b := range buttons {
		ok := b.ActionID != "" && len(b.ActionID) <= actionIDLimit && slackLength(b.Value) <= buttonValueLimit
		if !ok || blank(oneLine(b.Text)) || seen[b.ActionID] || len(elements) == buttonsLimit {
			continue
		}
		seen[b.ActionID] = true // action_ids are unique in a block
		elements = append(elements, button(b))
	}
	return elements
}

func button(b Button) *slack.ButtonBlockElement {
	text := shorten(oneLine(b.Text), buttonTextLimit, plainCost)
	element := slack.NewButtonBlockElement(b.ActionID, b.Value, plainObject(text))
	if b.Primary {
		element.Style = slack.StylePrimary
	}
	if c := b.Confirm; c.Text != "" {
		element.Confirm = slack.NewConfirmationBlockObject(plainObject(c.Title), plainObject(c.Text), plainObject(c.Yes), plainObject(buttonCancel.Text()))
	}
	return element
}
