// Package ticket shows tickets: one card for each ticket and thread, which is updated
// with what the agent and the ticketing system report. It does not know who asks, or
// how answers are posted.
package ticket

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/keylock"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// Cards maintains one card for each ticket and thread. The store has a ticket's latest
// state before it is shown, and knows what the card shows. So after a crash only the
// difference is shown.
type Cards struct {
	store   storage.Store
	slack   *slackapi.Client
	backOff func(attempt int) time.Duration
	locks   keylock.Locks          // by ticket key
	tickets *prometheus.CounterVec // event

	mu     sync.Mutex
	unsure map[string]bool // the tickets whose last attempt has not succeeded: it may have posted
}

// The events of tickets that are counted.
const (
	eventCreated = "created" // its card was posted
	eventChanged = "changed" // a change was posted
)

// NewCards returns the cards of the tickets in a store.
func NewCards(store storage.Store, client *slackapi.Client, backOff func(attempt int) time.Duration, metrics *telemetry.Registry) *Cards {
	tickets := metrics.Counter("tickets_total", "Tickets whose card was posted (created) or that changed since (changed).", "event")
	telemetry.Preset(tickets.MetricVec, []string{eventCreated, eventChanged})
	return &Cards{store: store, slack: client, backOff: backOff, tickets: tickets, unsure: make(map[string]bool)}
}

// attemptTimeout bounds one attempt to show a ticket: until then nobody else can show it.
const attemptTimeout = 2 * time.Minute

// The parts of the posts about a ticket, in their markers.
const (
	partCard = iota
	partChange
	partSolved
)

// Sync brings the card of a ticket up to date, and posts what changed into the thread.
// It returns the timestamps of its posts: none if nothing that readers care about has
// changed. With check, an earlier process may have posted some of it. If Slack takes
// no change for [attemptTimeout], Sync returns an error, and the [Reconciler] takes
// over. It retries a ticket's first post until ctx ends, because the reconciler does
// not know a ticket without a card.
func (c *Cards) Sync(ctx context.Context, thread storage.ThreadID, id string, check bool) ([]string, error) {
	var posts []string
	for {
		more, done, err := c.attempt(ctx, thread, id, check)
		posts = append(posts, more...)
		if err != nil || done {
			return posts, err
		}
	}
}

// attempt shows the latest state of a ticket, under its lock. It returns true if there
// was nothing to show.
func (c *Cards) attempt(ctx context.Context, thread storage.ThreadID, id string, check bool) (posts []string, done bool, err error) {
	t, err := c.Ticket(ctx, thread, id)
	if err != nil {
		return nil, true, err
	}
	key := ticketKey(t.Thread, id) // the thread may continue the ticket's
	unlock, err := c.locks.Lock(ctx, key)
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	t, err = c.Ticket(ctx, t.Thread, id)
	if err != nil || (t.Card != "" && !t.Outdated()) {
		return nil, true, err
	}
	bounded, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	wasUnsure := c.setUnsure(key, true)
	posts, err = c.show(bounded, t, check || wasUnsure)
	c.setUnsure(key, err != nil)
	if t.Card == "" && bounded.Err() != nil && ctx.Err() == nil && slackapi.Classify(err).Class != slackapi.Unexpected {
		return posts, false, nil
	}
	return posts, false, err
}

// Ticket returns a ticket of a thread, or of the one that it continues.
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

// show posts the card of a ticket, or posts the change and edits the card, and stores
// what the card shows. A card that an earlier process posted may be outdated, so it
// is edited, too.
func (c *Cards) show(ctx context.Context, t storage.Ticket, check bool) (posts []string, err error) {
	latest := false // whether the card shows the latest state
	if t.Card == "" {
		t.Card, latest, err = c.postCard(ctx, t, "card", check)
		if err != nil {
			return nil, err
		}
		posts = append(posts, t.Card)
		c.tickets.WithLabelValues(eventCreated).Inc()
	} else if line, changed := blocks.TicketChange(t.Shown, t.Latest); changed {
		ts, _, err := c.post(ctx, t, line, digest(t), partChange, check)
		if err != nil {
			return nil, err
		}
		posts = append(posts, ts)
		c.tickets.WithLabelValues(eventChanged).Inc()
	}
	asked, err := c.askSolved(ctx, t, check)
	posts = append(posts, asked...)
	if err != nil {
		return posts, err
	}
	card := t.Card
	if !latest {
		if card, err = c.edit(ctx, t, check); err != nil {
			return posts, err
		}
	}
	if card != t.Card {
		posts = append(posts, card)
	}
	return posts, storage.Retry(ctx, c.backOff, func() error { return c.store.SetCard(ctx, t.Thread, t.Latest.ID, card, t.Latest) })
}

// askSolved asks whether the problem is solved, if the ticket is closed and was not
// when it was shown last.
func (c *Cards) askSolved(ctx context.Context, t storage.Ticket, check bool) ([]string, error) {
	if closed, err := c.newlyClosed(ctx, t); err != nil || !closed {
		return nil, err
	}
	ts, _, err := c.post(ctx, t, blocks.Solved(t.Latest), digest(t), partSolved, check)
	switch {
	case err == nil:
		return []string{ts}, nil
	case ctx.Err() != nil:
		return nil, err
	}
	// The change is posted already, and an error would post it again.
	zerolog.Ctx(ctx).Warn().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Str("ticket", t.Latest.ID).
		Msg("ticket: asking whether a ticket is solved failed")
	return nil, nil
}

// edit makes the card show the latest state, and returns the card's timestamp. If Slack
// rejects the edit, for example because the card was deleted, the card is posted again.
// If Slack rejects that as well, the card stays as it is until the next change: the
// thread has the line about this one, and must not get it twice.
func (c *Cards) edit(ctx context.Context, t storage.Ticket, check bool) (card string, err error) {
	log := zerolog.Ctx(ctx).With().Str("ticket", t.Latest.ID).Logger()
	if check {
		// An earlier attempt may have posted it again without storing that.
		// If the thread cannot be read, the edit reports why.
		again, _, _ := c.slack.Find(ctx, targetOf(t), markerOf(t, digest(t), partCard))
		if again != "" {
			c.deleteCard(ctx, t)
			return again, nil
		}
	}
	rejected := c.updateCard(ctx, t)
	if rejected == nil || ctx.Err() != nil {
		return t.Card, rejected
	}
	log.Info().Err(rejected).Strs("reasons", slackapi.RejectionReasons(rejected)).Msg("ticket: editing a card failed, posting it again")
	again, _, err := c.postCard(ctx, t, digest(t), false)
	switch {
	case err == nil:
		if slackapi.ErrorCode(rejected) != "message_not_found" {
			c.deleteCard(ctx, t)
		}
		return again, nil
	case ctx.Err() != nil:
		return "", err
	}
	log.Warn().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Msg("ticket: posting a card again failed, the card stays as it is")
	return t.Card, nil
}

// post posts a message about a ticket once. If the ticket has a card it gives up soon
// after an unexpected error code: the reconciler tries again a minute later, and others
// wait for the ticket's lock.
func (c *Cards) post(ctx context.Context, t storage.Ticket, m blocks.Message, what string, part int, check bool) (ts string, posted bool, err error) {
	return c.slack.PostOnce(ctx, postOf(t, m, what, part, check))
}

// deleteCard deletes the card that was posted again, if Slack allows it.
func (c *Cards) deleteCard(ctx context.Context, t storage.Ticket) {
	if err := c.slack.Delete(ctx, t.Thread.Channel, t.Card); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Str("ticket", t.Latest.ID).Msg("ticket: deleting an old card failed")
	}
}

// setUnsure sets whether an attempt may have posted, and returns what was set before.
func (c *Cards) setUnsure(key string, unsure bool) (before bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before = c.unsure[key]
	if unsure {
		c.unsure[key] = true
	} else {
		delete(c.unsure, key)
	}
	return before
}

// ticketKey identifies a ticket in its thread.
func ticketKey(thread storage.ThreadID, id string) string { return thread.String() + "/" + id }

// targetOf returns where the posts about a ticket go. They are newer than the ticket's
// latest update.
func targetOf(t storage.Ticket) slackapi.Target {
	return slackapi.Target{Thread: t.Thread, Since: slackevent.FormatTS(t.UpdatedAt.Add(-time.Minute))}
}

// postOf returns a post about a ticket.
func postOf(t storage.Ticket, m blocks.Message, what string, part int, check bool) slackapi.Post {
	return slackapi.Post{To: targetOf(t), Message: m, Marker: markerOf(t, what, part), Check: check, Brief: t.Card != ""}
}

// markerOf returns the marker of a post about a ticket. It is the same in each rendering, so
// that a card is found in any of them.
func markerOf(t storage.Ticket, what string, part int) slackapi.Marker {
	sum := sha256.Sum256([]byte(t.Latest.ID))
	root := storage.MessageID{Team: t.Thread.Team, Channel: t.Thread.Channel, TS: t.Thread.Root}
	return slackapi.Marker{Question: storage.ButtonID(root, hex.EncodeToString(sum[:6])+"/"+what), Part: part}
}

// digest identifies a change of a ticket, also if another one led to the same state.
func digest(t storage.Ticket) string {
	text, err := json.Marshal(t.Latest)
	if err != nil {
		return "" // cannot happen: a ticket is made of strings and times
	}
	sum := sha256.Sum256(append(text, t.UpdatedAt.UTC().Format(time.RFC3339Nano)...))
	return hex.EncodeToString(sum[:6])
}
