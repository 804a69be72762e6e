package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"enjobridge/storage"
)

const (
	// sweepAge is how far back history is read at most.
	sweepAge = 24 * time.Hour
	// sweepPages bounds the calls for one conversation in one sweep.
	sweepPages = 10
	// sweepPage is how many messages one call asks for.
	sweepPage = 200
	// sweepThreads bounds how many live threads are read in one sweep.
	sweepThreads = 200
	// sweepFailures is how many conversations may fail until a sweep is given up.
	sweepFailures = 5
	// sweepOverlap is read again each time: an event may have been under way
	// when history was read.
	sweepOverlap = time.Minute
)

// sweeper looks in history for what Slack never told: events that were lost, or
// not sent again after an outage. What it finds goes the same way as an event.
type sweeper struct {
	api   *slack.Client
	store storage.Store
	self  identity
	home  func(ctx context.Context, user string) string // the organisation of a person, "" if not known
	take  func(context.Context, message) error
	pace  *rate.Limiter
	every time.Duration
	// backOff is how long to wait before a sweep after one that failed.
	backOff func(attempt int) time.Duration
	opened  <-chan struct{} // holds a token when a socket opens after all were closed
	log     zerolog.Logger
}

// run sweeps when the bot begins to listen, whenever it does so again after it
// was deaf, and from time to time, until ctx ends.
func (s *sweeper) run(ctx context.Context) {
	s.begin(ctx)
	select {
	case <-s.opened:
	case <-ctx.Done():
		return
	}
	for failures := 0; ; {
		wait := s.every
		if err := s.sweep(ctx); err == nil {
			failures = 0
		} else if ctx.Err() == nil {
			failures++
			wait = min(wait, s.backOff(failures))
			s.log.Warn().Err(err).Dur("wait", wait).Str("hint", "what was missed is looked for again").Msg("history could not be read to its end")
		}
		timer := time.NewTimer(wait)
		select {
		case <-s.opened:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// begin makes history count from the first start of the first process on: nothing
// was said to the bot before.
func (s *sweeper) begin(ctx context.Context) {
	since, err := s.store.Swept(ctx, allSwept)
	if err == nil && since.IsZero() {
		// The overlap must not reach back before it.
		err = s.store.SetSwept(ctx, allSwept, time.Now().Add(sweepOverlap))
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error().Err(err).Str("hint", diskHint).Msg("the beginning of history could not be stored")
	}
}

// conversation is one that the bot is in.
type conversation struct {
	id     string
	shared bool
	direct bool
}

// sweep reads the history of all conversations since it was read last.
func (s *sweeper) sweep(ctx context.Context) error {
	began := time.Now()
	conversations, err := s.conversations(ctx)
	if err != nil {
		return err
	}
	found := 0
	var failed []error
	for _, c := range conversations {
		n, err := s.sweepConversation(ctx, c, began)
		found += n
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			failed = append(failed, err)
		}
		if len(failed) == sweepFailures {
			break
		}
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	if err := s.store.SetSwept(ctx, allSwept, began); err != nil {
		return err
	}
	s.log.Info().Int("conversations", len(conversations)).Int("messages", found).Dur("took", time.Since(began)).Msg("history is read")
	return nil
}

// conversations returns those that the bot is in, direct messages first.
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
	slices.SortStableFunc(all, func(a, b conversation) int { return cmp.Compare(rank(a), rank(b)) })
	return all, nil
}

// rank orders conversations: direct messages first.
func rank(c conversation) int {
	if c.direct {
		return 0
	}
	return 1
}

// sweepConversation reads what was said in a conversation since it was read
// last, and takes it: the roots of threads with the newest first, then the
// replies in their order. It returns how many messages were read.
func (s *sweeper) sweepConversation(ctx context.Context, c conversation, began time.Time) (int, error) {
	since, err := s.since(ctx, c)
	if err != nil {
		return 0, err
	}
	if since.IsZero() {
		return 0, s.store.SetSwept(ctx, c.id, began)
	}
	// What lies ahead of now by more than the overlap was told by a clock that was
	// wrong: nobody knows until when history was read.
	if oldest := began.Add(-sweepAge); since.Before(oldest) || since.After(began.Add(sweepOverlap)) {
		since = oldest
	}
	since = since.Add(-sweepOverlap)
	roots, err := s.history(ctx, c, since)
	if err != nil {
		return 0, err
	}
	replies, err := s.replies(ctx, c, roots, since)
	if err != nil {
		return 0, err
	}
	for _, m := range slices.Concat(roots, replies) {
		if err := s.take(ctx, s.message(ctx, c, m)); err != nil {
			return 0, err
		}
	}
	return len(roots) + len(replies), s.store.SetSwept(ctx, c.id, began)
}

// allSwept is the conversation that stands for all of them.
const allSwept = "all"

// since returns until when the history of a conversation was read. One that is
// new since the last sweep is read from then on.
func (s *sweeper) since(ctx context.Context, c conversation) (time.Time, error) {
	since, err := s.store.Swept(ctx, c.id)
	if err != nil || !since.IsZero() {
		return since, err
	}
	return s.store.Swept(ctx, allSwept)
}

// history returns what was said at the top of a conversation, newest first.
// https://docs.slack.dev/reference/methods/conversations.history
func (s *sweeper) history(ctx context.Context, c conversation, since time.Time) ([]slack.Message, error) {
	var all []slack.Message
	cursor := ""
	for range sweepPages {
		var page *slack.GetConversationHistoryResponse
		err := s.call(ctx, func() (err error) {
			page, err = s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
				ChannelID: c.id, Oldest: timestamp(since), Cursor: cursor, Limit: sweepPage,
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

// replies returns what was said in the conversation's threads: in those that
// began since then or not long before, and in those of the bot's that live.
func (s *sweeper) replies(ctx context.Context, c conversation, roots []slack.Message, since time.Time) ([]slack.Message, error) {
	older, err := s.olderRoots(ctx, c, since)
	if err != nil {
		return nil, err
	}
	threads, err := s.liveThreads(ctx, c, slices.Concat(roots, older), since)
	if err != nil {
		return nil, err
	}
	var all []slack.Message
	for _, root := range threads {
		replies, err := s.thread(ctx, c, root, since)
		if err != nil {
			return nil, err
		}
		all = append(all, replies...)
	}
	return all, nil
}

// olderRoots returns the latest messages at the top of a channel that were there
// before: somebody may have mentioned the bot in their threads.
func (s *sweeper) olderRoots(ctx context.Context, c conversation, since time.Time) ([]slack.Message, error) {
	if c.direct {
		return nil, nil
	}
	var page *slack.GetConversationHistoryResponse
	err := s.call(ctx, func() (err error) {
		page, err = s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: c.id, Latest: timestamp(since), Limit: sweepPage,
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the earlier history of %s: %w", c.id, err)
	}
	return page.Messages, nil
}

// liveThreads returns the roots of the threads to read.
func (s *sweeper) liveThreads(ctx context.Context, c conversation, roots []slack.Message, since time.Time) ([]string, error) {
	active, err := s.store.ActiveThreads(ctx, time.Now().Add(-sweepAge), sweepThreads)
	if err != nil {
		return nil, err
	}
	var threads []string
	for _, t := range active {
		if t.ID.Channel == c.id && t.ID.Root != "" {
			threads = append(threads, t.ID.Root)
		}
	}
	for _, m := range roots {
		if m.ReplyCount > 0 && compareTS(m.LatestReply, timestamp(since)) > 0 && !slices.Contains(threads, m.Timestamp) {
			threads = append(threads, m.Timestamp)
		}
	}
	return threads, nil
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
				ChannelID: c.id, Timestamp: root, Oldest: timestamp(since), Cursor: cursor, Limit: sweepPage,
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
func (s *sweeper) message(ctx context.Context, c conversation, m slack.Message) message {
	found := message{
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

// timestamp returns a time as one of Slack's timestamps.
func timestamp(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }

// timeOf returns the time of one of Slack's timestamps; zero if it is none.
func timeOf(ts string) time.Time {
	var seconds, micros int64
	if n, err := fmt.Sscanf(ts, "%d.%06d", &seconds, &micros); n != 2 || err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, micros*1000)
}
