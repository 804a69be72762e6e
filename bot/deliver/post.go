package deliver

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// ticketHint is what the operator does if a ticket was asked for and none came.
const ticketHint = "check that the agent is set up for ticketing, in the Enjo dashboard"

// postOutcome posts an answer and brings the card of its ticket up to date. Of a
// question for a ticket's state only what is new is posted.
func (d *Deliverer) postOutcome(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	switch {
	case q.Outcome.Failure == storage.FailureDropped:
		return nil, nil
	case q.Outcome.Failure == storage.FailureStopped:
		return d.postStopped(ctx, q, check)
	case q.Ticket != "":
		return d.postState(ctx, q, check)
	}
	reply := q.Outcome.Reply
	if q.MakesTicket && reply != nil && reply.Ticket == nil {
		zerolog.Ctx(ctx).Warn().Str("hint", ticketHint).Msg("a ticket was asked for, and the agent made none")
	}
	posts, err := d.postAll(ctx, q, check)
	if (err != nil && !errors.Is(err, errRefused)) || reply == nil || reply.Ticket == nil {
		return posts, err
	}
	card, failed := d.Cards.Sync(ctx, q.Thread, reply.Ticket.ID, check)
	if failed != nil && ctx.Err() == nil {
		// The answer is there, and that is what was asked for.
		zerolog.Ctx(ctx).Warn().Err(failed).Strs("reasons", slackapi.RejectionReasons(failed)).Msg("a ticket's card could not be posted")
	}
	return append(posts, card...), err
}

// postAll posts the messages of an outcome, in the richest rendering that Slack
// takes, and returns their timestamps.
func (d *Deliverer) postAll(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	rendering := blocks.Markdown
	if check {
		rendering = d.begunIn(ctx, q)
	}
	for {
		messages, err := d.render(ctx, q, rendering)
		if err != nil {
			return nil, err
		}
		posts, err := d.postRendered(ctx, q, messages, rendering, check)
		if err == nil {
			return posts, nil
		}
		if slackapi.Classify(err).Class != slackapi.Rejected || ctx.Err() != nil {
			return posts, err
		}
		simpler, ok := rendering.Next()
		if !ok {
			return d.postRefused(ctx, q, posts, err)
		}
		zerolog.Ctx(ctx).Warn().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).
			Stringer("rendering", rendering).Stringer("next", simpler).Msg("slack refused a message")
		// The parts before the refused one are posted; the simpler rendering has
		// other parts, so they are taken down.
		d.takeDown(ctx, q.ID.Channel, posts)
		rendering, check = simpler, false
	}
}

// begunIn returns the rendering in which a process before began to post an outcome.
func (d *Deliverer) begunIn(ctx context.Context, q storage.Question) blocks.Rendering {
	var markers []slackapi.Marker
	for rendering, more := blocks.Markdown, true; more; rendering, more = rendering.Next() {
		markers = append(markers, slackapi.Marker{Question: q.ID, Rendering: rendering})
	}
	// If the thread cannot be read, posting reports it.
	if ts, as, err := d.Slack.Find(ctx, TargetOf(q), markers...); err == nil && ts != "" {
		return as.Rendering
	}
	return blocks.Markdown
}

// errRefused says that Slack took no rendering of an answer, and that this was told.
var errRefused = errors.New("slack takes no rendering of the answer")

// postRefused tells that there is an answer of which Slack takes no rendering, in
// place of what was posted of it, and returns [errRefused].
func (d *Deliverer) postRefused(ctx context.Context, q storage.Question, posts []string, why error) ([]string, error) {
	said := Explain(storage.FailureRefused)
	zerolog.Ctx(ctx).Error().Err(why).Strs("reasons", slackapi.RejectionReasons(why)).Str("hint", said.Hint).Msg("slack takes no rendering of an answer")
	d.takeDown(ctx, q.ID.Channel, posts)
	q.Outcome = &storage.Outcome{Failure: storage.FailureRefused, Reference: storage.Reference(q.ID)}
	ts, _, err := d.Slack.PostOnce(ctx, slackapi.Post{
		To: TargetOf(q), Message: blocks.Notice(said.Notice(q)), Marker: slackapi.Marker{Question: q.ID, Part: partRefused}, Check: true,
	})
	if err != nil {
		return nil, err
	}
	return []string{ts}, errRefused
}

// partRefused marks the post that tells so; an outcome's parts count from 0.
const partRefused = -3

// TargetOf is where the outcome of a question is posted.
func TargetOf(q storage.Question) slackapi.Target {
	return slackapi.Target{Thread: q.Thread, Since: storage.MessageTS(q.ID.TS)}
}

// postRendered posts the messages one after the other. Where the outcome of a
// post is unknown the thread is read before it is posted again.
func (d *Deliverer) postRendered(ctx context.Context, q storage.Question, messages []blocks.Message, as blocks.Rendering, check bool) ([]string, error) {
	to := TargetOf(q)
	var posts []string
	for part, m := range messages {
		ts, _, err := d.Slack.PostOnce(ctx, slackapi.Post{
			To: to, Message: m, Marker: slackapi.Marker{Question: q.ID, Part: part, Rendering: as}, Check: check,
		})
		if err != nil {
			return posts, err
		}
		posts = append(posts, ts)
		if m.File == nil {
			continue
		}
		if err := d.Slack.UploadOnce(ctx, to, *m.File, storage.Reference(q.ID), check); err != nil {
			return posts, err
		}
	}
	return posts, nil
}

// takeDown deletes posts, as far as Slack lets it.
func (d *Deliverer) takeDown(ctx context.Context, channel string, posts []string) {
	for _, ts := range posts {
		if err := d.Slack.Delete(ctx, channel, ts); err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("a post could not be taken down")
		}
	}
}

// render returns the messages that tell an outcome, without the card of a ticket.
func (d *Deliverer) render(ctx context.Context, q storage.Question, as blocks.Rendering) ([]blocks.Message, error) {
	outcome := q.Outcome
	if outcome.Reply == nil {
		return []blocks.Message{blocks.Notice(Explain(outcome.Failure).Notice(q))}, nil
	}
	view := blocks.AnswerView{Reply: *outcome.Reply, Agent: d.AgentName(q.Agent), Question: q.ID.String(), ShowFeedback: true}
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
func (d *Deliverer) offer(ctx context.Context, q storage.Question, view *blocks.AnswerView) error {
	view.ShowEscalate = d.OfferPerson && q.Thread.Channel[0] != 'D'
	if !d.OfferTicket || q.MakesTicket {
		return nil
	}
	return storage.Retry(ctx, d.BackOff, func() error {
		tickets, err := d.Store.Tickets(ctx, q.Thread)
		view.ShowCreateTicket = len(tickets) == 0
		return err
	})
}
