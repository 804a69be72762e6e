// Package backfill finds messages that Slack never delivered. It does not know what is
// decided about them.
package backfill

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/storage"
)

const (
	// maxAge is how far back history is read at most, and how long ago a thread of an
	// active conversation was active at most.
	maxAge = 24 * time.Hour
	// maxTurn is how many messages of a conversation are read in a row: the others are
	// not to wait long for a busy one.
	maxTurn = 2_000
	// maxActive bounds how many active threads decide which conversations are active,
	// and maxThreads how many of them are read: the latest.
	maxActive  = 10_000
	maxThreads = 200
	// maxFailuresInARow is how many conversations in a row can fail until a reading is
	// given up.
	maxFailuresInARow = 5
	// overlap is read again each time: an event may have been under way when history
	// was read.
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
	// Identify looks up whether a user belongs to the bot's organisation. It returns an
	// error if Slack has not answered before ctx ends. It is nil if everyone is served.
	Identify func(ctx context.Context, user string) (slackevent.Membership, error)
	// Every is how often the history of active conversations is read.
	Every time.Duration
	// Speed is how many times faster than Slack the workspace is.
	Speed float64
	// Random returns a random number that is at least 0 and less than n.
	Random func(n int64) int64
	// Reopened holds a token when a socket opens after all were closed.
	Reopened <-chan struct{}
	Missed   Signal
	Panics   *supervise.Supervisor
	Log      zerolog.Logger
}

// Signal says that an event could not be stored, that its sender could not be
// notified, or that a connection broke. Slack may not send the event again, so the next
// periodic reading reads all conversations.
type Signal chan struct{}

// NewSignal returns a signal that is not sent yet.
func NewSignal() Signal { return make(Signal, 1) }

// Send sends the signal. It does not wait.
func (s Signal) Send() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// take reports whether the signal was sent since it was taken last.
func (s Signal) take() bool {
	select {
	case <-s:
		return true
	default:
		return false
	}
}

// Backfill looks in history for messages whose events were lost. It accepts them like
// events. It reads all conversations after a gap, in which all sockets were closed or
// which a [Signal] reports; otherwise, periodically, the active ones.
type Backfill struct {
	slack    *slackapi.Reader
	identify func(ctx context.Context, user string) (slackevent.Membership, error)
	store    storage.Store
	self     slackevent.Identity
	accept   AcceptFunc
	now      func() time.Time // by Slack's clock, as timestamps are
	every    time.Duration
	backOff  backoff.Func         // before another attempt after one that failed
	failing  map[string]bool      // the conversations that could not be read last time: they are read last
	begun    map[string]*reading  // their readings, which go on where they failed
	reported map[string]string    // the errors of conversations that cannot be read, which are logged once
	notified map[string]time.Time // when a sender was notified in a conversation: replies to that are for the bot
	opened   bool                 // a socket has opened since Run was called first
	gap      time.Time            // the end of the latest gap: conversations that were not read since are due
	reopened <-chan struct{}
	missed   Signal
	panics   *supervise.Supervisor
	log      zerolog.Logger

	requested Signal // of GapUntil and Joined
	mu        sync.Mutex
	gapUntil  time.Time       // the end of a gap that is not read yet; zero if there is none
	joined    map[string]bool // the channels that the bot has joined, which are not read yet
}

// New returns a backfill. It makes fewer than Slack's 50 calls a minute of a method.
func New(cfg Config, accept AcceptFunc) *Backfill {
	return &Backfill{
		slack: cfg.Slack.Paced(rate.NewLimiter(rate.Limit(40*cfg.Speed/60), 5)), identify: cfg.Identify, store: cfg.Store, self: cfg.Self,
		accept: accept, now: cfg.Slack.Now, every: cfg.Every, backOff: backoff.Exponential(cfg.Random, 5*time.Second, 5*time.Minute),
		failing: make(map[string]bool), begun: make(map[string]*reading), reported: make(map[string]string), notified: make(map[string]time.Time),
		reopened: cfg.Reopened, missed: cfg.Missed, panics: cfg.Panics, log: cfg.Log,
		requested: NewSignal(), joined: make(map[string]bool),
	}
}

// Run reads history when the first socket opens, at the end of each gap, and
// periodically, until ctx ends. Called again after a panic, it reads at once.
func (b *Backfill) Run(ctx context.Context) {
	if !b.opened {
		select {
		case <-b.reopened:
		case <-ctx.Done():
			return
		}
	}
	b.opened = true
	b.readRegularly(ctx)
	b.opened = false
}

// readRegularly reads history now, at the end of each gap, and periodically, until ctx
// ends.
func (b *Backfill) readRegularly(ctx context.Context) {
	afterGap := true
	for failures := 0; ; {
		wait := b.every
		if err := b.read(ctx, afterGap); err == nil {
			failures = 0
		} else if ctx.Err() == nil {
			failures++
			wait = min(wait, b.backOff(failures))
			b.log.Warn().Err(err).Float64("wait_seconds", wait.Seconds()).Msg("backfill: reading history failed, trying again")
		}
		if afterGap = b.await(ctx, wait); ctx.Err() != nil {
			return
		}
	}
}

// await waits for so long, or until a gap has ended, and reports whether one has. It
// reads the channels meanwhile that the bot joins.
func (b *Backfill) await(ctx context.Context, wait time.Duration) (afterGap bool) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-b.reopened:
			return true
		case <-b.gapEnd():
			b.endGap()
			return true
		case <-timer.C:
			// While attempts fail, the next ones are not more than the first.
			return b.now().Sub(b.gap) >= b.every && b.missed.take()
		case <-b.requested:
			b.readJoined(ctx)
		case <-ctx.Done():
			return false
		}
	}
}

// Begin makes history begin now, at the first start of the first process: earlier
// messages are not for the bot. It must be called before the bot listens: if the
// process dies, messages that it acked but did not store must be found in history.
func Begin(ctx context.Context, store storage.Store, now time.Time, log zerolog.Logger) {
	since, err := store.Watermark(ctx, allConversations)
	if err == nil && since.IsZero() {
		// The overlap must not reach back before it.
		err = store.SetWatermark(ctx, allConversations, now.Add(overlap))
	}
	if err != nil && ctx.Err() == nil {
		log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("backfill: storing the beginning of history failed")
	}
}

// read reads the history of the conversations that are due: all of them after a gap.
// They take turns.
func (b *Backfill) read(ctx context.Context, afterGap bool) error {
	began, at := b.now(), time.Now()
	if afterGap {
		b.gap = began
	}
	conversations, err := b.due(ctx, began)
	if err != nil {
		return err
	}
	queue := make([]*reading, len(conversations))
	for n, c := range conversations {
		queue[n] = b.begin(c, began)
	}
	found, failed := b.readAll(ctx, queue, began)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	if err := b.store.SetWatermark(ctx, allConversations, began); err != nil {
		return fmt.Errorf("storing until when history was read: %w", err)
	}
	b.log.Info().Int("conversations", len(conversations)).Int("messages", found).
		Float64("took_seconds", time.Since(at).Seconds()).Msg("backfill: history is read")
	return nil
}

// errPanicked means that the reading of a conversation panicked.
var errPanicked = errors.New("reading the conversation panicked")

// readAll reads conversations until now, in turns. It returns how many messages were
// found, and the errors after which another attempt can help.
func (b *Backfill) readAll(ctx context.Context, queue []*reading, now time.Time) (found int, failed []error) {
	var notifying []*reading
	for inARow := 0; len(queue) > 0 && inARow < maxFailuresInARow && ctx.Err() == nil; {
		b.readJoined(ctx) // people wait there
		r := queue[0]
		queue = queue[1:]
		// What panics in one conversation must not keep the others from being read.
		read, err := false, errPanicked
		b.panics.Do("read a conversation", func() { read, err = b.turn(ctx, r) })
		switch {
		case err != nil:
		case !read:
			queue = append(queue, r)
		case r.until.Before(now): // it was begun by an earlier attempt
			if len(r.notified) == 0 {
				err = b.finish(ctx, r)
			}
			r.goOn(now)
			queue = append(queue, r)
		case len(r.notified) > 0:
			notifying = append(notifying, r)
		default:
			err = b.finish(ctx, r)
		}
		found += r.takeFound()
		inARow++
		again := b.failed(r, err)
		if err != nil && !again {
			again, err = b.putOff(ctx, r)
		}
		if !again {
			inARow = 0
			continue
		}
		failed = append(failed, err)
		b.keep(r)
	}
	for _, r := range queue {
		b.keep(r)
	}
	// Notifications take a while, so they are awaited together. A conversation with one
	// that failed is read again from its watermark.
	for _, r := range notifying {
		if err := b.finish(ctx, r); b.failed(r, err) {
			failed = append(failed, err)
		}
	}
	return found, failed
}

// putOff lets the next reading of a conversation, which only a person can make possible,
// begin where this one did, although the others are read until later. It reports whether
// that failed.
func (b *Backfill) putOff(ctx context.Context, r *reading) (failed bool, err error) {
	if r.from.IsZero() { // it is not known since when there is history
		return false, nil
	}
	err = b.store.SetWatermark(ctx, r.ID, r.from.Add(overlap))
	return err != nil, err
}

// keep lets a reading that has made progress go on in the next attempt.
func (b *Backfill) keep(r *reading) {
	if r.latest != "" || r.after != "" {
		b.begun[r.ID] = r
	}
}

// failed records the error of a conversation, if there is one, and reports whether
// another attempt can help.
func (b *Backfill) failed(r *reading, err error) bool {
	failure := slackapi.Classify(err)
	delete(b.failing, r.ID)
	delete(b.begun, r.ID)
	switch {
	case err == nil:
		delete(b.reported, r.ID)
	case failure.Transient():
		b.failing[r.ID] = true
		return true
	case b.reported[r.ID] != err.Error():
		b.reported[r.ID] = err.Error()
		b.log.Warn().Err(err).Str("hint", failure.Hint).Msg("backfill: reading a conversation failed; messages that are missed there are not found")
	}
	return false
}
