package blocks

import (
	"fmt"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// Modal is a modal, for views.open.
type Modal = slack.ModalViewRequest

// sourceSections limits the modal of sources, because Slack allows 100 blocks.
const sourceSections = 50

// Sources returns the modal that "Show all" opens, with every source of an
// answer.
func Sources(sources []enjo.Source) Modal {
	lines := []string{}
	for i, s := range ranked(sources) {
		line := fmt.Sprintf("%d. %s", i+1, s.mrkdwn())
		if s.weak {
			line += " · less relevant"
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		lines = append(lines, "This answer has no sources.")
	}
	sections := lineSections(lines, mrkdwnObject)
	if len(sections) > sourceSections {
		more := mrkdwnObject(fmt.Sprintf("There are %d sources; these are the best of them.", len(lines)))
		sections = append(sections[:sourceSections], slack.NewSectionBlock(more, nil, nil))
	}
	return modal(CallbackSources, "Sources", asBlocks(sections)...)
}

// feedbackReasons are the possible problems with an answer, by their value.
var feedbackReasons = []struct{ value, text string }{
	{"wrong", "It is wrong"},
	{"off_topic", "It does not answer the question"},
	{"incomplete", "Something is missing"},
	{"outdated", "It is out of date"},
	{"unclear", "It is hard to understand"},
}

// commentLimit limits the text that can be typed into the modal.
const commentLimit = 1000

// FeedbackReason returns the modal that asks what was wrong with an answer. Its
// private_metadata is the question, at most 3,000 characters. The values of its
// options are wrong, off_topic, incomplete, outdated and unclear.
func FeedbackReason(question string) Modal {
	var options []*slack.OptionBlockObject
	for _, r := range feedbackReasons {
		options = append(options, slack.NewOptionBlockObject(r.value, plainObject(r.text), nil))
	}
	reasons := slack.NewInputBlock(FeedbackReasons, plainObject("What was wrong?"), nil,
		slack.NewCheckboxGroupsBlockElement(FeedbackReasons, options...))
	comment := slack.NewPlainTextInputBlockElement(plainObject("What would have helped you?"), FeedbackComment)
	comment.Multiline = true
	comment.MaxLength = commentLimit
	more := slack.NewInputBlock(FeedbackComment, plainObject("Anything else?"), nil, comment)
	reasons.Optional, more.Optional = true, true

	m := modal(CallbackFeedback, "Not helpful?", reasons, more)
	m.Submit = plainObject("Send")
	m.Close = plainObject("Cancel")
	m.PrivateMetadata = question
	return m
}

// The identifiers of the modal for a comment on a ticket.
const (
	// CallbackComment is its callback_id; the caller chooses the private_metadata.
	CallbackComment = "ticket_comment"
	// CommentText is the block_id and the action_id of its input.
	CommentText = "ticket_comment_text"
)

// TicketComment returns the modal for a comment on a ticket. Its
// private_metadata is the caller's text, at most 3,000 characters.
func TicketComment(metadata string) Modal {
	comment := slack.NewPlainTextInputBlockElement(plainObject("What should whoever works on it know?"), CommentText)
	comment.Multiline = true
	comment.MaxLength = commentLimit
	m := modal(CallbackComment, "Comment", slack.NewInputBlock(CommentText, plainObject("Your comment"), nil, comment))
	m.Submit = plainObject("Send")
	m.Close = plainObject("Cancel")
	m.PrivateMetadata = metadata
	return m
}

func modal(callbackID, title string, blocks ...slack.Block) Modal {
	return slack.ModalViewRequest{
		Type:       slack.VTModal,
		CallbackID: callbackID,
		Title:      plainObject(title),
		Close:      plainObject("Close"),
		Blocks:     slack.Blocks{BlockSet: blocks},
	}
}
