package bot

import (
	"context"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// checkStatus asks the agent how far a ticket is, in the conversation of its thread.
func (d *desk) checkStatus(ctx context.Context, i slackevent.Interaction) (func(), error) {
	t, err := d.knownTicket(ctx, i)
	if err != nil {
		return nil, err
	}
	return d.askSoon(ctx, i, "check", storage.Question{
		Thread: t.Thread, Ticket: t.Told.ID, Text: prompt(d.cfg.TicketStatusPrompt, t),
	})
}

// postState shows what a question for a ticket's state brought: the card and a
// line if something is new, also of another ticket that the agent told of
// instead. If nothing is, only who asked is told, what the agent said if that was
// not about the ticket.
func (d *deliverer) postState(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	reply := q.Outcome.Reply
	if reply == nil {
		d.whisper(ctx, q, blocks.Notice(failureOf(q.Outcome.Failure).said(q)))
		return nil, nil
	}
	posts, err := d.cards.Sync(ctx, q.Thread, q.Ticket, check)
	if err != nil {
		return posts, err
	}
	switch {
	case reply.Ticket != nil && reply.Ticket.ID != q.Ticket:
		other, err := d.postOther(ctx, q, check)
		d.whisper(ctx, q, d.said(q)...)
		return append(posts, other...), err
	case len(posts) > 0:
		return posts, nil
	case reply.Ticket == nil:
		d.whisper(ctx, q, d.said(q)...)
		return nil, nil
	}
	t, err := d.cards.Ticket(ctx, q.Thread, q.Ticket)
	if err != nil {
		return nil, err
	}
	d.whisper(ctx, q, blocks.TicketSame(t.Told))
	return nil, nil
}

// postOther shows another ticket than the one that was asked for.
func (d *deliverer) postOther(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	posts, err := d.cards.Sync(ctx, q.Thread, q.Outcome.Reply.Ticket.ID, check)
	if err != nil && ctx.Err() == nil {
		// Who asked is told all the same.
		zerolog.Ctx(ctx).Warn().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Msg("a ticket's card could not be posted")
		err = nil
	}
	return posts, err
}

// said returns what the agent said, in all its parts, without anything to press.
func (d *deliverer) said(q storage.Question) []blocks.Message {
	return blocks.Answer(blocks.AnswerView{Reply: *q.Outcome.Reply, Agent: d.agentName(q.Agent)}, blocks.Mrkdwn)
}

// whisper tells something to who asked a question, alone, as well as it can be.
func (d *deliverer) whisper(ctx context.Context, q storage.Question, messages ...blocks.Message) {
	for _, m := range messages {
		within, cancel := context.WithTimeout(ctx, tellWithin)
		err := d.slack.PostEphemeral(within, q.ID.Channel, q.Thread.Root, q.Asker, m)
		cancel()
		if err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("asker could not be told")
			return
		}
	}
}
