package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// sweepAge is how far back history is read at most.
	sweepAge = 24 * time.Hour
	// sweepPages bounds the calls for one conversation in one sweep.
	sweepPages = 10
	// sweepThreads bounds how many live threads are read in one sweep.
	sweepThreads = 200
	// sweepFailures is how many conversations in a row may fail until a sweep is given up.
	sweepFailures = 5
	// sweepOverlap is read again each time: an event may have been under way
	// when history was read.
	sweepOverlap = time.Minute
)

// sweeper looks in history for what Slack never told: events that were lost, or
// not sent again after an outage. What it finds goes the same way as an event.
type sweeper struct {
	slack *slackapi.Reader
	store storage.Store
	self  slackevent.Identity
	home  func(ctx context.Context, user string) string // the organisation of a person, "" if not known
	// accept takes a message; what it returns, if anything, waits until its sender is notified.
	accept func(context.Context, slackevent.Message) (notified func(context.Context) error, err error)
	now    func() time.Time // by Slack's clock, as timestamps are
	every  time.Duration
	// backOff is how long to wait before a sweep after one that failed.
	backOff func(attempt int) time.Duration
	// failing are the conversations that could not be read last time: they come last.
	failing map[string]bool
	opened  <-chan struct{} // holds a token when a socket opens after all were closed
	log     zerolog.Logger
}

// run sweeps when the bot begins to listen, whenever it does so again after it
// was deaf, and from time to time, until ctx ends.
func (s *sweeper) run(ctx context.Context) {
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
// was said to the bot before. It is to be called before the bot listens, because
// what is acknowledged but not stored must be found in history if the process dies.
func (s *sweeper) begin(ctx context.Context) {
	since, err := s.store.Swept(ctx, allSwept)
	if err == nil && since.IsZero() {
		// The overlap must not reach back before it.
		err = s.store.SetSwept(ctx, allSwept, s.now().Add(sweepOverlap))
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error().Err(err).Str("hint", storage.DiskHint).Msg("the beginning of history could not be stored")
	}
}

// sweep reads the history of all conversations since it was read last.
func (s *sweeper) sweep(ctx context.Context) error {
	began, at := s.now(), time.Now()
	conversations, err := s.conversations(ctx)
	if err != nil {
		return err
	}
	found, inARow := 0, 0
	var failed []error
	for _, c := range conversations {
		n, err := s.sweepConversation(ctx, c, began)
		found += n
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		failure := slackapi.Classify(err)
		delete(s.failing, c.ID)
		switch {
		case err == nil:
			inARow = 0
		case failure.Transient():
			s.failing[c.ID] = true
			failed = append(failed, err)
			inARow++
		default:
			s.log.Warn().Err(err).Str("hint", failure.Hint).Msg("a conversation cannot be read; what is missed there is not found")
		}
		if inARow == sweepFailures {
			break
		}
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	if err := s.store.SetSwept(ctx, allSwept, began); err != nil {
		return err
	}
	s.log.Info().Int("conversations", len(conversations)).Int("messages", found).Dur("took", time.Since(at)).Msg("history is read")
	return nil
}

// sweepConversation reads what was said in a conversation since it was read
// last, and takes it: the roots of threads with the newest first, then the
// replies in their order. It returns how many messages were read.
func (s *sweeper) sweepConversation(ctx context.Context, c conversation, began time.Time) (int, error) {
	since, err := s.since(ctx, c)
	if err != nil {
		return 0, err
	}
	if since.IsZero() { // its beginning could not be stored
		return 0, s.store.SetSwept(ctx, c.ID, began)
	}
	// What lies ahead of now by more than the overlap cannot be: nobody knows until
	// when history was read.
	if oldest := began.Add(-sweepAge); since.Before(oldest) || since.After(began.Add(sweepOverlap)) {
		since = oldest
	}
	since = since.Add(-sweepOverlap)
	roots, older, err := s.history(ctx, c, since)
	if err != nil {
		return 0, err
	}
	replies, err := s.replies(ctx, c, slices.Concat(roots, older), since)
	if err != nil {
		return 0, err
	}
	var waits []func(context.Context) error
	for _, m := range slices.Concat(roots, replies) {
		notified, err := s.accept(ctx, s.message(ctx, c, m))
		if err != nil {
			return 0, err
		}
		if notified != nil {
			waits = append(waits, notified)
		}
	}
	for _, wait := range waits {
		if err := wait(ctx); err != nil {
			return 0, err
		}
	}
	return len(roots) + len(replies), s.store.SetSwept(ctx, c.ID, began)
}

// allSwept is the conversation that stands for all of them.
const allSwept = "all"

// since returns until when the history of a conversation was read. One that is
// new since the last sweep is read from then on.
func (s *sweeper) since(ctx context.Context, c conversation) (time.Time, error) {
	since, err := s.store.Swept(ctx, c.ID)
	if err != nil || !since.IsZero() {
		return since, err
	}
	return s.store.Swept(ctx, allSwept)
}
