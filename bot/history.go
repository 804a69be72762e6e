package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// conversation is one that the bot is in.
type conversation struct {
	id     string
	shared bool
	direct bool
	rank   int      // the least is read first
	live   []string // the roots of the threads in which somebody asked something lately
}

// conversations returns those that the bot is in: those in which somebody asked
// something lately first, then direct messages, and last those that could not be
// read before.
// https://docs.slack.dev/reference/methods/users.conversations
func (s *sweeper) conversations(ctx context.Context) ([]conversation, error) {
	var all []conversation
	cursor := ""
	for {
		var channels []slack.Channel
		err := s.call(ctx, func() (err error) {
			channels, cursor, err = s.api.GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{
				Types: []string{"public_channel", "private_channel", "mpim", "im"}, Cursor: cursor, Limit: sweepPage, ExcludeArchived: true,
			})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("listing the bot's conversations: %w", err)
		}
		for _, c := range channels {
			all = append(all, conversation{id: c.ID, shared: c.IsExtShared, direct: c.IsIM})
		}
		if cursor == "" {
			break
		}
	}
	if err := s.rank(ctx, all); err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b conversation) int { return cmp.Compare(a.rank, b.rank) })
	return all, nil
}

// rank tells the conversations which of their threads live, and in which order
// they are read.
func (s *sweeper) rank(ctx context.Context, all []conversation) error {
	active, err := s.store.ActiveThreads(ctx, time.Now().Add(-sweepAge), sweepThreads)
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
		n, isActive := latest[c.id]
		switch c.live = live[c.id]; {
		case s.failing[c.id]:
			c.rank = sweepThreads + 2
		case isActive:
			c.rank = n
		case c.direct:
			c.rank = sweepThreads
		default:
			c.rank = sweepThreads + 1
		}
	}
	return nil
}

// history returns what was said at the top of a conversation since then, and before:
// somebody may have said something to the bot in the threads of that. Both are
// newest first. Of a direct message, in which little is said, one call returns both.
func (s *sweeper) history(ctx context.Context, c conversation, since time.Time) (roots, older []slack.Message, err error) {
	if !c.direct {
		if roots, err = s.top(ctx, c, since); err == nil {
			older, err = s.olderRoots(ctx, c, since)
		}
		return roots, older, err
	}
	all, err := s.top(ctx, c, since.Add(-sweepAge))
	for _, m := range all {
		if slackevent.CompareTS(m.Timestamp, slackevent.FormatTS(since)) > 0 {
			roots = append(roots, m)
		} else {
			older = append(older, m)
		}
	}
	return roots, older, err
}

// top returns what was said at the top of a conversation since then, newest first.
// https://docs.slack.dev/reference/methods/conversations.history
func (s *sweeper) top(ctx context.Context, c conversation, since time.Time) ([]slack.Message, error) {
	var all []slack.Message
	cursor := ""
	for range sweepPages {
		var page *slack.GetConversationHistoryResponse
		err := s.call(ctx, func() (err error) {
			page, err = s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
				ChannelID: c.id, Oldest: slackevent.FormatTS(since), Cursor: cursor, Limit: sweepPage,
			})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading the history of %s: %w", c.id, err)
		}
		all = append(all, page.Messages...)
		if cursor = page.ResponseMetaData.NextCursor; cursor == "" || !page.HasMore {
			break
		}
	}
	return all, nil
}

// replies returns what was said in the conversation's threads: in those with these
// roots, and in those of the bot's that live.
func (s *sweeper) replies(ctx context.Context, c conversation, roots []slack.Message, since time.Time) ([]slack.Message, error) {
	var all []slack.Message
	for _, root := range c.threads(roots, since) {
		replies, err := s.thread(ctx, c, root, since)
		if err != nil {
			return nil, err
		}
		all = append(all, replies...)
	}
	return all, nil
}

// olderRoots returns the latest messages at the top of a channel that were there before.
func (s *sweeper) olderRoots(ctx context.Context, c conversation, since time.Time) ([]slack.Message, error) {
	var page *slack.GetConversationHistoryResponse
	err := s.call(ctx, func() (err error) {
		page, err = s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: c.id, Latest: slackevent.FormatTS(since), Limit: sweepPage,
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the earlier history of %s: %w", c.id, err)
	}
	return page.Messages, nil
}

// threads returns the roots of the threads to read.
func (c conversation) threads(roots []slack.Message, since time.Time) []string {
	threads := slices.Clone(c.live)
	for _, m := range roots {
		if m.ReplyCount > 0 && slackevent.CompareTS(m.LatestReply, slackevent.FormatTS(since)) > 0 && !slices.Contains(threads, m.Timestamp) {
			threads = append(threads, m.Timestamp)
		}
	}
	return threads
}

// thread returns the replies of a thread, oldest first. One whose root is gone
// has none.
// https://docs.slack.dev/reference/methods/conversations.replies
func (s *sweeper) thread(ctx context.Context, c conversation, root string, since time.Time) ([]slack.Message, error) {
	var all []slack.Message
	cursor := ""
	for range sweepPages {
		var page []slack.Message
		more := false
		err := s.call(ctx, func() (err error) {
			page, more, cursor, err = s.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: c.id, Timestamp: root, Oldest: slackevent.FormatTS(since), Cursor: cursor, Limit: sweepPage,
			})
			return err
		})
		if what, _, _ := troubleOf(err); err != nil && what == troublePlace {
			return nil, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading a thread of %s: %w", c.id, err)
		}
		for _, m := range page {
			if m.Timestamp != root {
				all = append(all, m)
			}
		}
		if !more || cursor == "" {
			break
		}
	}
	return all, nil
}

// message is a message of history as an event would tell of it.
func (s *sweeper) message(ctx context.Context, c conversation, m slack.Message) slackevent.Message {
	found := slackevent.Message{
		ID:       storage.MessageID{Team: s.self.TeamID, Channel: c.id, TS: m.Timestamp},
		ThreadTS: m.ThreadTimestamp, User: m.User, BotID: m.BotID, Subtype: m.SubType, Text: m.Text,
		Files: len(m.Files), Home: m.Team, Shared: c.shared,
	}
	if c.direct {
		found.ChannelType = "im"
	}
	if found.ThreadTS == found.ID.TS {
		found.ThreadTS = ""
	}
	if c.shared && found.Home == "" {
		found.Home = s.home(ctx, m.User)
	}
	return found
}

// call makes one call at the sweep's pace, and again as long as Slack refuses it
// for its rate.
func (s *sweeper) call(ctx context.Context, do func() error) error {
	for {
		if err := s.pace.Wait(ctx); err != nil {
			return err
		}
		err := do()
		what, wait, _ := troubleOf(err)
		if err == nil || what != troubleWait {
			return err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}
