package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The bounds of what goes to the agent.
const (
	maxQuestion      = 40_000 // bytes of one question: what Slack allows a message
	maxHistory       = 30     // messages of a thread that go along
	maxHistoryText   = 8_000  // bytes of them
	maxNamesLookedUp = 20     // people and channels looked up for one question: a message can name thousands
	prepareTimeout   = 5 * time.Second
)

// promptWriter writes the text for the agent out of what Slack sent.
type promptWriter struct {
	slack         *slackapi.Client
	self          slackevent.Identity
	allowExternal bool
}

// write returns the text for the agent: the question as a person reads it, and
// for a question that joins a thread of people what was said there before. It
// never fails: what Slack does not tell in time is left out.
func (s *promptWriter) write(ctx context.Context, q storage.Question) string {
	ctx, cancel := context.WithTimeout(ctx, prepareTimeout)
	defer cancel()

	asked := storage.MessageTS(q.ID.TS)
	if len(q.Again) > 0 {
		q.Text, asked = s.again(ctx, q), storage.MessageTS(q.Again[0].TS)
	}
	names := s.slack.Names(ctx).Limited(maxNamesLookedUp)
	question := slackevent.Truncate(slackevent.PlainText(q.Text, s.self.UserID, names), maxQuestion)
	if !q.WithHistory {
		return question
	}
	history := s.history(ctx, q.Thread, asked, names)
	if history == "" {
		return question
	}
	if question == "" {
		question = "Please help with the above."
	}
	return "Earlier in this thread:\n" + history + "\n\nThe question:\n" + question
}

// history returns what was said in a thread before the question asked there, latest last.
// https://docs.slack.dev/reference/methods/conversations.replies
func (s *promptWriter) history(ctx context.Context, thread storage.ThreadID, asked string, n slackevent.Names) string {
	var replies []slackevent.Posted
	for m, err := range s.slack.Replies(ctx, thread, slackapi.Range{Latest: asked}) {
		if err != nil {
			return ""
		}
		replies = append(replies, m)
	}
	var lines []string
	size := 0
	for i := len(replies) - 1; i >= 0 && len(lines) < maxHistory; i-- {
		line, ok := s.historyLine(ctx, replies[i], asked, n)
		if !ok {
			continue
		}
		if size += len(line); size > maxHistoryText {
			break
		}
		lines = append([]string{line}, lines...)
	}
	return strings.Join(lines, "\n")
}

// historyLine returns one message of a thread as "name: text", and false for
// one that does not go along: the question itself, a bot's, a stranger's.
func (s *promptWriter) historyLine(ctx context.Context, m slackevent.Posted, question string, n slackevent.Names) (string, bool) {
	if slackevent.CompareTS(m.TS, question) >= 0 || !m.FromPerson() || m.Text == "" {
		return "", false
	}
	sender, known := s.slack.User(ctx, m.User)
	// Closed by default: who Slack does not tell of could be a stranger.
	if !s.allowExternal && (!known || sender.Outside) {
		return "", false
	}
	text := slackevent.Truncate(slackevent.PlainText(m.Text, s.self.UserID, n), maxHistoryText/4)
	return fmt.Sprintf("%s: %s", cmp.Or(sender.Name, m.User), text), text != ""
}

// again returns the text of the messages that a question asks again, as Slack
// has them now; empty if they are gone.
func (s *promptWriter) again(ctx context.Context, q storage.Question) string {
	var texts []string
	for _, id := range q.Again {
		if text := s.message(ctx, q.Thread, storage.MessageTS(id.TS)); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// message returns the text of one message of a thread; empty if it is gone.
// https://docs.slack.dev/messaging/retrieving-messages#individual_messages
func (s *promptWriter) message(ctx context.Context, thread storage.ThreadID, ts string) string {
	m, _, err := s.slack.Message(ctx, thread, ts)
	if err != nil {
		return ""
	}
	return m.Text
}
