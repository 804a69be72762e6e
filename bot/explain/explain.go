// Package explain tells operators what became of a message in Slack, and why: which copies
// of it arrived, what was decided, and how its question went. If nothing is stored about
// it, the message is read from Slack, and the explanation says what would be decided now,
// and why its event may never have arrived. It shows no texts.
package explain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/bot/intake"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

const (
	// slackTimeout bounds all calls to Slack for one explanation: an operator waits for it.
	slackTimeout = 10 * time.Second
	// maxLinks is how many posts get a link.
	maxLinks = 5
)

// Config configures an [Explainer].
type Config struct {
	Store     storage.Store
	Slack     *slackapi.Client
	Self      slackevent.Identity
	AgentView bool
	// Retention is how long records are stored, and Started is when the process connected.
	Retention time.Duration
	Started   time.Time
	// Flush stores what was decided in the last second.
	Flush func(ctx context.Context)
	// Verdict returns what would be decided about a message now.
	Verdict func(ctx context.Context, m slackevent.Message) (intake.Verdict, error)
	// Identify looks up whether a user belongs to the bot's organisation; nil if everyone is
	// served.
	Identify func(ctx context.Context, user string) (slackevent.Membership, error)
	// ReadUntil returns the time up to which the history of a conversation has been read.
	ReadUntil func(ctx context.Context, conversation string) (time.Time, error)
	// Health returns the state of the bot.
	Health func() telemetry.Report
	Now    func() time.Time
}

// Explainer explains messages.
type Explainer struct{ Config }

// New returns an explainer.
func New(cfg Config) *Explainer { return &Explainer{cfg} }

// ErrNoReference means that nothing is stored under a reference.
var ErrNoReference = errors.New("nothing is stored under this reference: it is mistyped, too old, or another enjobridge's; use a link to the message")

// Explain returns what is known about a message. ErrNoReference.
func (e *Explainer) Explain(ctx context.Context, t Target) (Explanation, error) {
	e.Flush(ctx)
	id := t.message(e.Self.TeamID)
	if t.Reference != "" {
		found, err := e.Store.Referenced(ctx, t.Reference)
		switch {
		case err != nil:
			return Explanation{}, err
		case len(found) == 0:
			return Explanation{}, ErrNoReference
		}
		id = found[len(found)-1]
		t = Target{Channel: id.Channel, TS: id.TS}
	}
	x, known, err := e.stored(ctx, id, t.Thread)
	if err != nil || known {
		return x, err
	}
	return e.unknown(ctx, x, id, t)
}

// stored returns what the store knows about a message, and whether that is anything.
func (e *Explainer) stored(ctx context.Context, id storage.MessageID, root string) (x Explanation, known bool, err error) {
	x = Explanation{Message: id.String(), Reference: storage.Reference(id)}
	if at := slackevent.ParseTS(storage.MessageTS(id.TS)); at.Unix() > 0 {
		x.SentAt = at.UTC()
	}
	h, err := e.Store.History(ctx, id)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return x, false, err
	}
	for _, c := range h.Copies {
		x.Copies = append(x.Copies, Copy{c.At, c.Event, c.Retry, c.Decision, c.Reason})
	}
	x.OmittedCopies = h.Omitted
	if x.Marks, err = e.marks(ctx, id); err != nil {
		return x, false, err
	}
	thread := slackevent.Message{ID: id, ThreadTS: root}.Thread(e.AgentView)
	q, err := e.Store.Question(ctx, id)
	switch {
	case err == nil:
		thread = q.Thread
		if x.Question, err = e.question(ctx, q); err != nil {
			return x, false, err
		}
	case !errors.Is(err, storage.ErrNotFound):
		return x, false, err
	}
	if err := e.addThread(ctx, &x, thread); err != nil {
		return x, false, err
	}
	known = len(x.Copies) > 0 || len(x.Marks) > 0 || x.Question != nil
	x.Summary, x.Advice = x.summarize(e.Now(), e.Health())
	return x, known, nil
}

// outlined returns those facts of a question that are in it.
func outlined(q storage.Question) *Question {
	facts := &Question{
		State: q.State, Origin: q.Origin, Asker: q.Asker, Agent: q.Agent, Private: q.Thread.IsPrivate(), AcceptedAt: q.AcceptedAt, AskedAt: q.AskedAt,
		AnsweredAt: q.AnsweredAt, EndedAt: q.EndedAt, NotBefore: q.NotBefore, Attempts: q.Attempts, UnknownAttempts: q.UnknownAttempts,
	}
	if o := q.Outcome; o != nil {
		facts.Replied, facts.Failure, facts.Reference, facts.Retracted = o.Reply != nil, string(o.Failure), o.Reference, o.Retracted
	}
	for _, id := range q.With {
		facts.With = append(facts.With, id.String())
	}
	return facts
}

// question returns the facts of a question.
func (e *Explainer) question(ctx context.Context, q storage.Question) (*Question, error) {
	facts := outlined(q)
	links, cancel := context.WithTimeout(ctx, slackTimeout)
	defer cancel()
	for n, ts := range q.Posts {
		post := Post{TS: ts}
		if at := slackevent.ParseTS(ts); at.Unix() > 0 {
			post.At = at.UTC()
		}
		if n < maxLinks {
			post.Link = e.Slack.Permalink(links, q.ID.Channel, ts)
		}
		facts.Posts = append(facts.Posts, post)
	}
	if err := e.addLead(ctx, facts, q); err != nil {
		return nil, err
	}
	feedback, err := e.Store.Feedback(ctx, q.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range feedback {
		if f.Good {
			facts.Good++
		} else {
			facts.Bad++
		}
	}
	return facts, nil
}

// maxLeads bounds how many questions are followed that were merged one into another.
const maxLeads = 100

// addLead adds the question with which a merged one was asked, and what became of that.
func (e *Explainer) addLead(ctx context.Context, facts *Question, q storage.Question) error {
	lead := q
	for n := 0; n < maxLeads && lead.Lead != (storage.MessageID{}); n++ {
		next, err := e.Store.Question(ctx, lead.Lead)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		lead = next
	}
	if lead.ID == q.ID {
		return nil
	}
	facts.Lead = lead.ID.String()
	facts.LeadSummary, facts.leadAdvice = outlined(lead).summarize(e.Now(), e.Health())
	return nil
}

// addThread adds the thread of the message and its tickets, if the store knows it.
func (e *Explainer) addThread(ctx context.Context, x *Explanation, id storage.ThreadID) error {
	thread, err := e.Store.Thread(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	unfinished, err := e.Store.UnfinishedIn(ctx, id)
	if err != nil {
		return err
	}
	x.Thread = &Thread{
		ID: id.String(), Agent: thread.Agent, Conversation: thread.Conversation != "", Joined: thread.Joined, Muted: thread.Muted,
		Askers: len(thread.Askers), Unfinished: len(unfinished), LastActive: thread.LastActive,
	}
	if x.Question != nil && id.IsPrivate() && thread.Continues != (storage.ThreadID{}) {
		x.Question.Shared = thread.Continues.String()
	}
	tickets, err := e.Store.Tickets(ctx, id)
	for _, t := range tickets {
		x.Tickets = append(x.Tickets, Ticket{t.Latest.ID, t.Latest.Status, t.UpdatedAt})
	}
	return err
}

// marks returns sentences about the keys that are stored about a message.
func (e *Explainer) marks(ctx context.Context, id storage.MessageID) (marks []string, err error) {
	for _, mark := range []struct {
		key  storage.Key
		says string
	}{
		{storage.RefusedKey(id), "The bot decided not to ask it."},
		{storage.OfferedKey(id), "Its sender was asked whether an answer is still needed."},
		{storage.IgnoredKey(id), "It was ignored, because its thread was muted."},
		{storage.ReactedKey(id), "It got a reaction."},
		{storage.StopKey(id), "It stops the questions of its thread."},
		{storage.MuteKey(id), "It mutes its thread."},
		{storage.DeletedKey(id), "It was deleted."},
		{storage.EditedKey(id), "Its sender was offered to ask again after an edit."},
		{storage.OutageNoticeKey(id), "Its sender was told that the agent is down, and that the question is saved."},
	} {
		seen, err := e.Store.Seen(ctx, mark.key)
		if err != nil {
			return nil, fmt.Errorf("looking for a message's records: %w", err)
		}
		if seen {
			marks = append(marks, mark.says)
		}
	}
	return marks, nil
}
