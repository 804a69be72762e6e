package deliver

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// postTicketStatus shows the outcome of a question about a ticket's status: the card and
// a line if something changed, also of another ticket that the agent named instead. If
// nothing changed, only the asker sees the answer.
func (d *Deliverer) postTicketStatus(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	reply := q.Outcome.Reply
	if reply == nil {
		d.notifyAsker(ctx, q, blocks.Notice(Explain(q.Outcome.Failure).text(q)))
		return nil, nil
	}
	posts, err := d.Cards.Sync(ctx, q.Thread, q.Ticket, check)
	if err != nil {
		return posts, err
	}
	switch {
	case reply.Ticket != nil && reply.Ticket.ID != q.Ticket:
		other, err := d.syncCard(ctx, q, check)
		d.notifyAsker(ctx, q, d.quote(q)...)
		return append(posts, other...), err
	case len(posts) > 0:
		return posts, nil
	case reply.Ticket == nil:
		d.notifyAsker(ctx, q, d.quote(q)...)
		return nil, nil
	}
	t, err := d.Cards.Ticket(ctx, q.Thread, q.Ticket)
	if err == nil {
		d.notifyAsker(ctx, q, blocks.TicketSame(t.Latest))
	}
	return nil, err
}

// quote returns all parts of the agent's answer, without buttons.
func (d *Deliverer) quote(q storage.Question) []blocks.Message {
	return blocks.Answer(blocks.AnswerView{Reply: *q.Outcome.Reply, Agent: d.AgentName(q.Agent), Whole: true}, blocks.Mrkdwn)
}

// notifyTimeout bounds one ephemeral message to the asker.
const notifyTimeout = time.Minute

// notifyAsker shows messages to the asker alone. It gives up at the first failure.
func (d *Deliverer) notifyAsker(ctx context.Context, q storage.Question, messages ...blocks.Message) {
	for _, m := range messages {
		within, cancel := context.WithTimeout(ctx, notifyTimeout)
		err := d.Slack.PostPrivately(within, q.ID.Channel, q.Thread.Root, q.Asker, m)
		cancel()
		if err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Str("hint", slackapi.Classify(err).Hint).Msg("deliver: notifying the asker failed")
			return
		}
	}
}
