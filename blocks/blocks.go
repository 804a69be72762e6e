// Package blocks turns an answer, a ticket or a notice into what Slack shows:
// Block Kit and the fallback text. Every function is pure.
//
// What comes from an agent is untrusted text of unknown markup. Whatever it
// holds, the result is something that Slack accepts, nothing of the text is
// lost, and nothing in it is live: it cannot ping anyone, fetch anything or hide
// where a link goes. An answer takes this way:
//
//	parse     the text is read as Markdown, within bounds, into a tree (tree.go);
//	          a link that shows another host than its own gets that beside it (honest.go)
//	prepare   tables that Slack cannot show become preformatted text
//	fit       the tree is divided into units, none longer than a message
//	pages     the units are distributed, in order, over messages
//	render    each message is written as [Markdown], [Mrkdwn] or [Plain]
//
// Lengths are counted in UTF-16 code units, and a unit's cost is an upper bound
// of its length in every rendering, so that no rendering has to count again.
package blocks

import "github.com/slack-go/slack"

// Message is one message to post.
type Message struct {
	// Text is the fallback for notifications and screen readers, escaped for
	// chat.postMessage; never empty, at most 4,000 characters.
	Text string `json:"text"`
	// Blocks is what is shown; never empty.
	Blocks []slack.Block `json:"blocks"`
	// File is to be uploaded into the same thread after the message; nil for none.
	File *File `json:"file,omitempty"`
}

// File is a text file that holds what Slack would not take as a message.
type File struct {
	Name    string `json:"name"` // such as "answer.md"
	Title   string `json:"title"`
	Content string `json:"content"`
}

// Rendering is how richly an answer is shown. When Slack refuses one, the next is tried.
type Rendering int

// The renderings, richest first.
const (
	Markdown Rendering = iota // markdown, table and rich_text blocks
	Mrkdwn                    // section blocks in mrkdwn
	Plain                     // section blocks in plain text
	AsFile                    // a text file, and a sentence that says so
)

// String returns the rendering's name, for logs.
func (r Rendering) String() string {
	switch r {
	case Markdown:
		return "markdown"
	case Mrkdwn:
		return "mrkdwn"
	case Plain:
		return "plain"
	}
	return "file"
}

// Next returns the rendering to try when Slack refused r; false after the last.
func (r Rendering) Next() (Rendering, bool) {
	return min(r+1, AsFile), r < AsFile
}

// The action_id of everything that can be pressed. The value that comes with a
// press is named beside it.
const (
	// ActionFeedback is the pair of feedback buttons; the value is
	// [FeedbackGood] or [FeedbackBad], a space, and AnswerView.Question.
	ActionFeedback = "answer_feedback"
	// ActionSources is "Show all 12"; the value is AnswerView.Question.
	ActionSources = "answer_sources"
	// ActionCreateTicket is "Create ticket"; the value is AnswerView.Question.
	ActionCreateTicket = "ticket_create"
	// ActionEscalate is "Talk to a person"; the value is AnswerView.Question.
	ActionEscalate = "answer_escalate"
	// ActionCheckStatus is "Check status" on a ticket's card; the value is the ticket's ID.
	ActionCheckStatus = "ticket_check"
	// ActionRetry is "Try again" on a notice; the value is the caller's.
	ActionRetry = "question_retry"
	// ActionAnswerNow is "Answer now" on an old question; the value is the caller's.
	ActionAnswerNow = "question_answer_now"
)

// The first word of the value of a feedback button.
const (
	FeedbackGood = "good"
	FeedbackBad  = "bad"
)

// What identifies the modals when they are submitted.
const (
	// CallbackFeedback is the callback_id of the modal that asks what was wrong
	// with an answer; its private_metadata is the question.
	CallbackFeedback = "feedback_reason"
	// CallbackSources is the callback_id of the list of sources.
	CallbackSources = "sources"
	// FeedbackReasons and FeedbackComment are the block_id, and the action_id,
	// of the modal's two inputs.
	FeedbackReasons = "feedback_reasons"
	FeedbackComment = "feedback_comment"
)
