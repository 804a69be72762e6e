package interact

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/deliver"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// exchangeTimeout bounds the reading of a thread for a call, in which a read that fails is
	// repeated up to exchangeAttempts times: people are called without it rather than late.
	exchangeTimeout  = 10 * time.Second
	exchangeAttempts = 4
	// exchangeNames is how many people and channels are looked up for a call.
	exchangeNames = 20
)

// describe returns what people who are called should know: who needs help, what for, and
// where. It leaves out what cannot be read.
func (h *Handler) describe(ctx context.Context, i slackevent.Interaction, q storage.Question) blocks.EscalationView {
	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	call := blocks.EscalationView{By: i.User}
	asker := i.User
	if q.Asker != i.User && !q.ByBot {
		call.For, asker = q.Asker, q.Asker
	}
	known, _ := h.Slack.User(ctx, asker)
	call.Name = known.Name
	if tickets, err := h.Store.Tickets(ctx, q.Thread); err == nil && len(tickets) > 0 {
		call.Ticket = &tickets[len(tickets)-1].Latest
	}
	unfinished, _ := h.Store.UnfinishedIn(ctx, q.Thread)
	call.Waiting = slices.ContainsFunc(unfinished, func(q storage.Question) bool { return q.State != storage.Answered })

	var e exchange
	err := h.Slack.Retry(ctx, exchangeAttempts, func() (err error) {
		e, err = h.readExchange(ctx, q)
		return err
	})
	if err != nil {
		h.Log.Warn().Err(err).Str("question", q.ID.String()).Str("hint", slackapi.Classify(err).Hint).
			Msg("interact: reading a thread for a call failed, calling people without its texts")
	}
	e = e.after(i.Value, q.Thread.Root)
	names := h.Slack.Names(ctx, q.Thread.Channel).Limited(exchangeNames)
	plain := func(text string) string {
		return strings.Join(strings.Fields(slackevent.PlainText(text, h.Self.UserID, names)), " ")
	}
	call.First, call.Latest, call.Reply = plain(e.first.Content), plain(e.latest.Content), plain(e.reply.Text)
	call.Link = h.Slack.Permalink(ctx, q.ID.Channel, messageOf(q))
	return call
}

// messageOf returns the timestamp of the message that asks a question. A button's question
// repeats one, or belongs to the thread's.
func messageOf(q storage.Question) string {
	switch {
	case len(q.Again) > 0:
		return storage.MessageTS(q.Again[0].TS)
	case q.Origin == storage.Button && q.Thread.Root != "":
		return q.Thread.Root
	}
	return storage.MessageTS(q.ID.TS)
}

// exchange is what people who are called should read of a thread.
type exchange struct {
	first  slackevent.Posted // the first question
	latest slackevent.Posted // the latest one, if it is another
	reply  slackevent.Posted // the reply to the latest one
}

// readExchange reads the exchange of a question's thread. Direct messages without threads
// begin with the question, and Slack has none of a private thread.
func (h *Handler) readExchange(ctx context.Context, q storage.Question) (exchange, error) {
	if q.Thread.IsPrivate() {
		return exchange{}, nil
	}
	in := slackapi.Range{Metadata: true}
	if q.Thread.Root == "" {
		in.Oldest, in.Inclusive = messageOf(q), true
	}
	var questions, replies []slackevent.Posted
	var other slackevent.Posted // what there is instead of a question: the root, or the message
	for m, err := range h.Slack.Messages(ctx, q.Thread, in) {
		if err != nil {
			return exchange{}, err
		}
		switch {
		case h.Slack.Own(m) && h.isReply(ctx, m):
			replies = append(replies, m)
		case h.isShared(m): // a shared answer begins with its question
			questions = append(questions, m)
		case h.Slack.Own(m):
			if m.TS == q.Thread.Root {
				other = m
			}
		case h.isQuestion(ctx, q.Thread, m):
			questions = append(questions, m)
		case m.TS == q.Thread.Root || m.TS == messageOf(q) && other.TS == "":
			other = m
		}
	}
	return newExchange(questions, replies, other), nil
}

// after returns the exchange with the question and the reply before it that the value of the
// pressed button has: Slack has no message of the question, and that of the reply, which can be
// the root, repeats the question.
func (e exchange) after(value, root string) exchange {
	_, asked, reply := deliver.CutExchange(value)
	if asked+reply == "" {
		return e
	}
	if e.latest.TS == "" && e.first.BotID == "" {
		e.latest = e.first
	}
	e.first = slackevent.Posted{Content: asked}
	if e.latest.TS == "" && (e.reply.TS == "" || e.reply.TS == root) {
		e.reply = slackevent.Posted{Text: reply}
	}
	return e
}

// newExchange picks the exchange of a thread. A reply from before the latest question is no
// reply to it.
func newExchange(questions, replies []slackevent.Posted, other slackevent.Posted) exchange {
	byTime := func(a, b slackevent.Posted) int { return storage.CompareTS(a.TS, b.TS) }
	slices.SortFunc(questions, byTime)
	slices.SortFunc(replies, byTime)
	e := exchange{first: other}
	last := other.TS
	if n := len(questions); n > 0 {
		e.first, last = questions[0], questions[n-1].TS
		if n > 1 {
			e.latest = questions[n-1]
		}
	}
	if n := len(replies); n > 0 && storage.CompareTS(replies[n-1].TS, last) > 0 {
		e.reply = replies[n-1]
	}
	return e
}

// isQuestion reports whether a message was put to the agent, or will be.
func (h *Handler) isQuestion(ctx context.Context, thread storage.ThreadID, m slackevent.Posted) bool {
	q, err := h.Store.Question(ctx, storage.MessageID{Team: thread.Team, Channel: thread.Channel, TS: m.TS})
	return err == nil && !q.WantsPerson
}

// isReply reports whether a post of the bot is the beginning of a reply to a question.
func (h *Handler) isReply(ctx context.Context, m slackevent.Posted) bool {
	marker, ok := h.Slack.MarkerOf(m)
	if !ok || !deliver.IsReply(marker.Part) {
		return false
	}
	q, err := h.Store.Question(ctx, marker.Question)
	return err == nil && !q.WantsPerson && cmp.Or(m.Text, m.Content) != ""
}

// isShared reports whether a post of the bot is the beginning of a shared answer.
func (h *Handler) isShared(m slackevent.Posted) bool {
	marker, ok := h.Slack.MarkerOf(m)
	return ok && marker.Part == 0 && deliver.IsShared(marker.Question)
}
