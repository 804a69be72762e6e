package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// checkStatus asks the agent how far a ticket is, in the conversation of its thread.
func (d *desk) checkStatus(ctx context.Context, i interaction) (func(), error) {
	t, err := d.knownTicket(ctx, i)
	if err != nil {
		return nil, err
	}
	return d.askSoon(ctx, i, "check", storage.Question{
		Thread: t.Thread, Ticket: t.Told.ID, Text: prompt(d.cfg.TicketStatusPrompt, t),
	})
}

// postState shows what a question for a ticket's state brought: the card and a
// line if something is new. If nothing is, only who asked is told.
func (d *deliverer) postState(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	reply := q.Outcome.Reply
	if reply == nil {
		d.whisper(ctx, q, blocks.Notice(failureOf(q.Outcome.Failure).said(q)))
		return nil, nil
	}
	posts, err := d.cards.show(ctx, q.Thread, q.Ticket, check)
	if err != nil || len(posts) > 0 {
		return posts, err
	}
	if reply.Ticket == nil {
		d.whisper(ctx, q, blocks.Answer(blocks.AnswerView{Reply: *reply, Agent: d.agentName(q.Agent)}, blocks.Mrkdwn)[0])
		return nil, nil
	}
	t, err := d.cards.ticket(ctx, q.Thread, q.Ticket)
	if err != nil {
		return nil, err
	}
	d.whisper(ctx, q, blocks.TicketSame(t.Told))
	return nil, nil
}

// whisper tells something to who asked a question, alone, as well as it can be.
func (d *deliverer) whisper(ctx context.Context, q storage.Question, m blocks.Message) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	if err := d.post.whisper(ctx, q.ID.Channel, q.Thread.Root, q.Asker, m); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("asker could not be told")
	}
}

// closedWords are what ticketing systems call a ticket that is done with.
var closedWords = []string{"closed", "resolved", "done", "completed", "complete", "cancelled", "canceled", "solved", "fixed", "rejected"}

// closed reports whether a ticket is done with.
func closed(t enjo.Ticket) bool {
	return slices.Contains(closedWords, strings.ToLower(strings.TrimSpace(t.Status)))
}
