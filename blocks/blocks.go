// Package blocks renders answers, tickets and notices for Slack: as Block Kit
// and fallback text. Every function is pure.
//
// Text from an agent is untrusted, and its markup is unknown. Slack accepts the
// result for any text, no text is lost, and nothing in it is active: it cannot
// ping anyone, fetch anything or hide the target of a link. An answer goes
// through these steps:
//
//	meant     thoughts are hidden, escapes, Slack's own markup and references are
//	          turned into Markdown (meant.go)
//	parse     the text is parsed as HTML or Markdown, within limits, into a tree (tree.go);
//	          the host of a misleading link is shown after it (honest.go)
//	prepare   tables that Slack cannot show become preformatted text
//	fit       the tree is divided into units, none longer than a message
//	pages     the units are distributed, in order, over messages
//	render    each message is written as [Markdown], [Mrkdwn] or [Plain]
//
// Lengths are counted in UTF-16 code units. A unit's cost is an upper bound of
// its length in every rendering, so that no rendering has to count again.
package blocks

import "github.com/slack-go/slack"

// Message is a message to post.
type Message struct {
	// Text is the fallback for notifications and screen readers, escaped for
	// chat.postMessage; never empty, at most 4,000 characters.
	Text string `json:"text"`
	// Blocks is the visible content; never empty.
	Blocks []slack.Block `json:"blocks"`
	// File is uploaded to the same thread after the message; nil for none.
	File *File `json:"file,omitempty"`
}

// File is a text with content that Slack would not accept as a message, or a picture.
type File struct {
	Name    string `json:"name"` // such as "answer.md"
	Title   string `json:"title"`
	Content string `json:"content"`
	// Alt describes a picture for those who cannot see it, in at most 1,000 characters.
	Alt string `json:"alt,omitempty"`
}

// Rendering is a way to show an answer. If Slack refuses one, the next is
// tried.
type Rendering int

// The renderings, richest first. Markdown is the zero value, because it is the name
// in the stored markers of posts that have only one rendering.
const (
	Rich     Rendering = iota - 1 // as Markdown, with cards, containers and citations
	Markdown                      // markdown, table and rich_text blocks
	Mrkdwn                        // section blocks in mrkdwn
	Plain                         // section blocks in plain text
	AsFile                        // a text file, and a sentence that points to it
)

// String returns the rendering's name, for logs.
func (r Rendering) String() string {
	switch r {
	case Rich:
		return "rich"
	case Markdown:
		return "markdown"
	case Mrkdwn:
		return "mrkdwn"
	case Plain:
		return "plain"
	}
	return "file"
}

// Next returns the rendering to try if Slack refused r; false after the last.
func (r Rendering) Next() (Rendering, bool) {
	return min(r+1, AsFile), r < AsFile
}

// The action_id of every button and select. Each comment says which value comes
// with it.
const (
	// ActionFeedback is the pair of feedback buttons; the value is [FeedbackGood]
	// or [FeedbackBad], a space, and AnswerView.Question.
	ActionFeedback = "answer_feedback"
	// ActionSources is "Show all 12"; the value is AnswerView.Question.
	ActionSources = "answer_sources"
	// ActionCreateTicket is "Create ticket"; the value is AnswerView.Question.
	ActionCreateTicket = "ticket_create"
	// ActionEscalate is "Talk to a person"; the value is AnswerView.Question.
	ActionEscalate = "answer_escalate"
	// ActionCheckStatus is "Check status" on a ticket's card; the value is the ticket's ID.
	ActionCheckStatus = "ticket_check"
	// ActionOpenTicket is the link to a ticket in its ticketing system, on its card; it
	// has no value. Slack reports also clicks on links.
	ActionOpenTicket = "ticket_open"
	// ActionRetry is "Try again" on a notice; the caller chooses the value.
	ActionRetry = "question_retry"
	// ActionAnswerNow is "Answer now" on an old question; the caller chooses the
	// value.
	ActionAnswerNow = "question_answer_now"
)

// The first word of the value of a feedback button.
const (
	FeedbackGood = "good"
	FeedbackBad  = "bad"
)

// The callback_ids of the modals.
const (
	// CallbackFeedback is the callback_id of the modal that asks what was wrong
	// with an answer; its private_metadata is the question.
	CallbackFeedback = "feedback_reason"
	// CallbackSources is the callback_id of the list of sources.
	CallbackSources = "sources"
	// FeedbackReasons and FeedbackComment are the block_id and the action_id of
	// the modal's two inputs.
	FeedbackReasons = "feedback_reasons"
	FeedbackComment = "feedback_comment"
)
