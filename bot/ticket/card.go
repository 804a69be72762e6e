// Package ticket shows tickets: one card for each ticket and thread, which follows
// what the agent and the ticketing system report. It does not know who asks, or how
// answers are posted.
package ticket

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/keylock"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Cards keep one living card for each ticket and thread. What the agent or the
// ticketing system told of a ticket is in the store before it is shown, and the
// store knows what the card shows; so whatever happens in between, the
// difference is shown, once.
type Cards struct {
	store   storage.Store
	slack   *slackapi.Client
	backOff func(attempt int) time.Duration
	locks   keylock.Locks // by the ticket
}

// NewCards returns the cards of the tickets in a store.
func NewCards(store storage.Store, client *slackapi.Client, backOff func(attempt int) time.Duration) *Cards {
	return &Cards{store: store, slack: client, backOff: backOff}
}

// changeTimeout bounds one attempt to change a card that was posted.
const changeTimeout = 2 * time.Minute

// The parts of what is posted of a ticket's news.
const (
	partCard = iota
	partChange
	partSolved
)

// Sync brings the card of a ticket up to date, and says in the thread what has
// changed. It returns the timestamps of what was posted: nothing if nothing a
// reader cares for has. With check, it may have been shown already.
func (c *Cards) Sync(ctx context.Context, thread storage.ThreadID, id string, check bool) ([]string, error) {
	done, err := c.locks.Lock(ctx, thread.String()+"/"+id)
	if err != nil {
		return nil, err
	}
	defer done()
	t, err := c.Ticket(ctx, thread, id)
	switch {
	case err != nil:
		return nil, err
	case t.Card == "":
		return c.firstAndLater(ctx, t, check)
	case t.Shown == t.Latest:
		return nil, nil
	}
	// The reconciler takes over what takes longer.
	ctx, cancel := context.WithTimeout(ctx, changeTimeout)
	defer cancel()
	return c.change(ctx, t, check)
}

// Ticket returns a ticket of a thread.
func (c *Cards) Ticket(ctx context.Context, thread storage.ThreadID, id string) (found storage.Ticket, err error) {
	err = storage.Retry(ctx, c.backOff, func() error {
		tickets, err := c.store.Tickets(ctx, thread)
		if err != nil {
			return err
		}
		for _, t := range tickets {
			if t.Latest.ID == id {
				found = t
				return nil
			}
		}
		return storage.ErrNotFound
	})
	return found, err
}

// firstAndLater posts the card of a ticket, and shows the news that came while it
// was posted: they are left to whoever posts the card.
func (c *Cards) firstAndLater(ctx context.Context, t storage.Ticket, check bool) ([]string, error) {
	posts, err := c.first(ctx, t, check)
	if err != nil {
		return posts, err
	}
	if t, err = c.Ticket(ctx, t.Thread, t.Latest.ID); err != nil || !t.Outdated() {
		return posts, err
	}
	later, err := c.change(ctx, t, check)
	return append(posts, later...), err
}

// first posts the card of a ticket. One that a process before has posted may show
// less than what is told by now, so it is edited.
func (c *Cards) first(ctx context.Context, t storage.Ticket, check bool) ([]string, error) {
	as := markOfTicket(t, "card", partCard)
	ts, posted, err := c.slack.PostOnce(ctx, slackapi.Post{To: targetOfTicket(t), Message: blocks.Ticket(t.Latest), Marker: as, Check: check})
	if err != nil {
		return nil, err
	}
	asked, err := c.askSolved(ctx, t, check)
	posts := append([]string{ts}, asked...)
	switch {
	case err != nil:
		return posts, err
	case posted:
		return posts, c.shown(ctx, t, ts)
	}
	t.Card = ts
	again, err := c.edit(ctx, t, check)
	return append(posts, again...), err
}

// change says what changed, and edits the card.
func (c *Cards) change(ctx context.Context, t storage.Ticket, check bool) ([]string, error) {
	var posts []string
	if line, changed := blocks.TicketChange(t.Shown, t.Latest); changed {
		ts, _, err := c.slack.PostOnce(ctx, slackapi.Post{
			To: targetOfTicket(t), Message: line, Marker: markOfTicket(t, digest(t), partChange), Check: check,
		})
		if err != nil {
			return nil, err
		}
		posts = append(posts, ts)
	}
	asked, err := c.askSolved(ctx, t, check)
	posts = append(posts, asked...)
	if err != nil {
		return posts, err
	}
	again, err := c.edit(ctx, t, check)
	return append(posts, again...), err
}

// askSolved asks whether the matter is solved, if the ticket is closed and was
// not when it was shown last.
func (c *Cards) askSolved(ctx context.Context, t storage.Ticket, check bool) ([]string, error) {
	if closed, err := c.newlyClosed(ctx, t); err != nil || !closed {
		return nil, err
	}
	ts, _, err := c.slack.PostOnce(ctx, slackapi.Post{
		To: targetOfTicket(t), Message: blocks.Solved(t.Latest), Marker: markOfTicket(t, digest(t), partSolved), Check: check,
	})
	switch {
	case err == nil:
		return []string{ts}, nil
	case ctx.Err() != nil:
		return nil, err
	}
	// What changed was told already; if this ended here it would be told again.
	zerolog.Ctx(ctx).Warn().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Str("ticket", t.Latest.ID).Msg("nobody could be asked whether a ticket is solved")
	return nil, nil
}

// edit makes the card show what was told. One that cannot be edited, because it
// was deleted or for whatever else Slack says, is posted again. If that is refused
// as well the card stays as it is until something else is new: what has changed
// was told in the thread, and is not told twice.
func (c *Cards) edit(ctx context.Context, t storage.Ticket, check bool) ([]string, error) {
	log := zerolog.Ctx(ctx).With().Str("ticket", t.Latest.ID).Logger()
	as := markOfTicket(t, digest(t), partCard)
	if check {
		// A process before may have posted it again, and died before that was stored.
		// If the thread cannot be read, editing says why.
		again, _, _ := c.slack.Find(ctx, targetOfTicket(t), as)
		if again != "" {
			c.takeDown(ctx, t)
			return nil, c.shown(ctx, t, again)
		}
	}
	err := c.slack.Update(ctx, t.Thread.Channel, t.Card, blocks.Ticket(t.Latest))
	if err == nil {
		return nil, c.shown(ctx, t, t.Card)
	} else if ctx.Err() != nil {
		return nil, err
	}
	log.Info().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Msg("a ticket's card could not be edited; it is posted again")
	isGone := slackapi.ErrorCode(err) == "message_not_found"
	again, _, err := c.slack.PostOnce(ctx, slackapi.Post{To: targetOfTicket(t), Message: blocks.Ticket(t.Latest), Marker: as})
	if err == nil {
		if !isGone {
			c.takeDown(ctx, t)
		}
		return []string{again}, c.shown(ctx, t, again)
	} else if ctx.Err() != nil {
		return nil, err
	}
	log.Warn().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Msg("a ticket's card could not be posted again; it stays as it is")
	return nil, c.shown(ctx, t, t.Card)
}

// takeDown deletes the card that was posted again, as far as Slack lets it.
func (c *Cards) takeDown(ctx context.Context, t storage.Ticket) {
	if err := c.slack.Delete(ctx, t.Thread.Channel, t.Card); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Str("ticket", t.Latest.ID).Msg("a ticket's old card could not be taken down")
	}
}

// shown remembers what the card of a ticket shows.
func (c *Cards) shown(ctx context.Context, t storage.Ticket, ts string) error {
	return storage.Retry(ctx, c.backOff, func() error { return c.store.SetCard(ctx, t.Thread, t.Latest.ID, ts, t.Latest) })
}

// targetOfTicket is where a ticket's card and news are posted. Everything of a ticket
// comes after the last time that something was told of it.
func targetOfTicket(t storage.Ticket) slackapi.Target {
	return slackapi.Target{Thread: t.Thread, Since: slackevent.FormatTS(t.UpdatedAt.Add(-time.Minute))}
}

// markOfTicket marks a post about a ticket: its card, or news of it.
func markOfTicket(t storage.Ticket, what string, part int) slackapi.Marker {
	sum := sha256.Sum256([]byte(t.Latest.ID))
	root := storage.MessageID{Team: t.Thread.Team, Channel: t.Thread.Channel, TS: t.Thread.Root}
	return slackapi.Marker{Question: storage.ButtonID(root, hex.EncodeToString(sum[:6])+"/"+what), Part: part}
}

// digest tells the changes of a ticket apart, also two that lead to the same state.
func digest(t storage.Ticket) string {
	text, err := json.Marshal(t.Latest)
	if err != nil {
		return "" // cannot happen: a ticket is made of strings and times
	}
	sum := sha256.Sum256(append(text, t.UpdatedAt.UTC().Format(time.RFC3339Nano)...))
	return hex.EncodeToString(sum[:6])
}
