package deliver

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// postState shows what a question for a ticket's state brought: the card and a
// line if something is new, also of another ticket that the agent told of
// instead. If nothing is, only who asked is told, what the agent said if that was
// not about the ticket.
func (d *Deliverer) postState(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	reply := q.Outcome.Reply
	if reply == nil {
		d.tellAsker(ctx, q, blocks.Notice(Explain(q.Outcome.Failure).said(q)))
		return nil, nil
	}
	posts, err := d.Cards.Sync(ctx, q.Thread, q.Ticket, check)
	if err != nil {
		return posts, err
	}
	switch {
	case reply.Ticket != nil && reply.Ticket.ID != q.Ticket:
		other, err := d.postOther(ctx, q, check)
		d.tellAsker(ctx, q, d.quote(q)...)
		return append(posts, other...), err
	case len(posts) > 0:
		return posts, nil
	case reply.Ticket == nil:
		d.tellAsker(ctx, q, d.quote(q)...)
		return nil, nil
	}
	t, err := d.Cards.Ticket(ctx, q.Thread, q.Ticket)
	if err != nil {
		return nil, err
	}
	d.tellAsker(ctx, q, blocks.TicketSame(t.Latest))
	return nil, nil
}

// postOther shows another ticket than the one that was asked for.
func (d *Deliverer) postOther(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	posts, err := d.Cards.Sync(ctx, q.Thread, q.Outcome.Reply.Ticket.ID, check)
	if err != nil && ctx.Err() == nil {
		// Who asked is told all the same.
		zerolog.Ctx(ctx).Warn().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Msg("a ticket's card could not be posted")
		err = nil
	}
	return posts, err
}

// quote returns what the agent said, in all its parts, without anything to press.
func (d *Deliverer) quote(q storage.Question) []blocks.Message {
	return blocks.Answer(blocks.AnswerView{Reply: *q.Outcome.Reply, Agent: d.AgentName(q.Agent)}, blocks.Mrkdwn)
}

// tellTimeout bounds the telling of something to the asker alone.
const tellTimeout = time.Minute

// tellAsker tells something to who asked a question, alone, as well as it can be.
func (d *Deliverer) tellAsker(ctx context.Context, q storage.Question, messages ...blocks.Message) {
	for _, m := range messages {
		within, cancel := context.WithTimeout(ctx, tellTimeout)
		err := d.Slack.PostEphemeral(within, q.ID.Channel, q.Thread.Root, q.Asker, m)
		cancel()
		if err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("asker could not be told")
			return
		}
	}
}
