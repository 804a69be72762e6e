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

// conversation is one that the bot is in.
type conversation struct {
	slackevent.Conversation
	rank int      // the least is read first
	live []string // the roots of the threads in which somebody asked something lately
}

// conversations returns those that the bot is in: those in which somebody asked
// something lately first, then direct messages, and last those that could not be
// read before.
func (s *Backfill) conversations(ctx context.Context) ([]conversation, error) {
	var all []conversation
	for c, err := range s.slack.Conversations(ctx) {
		if err != nil {
			return nil, fmt.Errorf("listing the bot's conversations: %w", err)
		}
		all = append(all, conversation{Conversation: c})
	}
	if err := s.rank(ctx, all); err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b conversation) int { return cmp.Compare(a.rank, b.rank) })
	return all, nil
}

// rank finds which threads of the conversations are live, and in which order the
// conversations are read.
func (s *Backfill) rank(ctx context.Context, all []conversation) error {
	active, err := s.store.ActiveThreads(ctx, time.Now().Add(-maxAge), maxThreads)
	if err != nil {
		return err
	}
	live, latest := make(map[string][]string), make(map[string]int)
	for n, t := range active {
		if _, known := latest[t.ID.Channel]; !known {
			latest[t.ID.Channel] = n
		}
		if t.ID.Root != "" {
			live[t.ID.Channel] = append(live[t.ID.Channel], t.ID.Root)
		}
	}
	for i := range all {
		c := &all[i]
		n, isActive := latest[c.ID]
		switch c.live = live[c.ID]; {
		case s.failing[c.ID]:
			c.rank = maxThreads + 2
		case isActive:
			c.rank = n
		case c.Direct:
			c.rank = maxThreads
		default:
			c.rank = maxThreads + 1
		}
	}
	return nil
}

// history returns what was said at the top of a conversation since then, and before:
// somebody may have said something to the bot in the threads of that. Both are
// newest first. Of a direct message, in which little is said, one call returns both.
func (s *Backfill) history(ctx context.Context, c conversation, since time.Time) (roots, older []slackevent.Posted, err error) {
	oldest := slackevent.FormatTS(since)
	if !c.Direct {
		if roots, err = s.top(ctx, c, slackapi.Range{Oldest: oldest, Pages: maxPages}); err == nil {
			older, err = s.top(ctx, c, slackapi.Range{Latest: oldest, Pages: 1})
		}
		return roots, older, err
	}
	all, err := s.top(ctx, c, slackapi.Range{Oldest: slackevent.FormatTS(since.Add(-maxAge)), Pages: maxPages})
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
func (s *Backfill) top(ctx context.Context, c conversation, in slackapi.Range) (all []slackevent.Posted, err error) {
	for m, err := range s.slack.History(ctx, c.ID, in) {
		if err != nil {
			return nil, fmt.Errorf("reading the history of %s: %w", c.ID, err)
		}
		all = append(all, m)
	}
	return all, nil
}

// replies returns what was said in the conversation's threads: in those with these
// roots, and in those of the bot's that live.
func (s *Backfill) replies(ctx context.Context, c conversation, roots []slackevent.Posted, since time.Time) ([]slackevent.Posted, error) {
	var all []slackevent.Posted
	for _, root := range c.threads(roots, since) {
		replies, err := s.thread(ctx, c, root, since)
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

// thread returns the replies of a thread, oldest first. One whose root is gone has none.
func (s *Backfill) thread(ctx context.Context, c conversation, root string, since time.Time) (all []slackevent.Posted, err error) {
	id := storage.ThreadID{Team: s.self.TeamID, Channel: c.ID, Root: root}
	for m, err := range s.slack.Replies(ctx, id, slackapi.Range{Oldest: slackevent.FormatTS(since), Pages: maxPages}) {
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

// message is a message of history as an event would have it.
func (s *Backfill) message(ctx context.Context, c conversation, posted slackevent.Posted) slackevent.Message {
	m := posted.Message(s.self.TeamID, c.Conversation)
	if c.Shared && m.Home == "" {
		if u, ok := s.users.User(ctx, m.User); ok && !u.Outside {
			m.Home = s.self.TeamID
		}
	}
	return m
}
