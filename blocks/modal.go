package blocks

import (
	"fmt"
	"strconv"

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
			line += " · " + labelWeakSource.Text()
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		lines = append(lines, sayNoSources.Text())
	}
	sections := lineSections(lines, mrkdwnObject)
	if len(sections) > sourceSections {
		more := mrkdwnObject(sayBestSources.Text("n", strconv.Itoa(len(lines))))
		sections = append(sections[:sourceSections], slack.NewSectionBlock(more, nil, nil))
	}
	return modal(CallbackSources, titleSources.Text(), asBlocks(sections)...)
}

// feedbackReasons are the possible problems with an answer, by their value.
var feedbackReasons = []struct {
	value string
	text  Key
}{
	{"wrong", optionWrong},
	{"off_topic", optionOffTopic},
	{"incomplete", optionIncomplete},
	{"outdated", optionOutdated},
	{"unclear", optionUnclear},
}

// commentLimit limits the text that can be typed into the modal.
const commentLimit = 1000

// FeedbackReason returns the modal that asks what was wrong with an answer. Its
// private_metadata is the question, at most 3,000 characters. The values of its
// options are wrong, off_topic, incomplete, outdated and unclear.
func FeedbackReason(question string) Modal {
	var options []*slack.OptionBlockObject
	for _, r := range feedbackReasons {
		options = append(options, slack.NewOptionBlockObject(r.value, plainObject(r.text.Text()), nil))
	}
	reasons := slack.NewInputBlock(FeedbackReasons, plainObject(labelReasons.Text()), nil,
		slack.NewCheckboxGroupsBlockElement(FeedbackReasons, options...))
	comment := slack.NewPlainTextInputBlockElement(plainObject(hintFeedback.Text()), FeedbackComment)
	comment.Multiline = true
	comment.MaxLength = commentLimit
	more := slack.NewInputBlock(FeedbackComment, plainObject(labelFeedback.Text()), nil, comment)
	reasons.Optional, more.Optional = true, true

	m := modal(CallbackFeedback, titleFeedback.Text(), reasons, more)
	m.Submit = plainObject(buttonSend.Text())
	m.Close = plainObject(buttonCancel.Text())
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
	comment := slack.NewPlainTextInputBlockElement(plainObject(hintComment.Text()), CommentText)
	comment.Multiline = true
	comment.MaxLength = commentLimit
	m := modal(CallbackComment, titleComment.Text(), slack.NewInputBlock(CommentText, plainObject(labelComment.Text()), nil, comment))
	m.Submit = plainObject(buttonSend.Text())
	m.Close = plainObject(buttonCancel.Text())
	m.PrivateMetadata = metadata
	return m
}

func modal(callbackID, title string, blocks ...slack.Block) Modal {
	return slack.ModalViewRequest{
		Type:       slack.VTModal,
		CallbackID: callbackID,
		Title:      plainObject(title),
		Close:      plainObject(buttonClose.Text()),
		Blocks:     slack.Blocks{BlockSet: blocks},
	}
}
