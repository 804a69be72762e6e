package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The limits of the text for the agent.
const (
	maxQuestion      = 40_000 // characters of one question: what Slack allows a message
	maxHistory       = 30     // earlier messages of a thread
	maxHistoryText   = 8_000  // bytes of them
	maxNamesLookedUp = 20     // people and channels looked up for one question: a message can name thousands
)

// promptWriter writes the text for the agent out of what Slack sent.
type promptWriter struct {
	slack         *slackapi.Client
	self          slackevent.Identity
	allowExternal bool
}

// withoutSlack returns the text for the agent if it can be made without asking Slack.
func (p *promptWriter) withoutSlack(q storage.Question) (text string, ok bool) {
	if len(q.Again) > 0 || q.WithHistory {
		return "", false
	}
	ok = true
	lookUp := func(string) string { ok = false; return "" }
	text = p.question(q.Text, slackevent.Names{User: lookUp, Channel: lookUp})
	return text, ok
}

// question returns a question as a person reads it.
func (p *promptWriter) question(text string, names slackevent.Names) string {
	return slackevent.Truncate(slackevent.PlainText(text, p.self.UserID, names), maxQuestion)
}

// draft is a text for the agent as far as Slack returned what it is made of.
type draft struct {
	text    string
	unread  error // why the question could not be read
	missing error // why a part of the thread's earlier messages is missing
}

// errSender is why a message is missing whose sender Slack did not return.
var errSender = errors.New("the sender of an earlier message is unknown")

// write returns the text for the agent: the question as a person reads it, and the
// earlier messages for a question that joins a thread of people.
func (p *promptWriter) write(ctx context.Context, q storage.Question) draft {
	asked := storage.MessageTS(q.ID.TS)
	if len(q.Again) > 0 {
		var err error
		if q.Text, err = p.again(ctx, q); err != nil {
			return draft{unread: err}
		}
		asked = storage.MessageTS(q.Again[0].TS)
	}
	names := p.slack.Names(ctx, q.Thread.Channel).Limited(maxNamesLookedUp)
	question := p.question(q.Text, names)
	if !q.WithHistory {
		return draft{text: question}
	}
	history, missing := p.history(ctx, q.Thread, asked, names)
	switch {
	case history == "" && missing == nil:
		return draft{text: question}
	case history == "" && question == "":
		return draft{unread: missing}
	case question == "":
		question = "Please help with the above."
	}
	return draft{text: withHistory(question, history, missing != nil), missing: missing}
}

// withHistory returns a question with the earlier messages of its thread.
func withHistory(question, history string, isPartial bool) string {
	title := "Earlier in this thread:\n"
	switch {
	case history == "":
		title = "The earlier messages of this thread could not be read."
	case isPartial:
		title = "Earlier in this thread (some messages could not be read):\n"
	}
	return title + history + "\n\nThe question:\n" + question
}

// history returns the messages of a thread before the question that was asked there,
// latest last, and why some of them are missing.
// https://docs.slack.dev/reference/methods/conversations.replies
func (p *promptWriter) history(ctx context.Context, thread storage.ThreadID, asked string, n slackevent.Names) (text string, missing error) {
	var replies []slackevent.Posted
	for m, err := range p.slack.Replies(ctx, thread, slackapi.Range{Latest: asked}) {
		if err != nil {
			missing = err
			break
		}
		replies = append(replies, m)
	}
	var lines []string
	size := 0
	for i := len(replies) - 1; i >= 0 && len(lines) < maxHistory; i-- {
		line, err := p.historyLine(ctx, replies[i], asked, n)
		if err != nil && missing == nil {
			missing = err
		}
		if line == "" {
			continue
		}
		if size += len(line); size > maxHistoryText {
			break
		}
		lines = append([]string{line}, lines...)
	}
	return strings.Join(lines, "\n"), missing
}

// historyLine returns one message of a thread as "name: text", empty for one that is
// left out: the question itself, a bot's, an outsider's.
func (p *promptWriter) historyLine(ctx context.Context, m slackevent.Posted, question string, n slackevent.Names) (string, error) {
	if slackevent.CompareTS(m.TS, question) >= 0 || !m.FromPerson() || m.Text == "" {
		return "", nil
	}
	sender, known := p.slack.User(ctx, m.User)
	switch {
	case p.allowExternal:
	case !known:
		// Closed by default: a person whom Slack does not return could be an outsider.
		return "", errSender
	case sender.Membership != slackevent.Member:
		return "", nil
	}
	text := slackevent.Truncate(slackevent.PlainText(m.Text, p.self.UserID, n), maxHistoryText/4)
	if text == "" {
		return "", nil
	}
	return fmt.Sprintf("%s: %s", cmp.Or(sender.Name, m.User), text), nil
}

// again returns the text of the messages that a question asks again, as Slack
// has them now; empty if they are gone.
func (p *promptWriter) again(ctx context.Context, q storage.Question) (string, error) {
	var texts []string
	inOrder := slices.SortedFunc(slices.Values(q.Again), func(a, b storage.MessageID) int {
		return slackevent.CompareTS(storage.MessageTS(a.TS), storage.MessageTS(b.TS))
	})
	for _, id := range inOrder {
		ts, thread := storage.MessageTS(id.TS), q.Thread
		text, err := p.message(ctx, thread, ts)
		if text == "" && err == nil && thread.Channel[0] == 'D' && thread.Root != "" && thread.Root != ts {
			thread.Root = ts // a direct message that was merged is the root of its own thread
			text, err = p.message(ctx, thread, ts)
		}
		if err != nil {
			return "", err
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n"), nil
}

// message returns the text of one message of a thread; empty if it is gone.
// https://docs.slack.dev/messaging/retrieving-messages#individual_messages
func (p *promptWriter) message(ctx context.Context, thread storage.ThreadID, ts string) (string, error) {
	m, _, err := p.slack.Message(ctx, thread, ts)
	if slackapi.ErrorCode(err) == "thread_not_found" {
		return "", nil
	}
	return m.Text, err
}
