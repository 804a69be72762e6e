package backfill

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"enjobridge/bot/slackapi"
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
		if err != nil {
			return nil, err
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

// history returns the messages at the top of a conversation since then, and older ones,
// whose threads may have new replies. Both are newest first. For a direct message,
// which has few messages, one call returns both.
func (b *Backfill) history(ctx context.Context, c conversation, since time.Time) (roots, older []slackevent.Posted, err error) {
	oldest := slackevent.FormatTS(since)
	if !c.Direct {
		if roots, err = b.top(ctx, c, slackapi.Range{Oldest: oldest, Pages: maxPages}); err == nil {
			older, err = b.top(ctx, c, slackapi.Range{Latest: oldest, Pages: 1})
		}
		return roots, older, err
	}
	all, err := b.top(ctx, c, slackapi.Range{Oldest: slackevent.FormatTS(since.Add(-maxAge)), Pages: maxPages})
	for _, m := range all {
		if slackevent.CompareTS(m.TS, oldest) > 0 {
			roots = append(roots, m)
		} else {
			older = append(older, m)
		}
	}
	return roots, older, err
}

// top returns messages at the top of a conversation, newest first.
func (b *Backfill) top(ctx context.Context, c conversation, in slackapi.Range) (all []slackevent.Posted, err error) {
	for m, err := range b.slack.History(ctx, c.ID, in) {
		if err != nil {
			return nil, fmt.Errorf("reading the history of %s: %w", c.ID, err)
		}
		all = append(all, m)
	}
	return all, nil
}

// replies returns the replies in the conversation's active threads, and in those with
// these roots.
func (b *Backfill) replies(ctx context.Context, c conversation, roots []slackevent.Posted, since time.Time) ([]slackevent.Posted, error) {
	var all []slackevent.Posted
	for _, root := range c.threads(roots, since) {
		replies, err := b.thread(ctx, c, root, since)
		if err != nil {
			return nil, err
		}
		all = append(all, replies...)
	}
	return all, nil
}

// threads returns the roots of the threads to read.
func (c conversation) threads(roots []slackevent.Posted, since time.Time) []string {
	threads := slices.Clone(c.live)
	for _, m := range roots {
		if m.ReplyCount > 0 && slackevent.CompareTS(m.LatestReply, slackevent.FormatTS(since)) > 0 && !slices.Contains(threads, m.TS) {
			threads = append(threads, m.TS)
		}
	}
	return threads
}

// thread returns the replies of a thread, oldest first; none if its root is gone.
func (b *Backfill) thread(ctx context.Context, c conversation, root string, since time.Time) (all []slackevent.Posted, err error) {
	id := storage.ThreadID{Team: b.self.TeamID, Channel: c.ID, Root: root}
	for m, err := range b.slack.Replies(ctx, id, slackapi.Range{Oldest: slackevent.FormatTS(since), Pages: maxPages}) {
		switch {
		case slackapi.Classify(err).Class == slackapi.Inaccessible:
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("reading a thread of %s: %w", c.ID, err)
		case m.TS != root:
			all = append(all, m)
		}
	}
	return all, nil
}

// message returns a message of history as an event would have it.
func (b *Backfill) message(ctx context.Context, c conversation, posted slackevent.Posted) slackevent.Message {
	m := posted.Message(b.self.TeamID, c.Conversation)
	if c.Shared && m.Home == "" {
		if u, ok := b.users.User(ctx, m.User); ok && !u.Outside {
			m.Home = b.self.TeamID
		}
	}
	return m
}
