package bot

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"

	"enjobridge/blocks"
	"enjobridge/storage"
)

// deliverer posts the outcome of questions, each exactly once.
type deliverer struct {
	api        *slack.Client
	post       *poster
	store      storage.Store
	indicators *indicators
	agentName  func(agent string) string
	backOff    func(attempt int) time.Duration
	cards      *cards
	// offerTicket and offerPerson say which buttons stand below an answer.
	offerTicket, offerPerson bool
	ending                   sync.WaitGroup // questions whose signs are still to be taken away
}

// ticketHint is what the operator does if a ticket was asked for and none came.
const ticketHint = "check that the agent is set up for ticketing, in the Enjo dashboard"

// signsWithin is how long the thread's next question waits for the signs of the
// one before to be taken away.
const signsWithin = 7 * time.Second

// deliver posts the outcome of an answered question and ends it, once no sign of
// it is left: a process that dies before is followed by one that takes them away.
// With check, a part of the outcome may be posted already, and the thread is read
// for it first. It returns an error only if ctx ended before; the question then
// stays answered, for the next start.
func (d *deliverer) deliver(ctx context.Context, q storage.Question, check bool) error {
	hushed := d.indicators.hush(q)
	posts, err := d.postSafely(ctx, q, check)
	gone := hushed(len(posts) > 0)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	end := endOf(q)
	if err != nil {
		_, _, cure := troubleOf(err)
		zerolog.Ctx(ctx).Warn().Err(err).Str("hint", cure).Msg("outcome could not be posted")
		end = storage.Cancelled
	} else {
		d.markAlong(ctx, q.With)
	}
	timer := time.NewTimer(signsWithin)
	defer timer.Stop()
	select {
	case <-gone:
		return d.end(ctx, q, end, posts)
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
	}
	d.ending.Go(func() {
		select {
		case <-gone:
			if err := d.end(ctx, q, end, posts); err != nil {
				zerolog.Ctx(ctx).Warn().Err(err).Msg("end was not stored")
			}
		case <-ctx.Done():
		}
	})
	return nil
}

// endOf returns the end of a question whose outcome was posted.
func endOf(q storage.Question) storage.State {
	switch q.Outcome.Failure {
	case "":
		return storage.Delivered
	case failureStopped, failureDropped:
		return storage.Cancelled
	}
	return storage.Failed
}

// end ends a question in the store.
func (d *deliverer) end(ctx context.Context, q storage.Question, end storage.State, posts []string) error {
	now := time.Now()
	if err := persist(ctx, d.backOff, func() error { return d.store.End(ctx, q.ID, end, posts, now) }); err != nil {
		return err
	}
	zerolog.Ctx(ctx).Info().Str("state", string(end)).Int("posts", len(posts)).Dur("after", now.Sub(q.AcceptedAt)).Msg("question ended")
	if deleted, err := d.store.Seen(ctx, deletedKey(q.ID)); err == nil && deleted {
		q.Posts = posts
		d.takeDownAnswer(ctx, q)
	}
	return nil
}

// postOutcome posts an answer and brings the card of its ticket up to date. Of a
// question for a ticket's state only what is new is posted.
func (d *deliverer) postOutcome(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	switch {
	case q.Outcome.Failure == failureDropped:
		return nil, nil
	case q.Outcome.Failure == failureStopped:
		return d.postStopped(ctx, q, check)
	case q.Ticket != "":
		return d.postState(ctx, q, check)
	}
	reply := q.Outcome.Reply
	if q.MakesTicket && reply != nil && reply.Ticket == nil {
		zerolog.Ctx(ctx).Warn().Str("hint", ticketHint).Msg("a ticket was asked for, and the agent made none")
	}
	posts, err := d.postAll(ctx, q, check)
	if err != nil || reply == nil || reply.Ticket == nil {
		return posts, err
	}
	card, err := d.cards.show(ctx, q.Thread, reply.Ticket.ID, check)
	if err != nil && ctx.Err() == nil {
		// The answer is there, and that is what was asked for.
		zerolog.Ctx(ctx).Warn().Err(err).Strs("reasons", refusalReasons(err)).Msg("a ticket's card could not be posted")
		err = nil
	}
	return append(posts, card...), err
}

// postAll posts the messages of an outcome, in the richest rendering that Slack
// takes, and returns their timestamps.
func (d *deliverer) postAll(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	rendering := blocks.Markdown
	for {
		messages, err := d.render(ctx, q, rendering)
		if err != nil {
			return nil, err
		}
		posts, err := d.postRendered(ctx, q, messages, check)
		if err == nil {
			return posts, nil
		}
		what, _, _ := troubleOf(err)
		simpler, ok := rendering.Next()
		if what != troubleRefused || !ok || ctx.Err() != nil {
			return posts, err
		}
		zerolog.Ctx(ctx).Warn().Err(err).Strs("reasons", refusalReasons(err)).
			Stringer("rendering", rendering).Stringer("next", simpler).Msg("slack refused a message")
		// The parts before the refused one are posted; the simpler rendering has
		// other parts, so they are taken down.
		d.takeDown(ctx, q.ID.Channel, posts)
		rendering, check = simpler, false
	}
}

// postRendered posts the messages one after the other. Where the outcome of a
// post is unknown the thread is read before it is posted again.
func (d *deliverer) postRendered(ctx context.Context, q storage.Question, messages []blocks.Message, check bool) ([]string, error) {
	to := berth{thread: q.Thread, since: messageTS(q.ID.TS)}
	var posts []string
	for part, m := range messages {
		ts, err := d.post.once(ctx, to, m, mark{question: q.ID, part: part}, check)
		if err != nil {
			return posts, err
		}
		posts = append(posts, ts)
		if m.File == nil {
			continue
		}
		if err := d.post.attach(ctx, to, *m.File, reference(q.ID), check); err != nil {
			return posts, err
		}
	}
	return posts, nil
}

// takeDown deletes posts, as far as Slack lets it.
func (d *deliverer) takeDown(ctx context.Context, channel string, posts []string) {
	for _, ts := range posts {
		if _, _, err := d.api.DeleteMessageContext(ctx, channel, ts); err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("a post could not be taken down")
		}
	}
}

// render returns the messages that tell an outcome, without the card of a ticket.
func (d *deliverer) render(ctx context.Context, q storage.Question, as blocks.Rendering) ([]blocks.Message, error) {
	outcome := q.Outcome
	if outcome.Reply == nil {
		return []blocks.Message{blocks.Notice(failureOf(outcome.Failure).notice(q))}, nil
	}
	view := blocks.AnswerView{Reply: *outcome.Reply, Agent: d.agentName(q.Agent), Question: q.ID.String(), ShowFeedback: true}
	if q.HasFiles {
		view.Note = blocks.NoteFiles
	}
	if err := d.offer(ctx, q, &view); err != nil {
		return nil, err
	}
	messages := blocks.Answer(view, as)
	if q.MakesTicket && outcome.Reply.Ticket == nil {
		messages = append(messages, blocks.NoTicketMade(q.ID.String(), outcome.Reference))
	}
	return messages, nil
}

// offer decides which buttons stand below an answer: a ticket where the thread
// has none yet, a person where there are others to be called.
func (d *deliverer) offer(ctx context.Context, q storage.Question, view *blocks.AnswerView) error {
	view.ShowEscalate = d.offerPerson && q.Thread.Channel[0] != 'D'
	if !d.offerTicket || q.MakesTicket {
		return nil
	}
	return persist(ctx, d.backOff, func() error {
		tickets, err := d.store.Tickets(ctx, q.Thread)
		view.ShowCreateTicket = len(tickets) == 0
		return err
	})
}

// refusalReasons returns what Slack said was wrong with a message.
func refusalReasons(err error) []string {
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return slices.Clone(answer.ResponseMetadata.Messages)
	}
	return nil
}
