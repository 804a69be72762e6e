package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// cards keep one living card for each ticket and thread. What the agent or the
// ticketing system told of a ticket is in the store before it is shown, and the
// store knows what the card shows; so whatever happens in between, the
// difference is shown, once.
type cards struct {
	store   storage.Store
	post    *poster
	backOff func(attempt int) time.Duration
	turns   *turns // by the ticket
}

func newCards(store storage.Store, post *poster, backOff func(attempt int) time.Duration) *cards {
	return &cards{store: store, post: post, backOff: backOff, turns: newTurns()}
}

// The parts of what is posted of a ticket's news.
const (
	partCard = iota
	partChange
	partSolved
)

// show brings the card of a ticket up to date, and says in the thread what has
// changed. It returns the timestamps of what was posted: nothing if nothing a
// reader cares for has. With check, it may have been shown already.
func (c *cards) show(ctx context.Context, thread storage.ThreadID, id string, check bool) ([]string, error) {
	done, err := c.turns.take(ctx, thread.String()+"/"+id)
	if err != nil {
		return nil, err
	}
	defer done()
	t, err := c.ticket(ctx, thread, id)
	switch {
	case err != nil:
		return nil, err
	case t.Card == "":
		return c.first(ctx, t, check)
	case t.Shown == t.Told:
		return nil, nil
	}
	return c.change(ctx, t, check)
}

// ticket returns a ticket of a thread.
func (c *cards) ticket(ctx context.Context, thread storage.ThreadID, id string) (found storage.Ticket, err error) {
	err = persist(ctx, c.backOff, func() error {
		tickets, err := c.store.Tickets(ctx, thread)
		if err != nil {
			return err
		}
		for _, t := range tickets {
			if t.Told.ID == id {
				found = t
				return nil
			}
		}
		return storage.ErrNotFound
	})
	return found, err
}

// first posts the card of a ticket.
func (c *cards) first(ctx context.Context, t storage.Ticket, check bool) ([]string, error) {
	ts, err := c.post.once(ctx, berthOf(t), blocks.Ticket(t.Told), markOfTicket(t, "card", partCard), check)
	if err != nil {
		return nil, err
	}
	return []string{ts}, c.shown(ctx, t, ts)
}

// change edits the card, and says what changed. If the card is gone, it is
// posted again.
func (c *cards) change(ctx context.Context, t storage.Ticket, check bool) ([]string, error) {
	var posts []string
	news := digest(t.Told)
	if line, changed := blocks.TicketChange(t.Shown, t.Told); changed {
		ts, err := c.post.once(ctx, berthOf(t), line, markOfTicket(t, news, partChange), check)
		if err != nil {
			return nil, err
		}
		posts = append(posts, ts)
	}
	if closed(t.Told) && !closed(t.Shown) {
		ts, err := c.post.once(ctx, berthOf(t), blocks.Solved(t.Told), markOfTicket(t, news, partSolved), check)
		if err != nil {
			return posts, err
		}
		posts = append(posts, ts)
	}
	err := c.post.update(ctx, t.Thread.Channel, t.Card, blocks.Ticket(t.Told))
	if slackError(err) == "message_not_found" {
		zerolog.Ctx(ctx).Info().Str("ticket", t.Told.ID).Msg("a ticket's card was deleted; it is posted again")
		again, err := c.post.once(ctx, berthOf(t), blocks.Ticket(t.Told), markOfTicket(t, news, partCard), check)
		if err != nil {
			return posts, err
		}
		return append(posts, again), c.shown(ctx, t, again)
	}
	if err != nil {
		return posts, err
	}
	return posts, c.shown(ctx, t, t.Card)
}

// shown remembers what the card of a ticket shows.
func (c *cards) shown(ctx context.Context, t storage.Ticket, ts string) error {
	return persist(ctx, c.backOff, func() error { return c.store.SetCard(ctx, t.Thread, t.Told.ID, ts, t.Told) })
}

// berthOf is where a ticket's card and news are posted. Everything of a ticket
// comes after the last time that something was told of it.
func berthOf(t storage.Ticket) berth {
	return berth{thread: t.Thread, since: timestamp(t.UpdatedAt.Add(-time.Minute))}
}

// markOfTicket marks a post about a ticket: its card, or news of it.
func markOfTicket(t storage.Ticket, what string, part int) mark {
	sum := sha256.Sum256([]byte(t.Told.ID))
	id := storage.MessageID{Team: t.Thread.Team, Channel: t.Thread.Channel, TS: t.Thread.Root + ofButton + hex.EncodeToString(sum[:6]) + "/" + what}
	return mark{question: id, part: part}
}

// digest tells states of a ticket apart.
func digest(t enjo.Ticket) string {
	text, err := json.Marshal(t)
	if err != nil {
		return "" // cannot happen: a ticket is made of strings and times
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}
