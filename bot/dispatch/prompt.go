package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The limits of the text for the agent.
const (
	maxQuestion      = 40_000 // bytes of one question: what Slack allows a message
	maxHistory       = 30     // earlier messages of a thread
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

// write returns the text for the agent: the question as a person reads it, and the
// earlier messages for a question that joins a thread of people. It never fails: it
// leaves out what Slack does not return in time.
func (p *promptWriter) write(ctx context.Context, q storage.Question) string {
	ctx, cancel := context.WithTimeout(ctx, prepareTimeout)
	defer cancel()

	asked := storage.MessageTS(q.ID.TS)
	if len(q.Again) > 0 {
		q.Text, asked = p.again(ctx, q), storage.MessageTS(q.Again[0].TS)
	}
	names := p.slack.Names(ctx).Limited(maxNamesLookedUp)
	question := p.question(q.Text, names)
	if !q.WithHistory {
		return question
	}
	history := p.history(ctx, q.Thread, asked, names)
	if history == "" {
		return question
	}
	if question == "" {
		question = "Please help with the above."
	}
	return "Earlier in this thread:\n" + history + "\n\nThe question:\n" + question
}

// history returns the messages of a thread before the question that was asked there, latest last.
// https://docs.slack.dev/reference/methods/conversations.replies
func (p *promptWriter) history(ctx context.Context, thread storage.ThreadID, asked string, n slackevent.Names) string {
	var replies []slackevent.Posted
	for m, err := range p.slack.Replies(ctx, thread, slackapi.Range{Latest: asked}) {
		if err != nil {
			return ""
		}
		replies = append(replies, m)
	}
	var lines []string
	size := 0
	for i := len(replies) - 1; i >= 0 && len(lines) < maxHistory; i-- {
		line, ok := p.historyLine(ctx, replies[i], asked, n)
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
// one that is left out: the question itself, a bot's, an outsider's.
func (p *promptWriter) historyLine(ctx context.Context, m slackevent.Posted, question string, n slackevent.Names) (string, bool) {
	if slackevent.CompareTS(m.TS, question) >= 0 || !m.FromPerson() || m.Text == "" {
		return "", false
	}
	sender, known := p.slack.User(ctx, m.User)
	// Closed by default: a person whom Slack does not return could be an outsider.
	if !p.allowExternal && (!known || sender.Outside) {
		return "", false
	}
	text := slackevent.Truncate(slackevent.PlainText(m.Text, p.self.UserID, n), maxHistoryText/4)
	return fmt.Sprintf("%s: %s", cmp.Or(sender.Name, m.User), text), text != ""
}

// again returns the text of the messages that a question asks again, as Slack
// has them now; empty if they are gone.
func (p *promptWriter) again(ctx context.Context, q storage.Question) string {
	var texts []string
	for _, id := range q.Again {
		if text := p.message(ctx, q.Thread, storage.MessageTS(id.TS)); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// message returns the text of one message of a thread; empty if it is gone.
// https://docs.slack.dev/messaging/retrieving-messages#individual_messages
func (p *promptWriter) message(ctx context.Context, thread storage.ThreadID, ts string) string {
	m, _, err := p.slack.Message(ctx, thread, ts)
	if err != nil {
		return ""
	}
	return m.Text
}

// prepare writes the text for the agent ahead of the question's turn, so that nothing
// comes between taking a call and calling the agent. The question is as of so many edits.
func (d *Dispatcher) prepare(q storage.Question, edits int) {
	select {
	case d.preparing <- struct{}{}:
		defer func() { <-d.preparing }()
	case <-d.background.Done():
		return
	}
	text := d.write(d.background, q)
	d.mu.Lock()
	if d.queue.Prepared(q.ID, edits) {
		d.texts[q.ID] = prepared{text, q.Text}
	}
	d.mu.Unlock()
	d.signal()
}

// write writes the text for the agent. If that panics, the question is asked as its
// message says it: the process would panic again after every restart.
func (d *Dispatcher) write(ctx context.Context, q storage.Question) (text string) {
	defer func() {
		if fault := recover(); fault != nil {
			d.logPanic(q.ID, fault)
			text = slackevent.Truncate(q.Text, maxQuestion)
		}
	}()
	return d.prompts.write(ctx, q)
}

// writeWithoutSlack writes the text for the agent if that needs no call of Slack.
func (d *Dispatcher) writeWithoutSlack(q storage.Question) (text string, ok bool) {
	defer func() {
		if fault := recover(); fault != nil {
			d.logPanic(q.ID, fault)
			text, ok = slackevent.Truncate(q.Text, maxQuestion), true
		}
	}()
	return d.prompts.withoutSlack(q)
}

func (d *Dispatcher) logPanic(id storage.MessageID, fault any) {
	d.logFor(id).Error().Interface("panic", fault).Bytes("stack", debug.Stack()).Msg("dispatch: preparing the question panicked, asking it unprepared")
}
