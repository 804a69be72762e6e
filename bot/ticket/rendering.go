package ticket

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// nameTimeout bounds the look-up of the requester's name: a card does not wait for it.
const nameTimeout = 5 * time.Second

// view returns what a card shows.
func (c *Cards) view(ctx context.Context, t storage.Ticket) blocks.TicketView {
	v := blocks.TicketView{Ticket: t.Latest}
	if closed, err := c.isClosed(ctx, t.Latest); err == nil {
		v.Closed = closed
	}
	if t.Requester != "" {
		brief, cancel := context.WithTimeout(ctx, nameTimeout)
		defer cancel()
		v.Requester = c.slack.Names(brief, t.Thread.Channel).User(t.Requester)
	}
	return v
}

// postCard posts the card of a ticket once, as sections if Slack refuses the card block.
// It returns like [Cards.post].
func (c *Cards) postCard(ctx context.Context, t storage.Ticket, what string, check bool) (ts string, posted bool, err error) {
	v := c.view(ctx, t)
	rich := postOf(t, blocks.Ticket(v, blocks.Rich), what, partCard, check)
	rich.Brief = true
	ts, posted, err = c.slack.PostOnce(ctx, rich)
	if !refused(ctx, err) {
		return ts, posted, err
	}
	logRefused(ctx, t, err)
	mayBePosted := slackapi.Classify(err).Class == slackapi.Unexpected || errors.Is(err, slackapi.ErrUnsure)
	return c.post(ctx, t, blocks.Ticket(v, blocks.Markdown), what, partCard, check || mayBePosted)
}

// updateCard makes the card of a ticket show its latest state, as sections if Slack
// refuses the card block.
func (c *Cards) updateCard(ctx context.Context, t storage.Ticket) error {
	v := c.view(ctx, t)
	err := c.slack.Update(ctx, t.Thread.Channel, t.Card, blocks.Ticket(v, blocks.Rich))
	if !refused(ctx, err) || slices.Contains(unchangeable, slackapi.ErrorCode(err)) {
		return err
	}
	logRefused(ctx, t, err)
	return c.slack.Update(ctx, t.Thread.Channel, t.Card, blocks.Ticket(v, blocks.Markdown))
}

// unchangeable are Slack's errors for messages that cannot be changed to anything.
// https://docs.slack.dev/reference/methods/chat.update#errors
var unchangeable = []string{"message_not_found", "cant_update_message", "edit_window_closed"}

// refused reports whether Slack may accept a simpler rendering.
func refused(ctx context.Context, err error) bool {
	class := slackapi.Classify(err).Class
	return (class == slackapi.Rejected || class == slackapi.Unexpected) && ctx.Err() == nil
}

// logRefused logs why Slack refused a card. Slack's reasons have JSON pointers to the parts
// that it does not accept.
func logRefused(ctx context.Context, t storage.Ticket, err error) {
	zerolog.Ctx(ctx).Warn().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Str("ticket", t.Latest.ID).
		Msg("ticket: slack refused a card, using sections")
}
