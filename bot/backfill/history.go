package backfill

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// allConversations is the conversation that stands for all of them. Its watermark is
// until when all known conversations were due.
const allConversations = "all"

// conversation is one that the bot is in.
type conversation struct {
	slackevent.Conversation
	since time.Time // its watermark; zero if it could not be stored
	rank  int       // the least is read first
	live  []string  // the roots of its active threads
}

// due returns the conversations to read: the active ones, and those that were not read
// since the latest gap. Those with the latest activity come first, then direct
// messages, and last those that could not be read before.
func (b *Backfill) due(ctx context.Context, began time.Time) (due []conversation, err error) {
	active, live, err := b.active(ctx)
	if err != nil {
		return nil, err
	}
	all, err := b.store.Watermark(ctx, allConversations)
	if err != nil {
		return nil, err
	}
	for found, err := range b.slack.Conversations(ctx) {
		if err != nil {
			return nil, fmt.Errorf("listing the bot's conversations: %w", err)
		}
		read, err := b.store.Watermark(ctx, found.ID)
		if err != nil { // the reading stores another one
			b.log.Warn().Err(err).Str("conversation", found.ID).Str("hint", storage.Hint(err)).
				Msg("backfill: reading a watermark failed, reading the conversation since the last one of all")
		}
		rank, isActive := active[found.ID]
		notified := began.Sub(b.notified[found.ID]) < maxAge
		// A watermark ahead of now by more than the overlap cannot be right.
		if !isActive && !notified && !read.Before(b.gap) && !read.After(began.Add(overlap)) {
			continue
		}
		switch {
		case b.failing[found.ID]:
			rank = maxActive + 2
		case isActive:
		case found.Direct:
			rank = maxActive
		default:
			rank = maxActive + 1
		}
		if read.IsZero() { // it is new since the last reading
			read = all
		}
		due = append(due, conversation{found, read, rank, live[found.ID]})
	}
	slices.SortStableFunc(due, func(a, b conversation) int { return cmp.Compare(a.rank, b.rank) })
	return due, nil
}

// active returns the active conversations with their ranks, and the roots of their
// latest threads.
func (b *Backfill) active(ctx context.Context) (ranks map[string]int, live map[string][]string, err error) {
	threads, err := b.store.ActiveThreads(ctx, b.now().Add(-maxAge), maxActive)
	if err != nil {
		return nil, nil, err
	}
	ranks, live = make(map[string]int), make(map[string][]string)
	for n, t := range threads {
		if _, known := ranks[t.ID.Channel]; !known {
			ranks[t.ID.Channel] = n
		}
		if t.ID.Root != "" && n < maxThreads {
			live[t.ID.Channel] = append(live[t.ID.Channel], t.ID.Root)
		}
	}
	return ranks, live, nil
}

// identifyTimeout bounds the look-up of a message's sender.
const identifyTimeout = 30 * time.Second

// message returns a message of history as an event would have it. It returns an error if
// Slack must say where its sender belongs, and does not answer: the message must be read
// again then.
func (b *Backfill) message(ctx context.Context, c conversation, posted slackevent.Posted) (slackevent.Message, error) {
	m := posted.Message(b.self, c.Conversation)
	if b.identify == nil {
		return m, nil
	}
	if user := slackevent.Unidentified(m, b.self); user != "" {
		ctx, cancel := context.WithTimeout(ctx, identifyTimeout)
		defer cancel()
		found, err := b.identify(ctx, user)
		if err != nil {
			return m, err
		}
		m.Membership = found
	}
	return m, nil
}
