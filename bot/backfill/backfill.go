// Package backfill finds messages that Slack never delivered. It does not know what is
// decided about them.
package backfill

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// maxAge is how far back history is read at most.
	maxAge = 24 * time.Hour
	// maxPages bounds the calls for one conversation in one sweep.
	maxPages = 10
	// maxThreads bounds how many live threads are read in one sweep.
	maxThreads = 200
	// maxFailuresInARow is how many conversations in a row may fail until a sweep is given up.
	maxFailuresInARow = 5
	// overlap is read again each time: an event may have been under way
	// when history was read.
	overlap = time.Minute
)

// AcceptFunc takes a message that was found. What it returns, if anything, waits until
// its sender is notified.
type AcceptFunc func(context.Context, slackevent.Message) (notified func(context.Context) error, err error)

// Config configures a [Backfill].
type Config struct {
	Slack *slackapi.Client
	Store storage.Store
	Self  slackevent.Identity
	// Every is how often history is read.
	Every time.Duration
	// Speed is how many times faster than Slack the workspace is.
	Speed float64
	// Random returns a random number that is at least 0 and less than n.
	Random func(n int64) int64
	// Reopened holds a token when a socket opens after all were closed.
	Reopened <-chan struct{}
	Log      zerolog.Logger
}

// Backfill looks in history for events that Slack never delivered: they were lost, or
// not sent again after an outage. What it finds is accepted like an event.
type Backfill struct {
	slack    *slackapi.Reader
	users    *slackapi.Client
	store    storage.Store
	self     slackevent.Identity
	accept   AcceptFunc
	now      func() time.Time // by Slack's clock, as timestamps are
	every    time.Duration
	backOff  backoff.Func    // before another attempt after one that failed
	failing  map[string]bool // the conversations that could not be read last time: they come last
	reopened <-chan struct{}
	log      zerolog.Logger
}

// New returns a backfill. It makes fewer than Slack's 50 calls a minute of a method.
func New(cfg Config, accept AcceptFunc) *Backfill {
	return &Backfill{
		slack: cfg.Slack.Paced(rate.NewLimiter(rate.Limit(40*cfg.Speed/60), 5)), users: cfg.Slack, store: cfg.Store, self: cfg.Self,
		accept: accept, now: cfg.Slack.Now, every: cfg.Every, backOff: backoff.Exponential(cfg.Random, 5*time.Second, 5*time.Minute),
		failing: make(map[string]bool), reopened: cfg.Reopened, log: cfg.Log,
	}
}

// Run sweeps when the bot begins to listen, whenever it does so again after it
// was deaf, and from time to time, until ctx ends.
func (s *Backfill) Run(ctx context.Context) {
	select {
	case <-s.reopened:
	case <-ctx.Done():
		return
	}
	for failures := 0; ; {
		wait := s.every
		if err := s.readAll(ctx); err == nil {
			failures = 0
		} else if ctx.Err() == nil {
			failures++
			wait = min(wait, s.backOff(failures))
			s.log.Warn().Err(err).Dur("wait", wait).Str("hint", "what was missed is looked for again").Msg("history could not be read to its end")
		}
		timer := time.NewTimer(wait)
		select {
		case <-s.reopened:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// Begin makes history count from the first start of the first process on: nothing
// was said to the bot before. It is to be called before the bot listens, because
// what is acknowledged but not stored must be found in history if the process dies.
func (s *Backfill) Begin(ctx context.Context) {
	since, err := s.store.Watermark(ctx, allConversations)
	if err == nil && since.IsZero() {
		// The overlap must not reach back before it.
		err = s.store.SetWatermark(ctx, allConversations, s.now().Add(overlap))
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error().Err(err).Str("hint", storage.DiskHint).Msg("the beginning of history could not be stored")
	}
}

// readAll reads the history of all conversations since it was read last.
func (s *Backfill) readAll(ctx context.Context) error {
	began, at := s.now(), time.Now()
	conversations, err := s.conversations(ctx)
	if err != nil {
		return err
	}
	found, inARow := 0, 0
	var failed []error
	for _, c := range conversations {
		n, err := s.readConversation(ctx, c, began)
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
		if inARow == maxFailuresInARow {
			break
		}
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	if err := s.store.SetWatermark(ctx, allConversations, began); err != nil {
		return err
	}
	s.log.Info().Int("conversations", len(conversations)).Int("messages", found).Dur("took", time.Since(at)).Msg("history is read")
	return nil
}

// readConversation reads what was said in a conversation since it was read
// last, and takes it: the roots of threads with the newest first, then the
// replies in their order. It returns how many messages were read.
func (s *Backfill) readConversation(ctx context.Context, c conversation, began time.Time) (int, error) {
	since, err := s.since(ctx, c)
	if err != nil {
		return 0, err
	}
	if since.IsZero() { // its beginning could not be stored
		return 0, s.store.SetWatermark(ctx, c.ID, began)
	}
	// What lies ahead of now by more than the overlap cannot be: nobody knows until
	// when history was read.
	if oldest := began.Add(-maxAge); since.Before(oldest) || since.After(began.Add(overlap)) {
		since = oldest
	}
	since = since.Add(-overlap)
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
	return len(roots) + len(replies), s.store.SetWatermark(ctx, c.ID, began)
}

// allConversations is the conversation that stands for all of them.
const allConversations = "all"

// since returns until when the history of a conversation was read. One that is
// new since the last sweep is read from then on.
func (s *Backfill) since(ctx context.Context, c conversation) (time.Time, error) {
	since, err := s.store.Watermark(ctx, c.ID)
	if err != nil || !since.IsZero() {
		return since, err
	}
	return s.store.Watermark(ctx, allConversations)
}
