package deliver

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/supervise"
	"enjobridge/storage"
)

const (
	// eyes is the reaction where there is no status.
	eyes = "eyes"
	// callTimeout bounds one call: a status that comes late is worth nothing.
	callTimeout = 5 * time.Second
	// suspendTimeout is how long a call that is under way may go on before a post: cut
	// off at once, it could reach Slack after the post.
	suspendTimeout = time.Second
	// lookEvery is how often all threads are checked for calls that they need.
	lookEvery = 250 * time.Millisecond
	// workers is how many calls are made at once: enough for the pace of statuses even
	// if each takes as long as callTimeout.
	workers = 32
	// statusesAtOnce is how many statuses are set at once: what Slack allows a minute,
	// less what it allows in steady use.
	statusesAtOnce = 200
	// statusesKept are those of them that changes leave to the first statuses of others.
	statusesKept = 100
	// mostReactions is how many messages have one at the same time at most: each has to
	// be removed, and Slack lets reactions be added faster than removed.
	mostReactions = 60
)

// Status shows in each thread that its questions are being worked on: by a status
// and an agent session, or by a reaction where Slack does not accept a status. It is
// best effort: no question ever fails for it.
// https://docs.slack.dev/reference/methods/assistant.threads.setStatus
//
// One goroutine owns the threads and decides which call each needs next. It never
// calls Slack: workers do, for each thread one at a time.
type Status struct {
	slack    *slackapi.Client
	pace     *rate.Limiter // of statuses
	sessions *rate.Limiter // of sessions, which show Slack's Stop button; nil if the app is no agent
	removals *rate.Limiter // of removing reactions
	panics   *supervise.Supervisor
	log      zerolog.Logger
	changes  chan func()   // for the goroutine that owns the threads
	closing  chan struct{} // closed by Close
	closed   chan struct{} // closed when no call is under way any more

	// The goroutine that owns the threads owns these, too.
	threads   map[storage.ThreadID]*activeThread
	calls     int // how many are under way
	reactions int // how many messages may have one
}

// activeThread is a thread with the call that is under way for it.
type activeThread struct {
	thread
	calling bool
	cut     context.CancelFunc // ends a call that sets an item; nil if none is under way
	last    time.Time          // when the last call began
	waiters []waiter
}

// waiter waits for a condition of its thread: done is closed once it is met.
type waiter struct {
	met  func() bool
	done chan struct{}
}

// NewStatus returns the statuses of a workspace that is so many times faster than
// Slack; agentView says that the app has Slack's Agents feature.
// They are paced as Slack does: 600 statuses, 50 changes of sessions and 20 removals
// of reactions a minute, less a reserve. https://docs.slack.dev/apis/web-api/rate-limits/
func NewStatus(client *slackapi.Client, speed float64, agentView bool, panics *supervise.Supervisor, log zerolog.Logger) *Status {
	perMinute := func(calls float64, atOnce int) *rate.Limiter {
		return rate.NewLimiter(rate.Limit(calls*speed/60), atOnce)
	}
	var sessions *rate.Limiter
	if agentView {
		sessions = perMinute(40, 10)
	}
	return newStatus(client, perMinute(360, statusesAtOnce), sessions, perMinute(18, 10), panics, log)
}

func newStatus(client *slackapi.Client, pace, sessions, removals *rate.Limiter, panics *supervise.Supervisor, log zerolog.Logger) *Status {
	s := &Status{
		slack: client, pace: pace, sessions: sessions, removals: removals, panics: panics, log: log,
		changes: make(chan func()), closing: make(chan struct{}), closed: make(chan struct{}),
		threads: make(map[storage.ThreadID]*activeThread),
	}
	go s.run()
	return s
}

// Show begins to show that the question is being worked on, with a text for a
// thread that shows none yet, and with the title of its session if that begins. It does
// not wait for Slack.
func (s *Status) Show(id storage.MessageID, thread storage.ThreadID, text, title string) {
	s.change(thread, func(t *activeThread) {
		t.show(id)
		t.title = cmp.Or(t.title, title)
		t.text = cmp.Or(t.text, text, blocks.StatusThinking.Text())
	})
}

// SetText changes the text of a thread's status, if there is one.
func (s *Status) SetText(thread storage.ThreadID, text string) {
	s.change(thread, func(t *activeThread) {
		if t.text != "" {
			t.text = text
		}
	})
}

// Inherit takes over what an earlier process may have left in the question's thread,
// so that it is cleared at the question's end.
func (s *Status) Inherit(q storage.Question) {
	s.change(q.Thread, func(t *activeThread) {
		t.show(q.ID)
		for _, id := range together(q) {
			t.mayShow(reactionTo(id))
		}
		if q.Thread.Root != "" {
			t.mayShow(theStatus)
			if s.sessions != nil {
				t.mayShow(theSession)
			}
		}
	})
}

// together returns a question and those that are asked with it.
func together(q storage.Question) []storage.MessageID {
	return append([]storage.MessageID{q.ID}, q.With...)
}

// Suspend lets the question's thread set nothing and waits until no call that sets
// something is under way, so that none comes after the next post. The function that it
// returns ends the question: what shows it is cleared, unless a post did that, and the
// thread's status is set again if other questions of it are unfinished. The channel
// that this returns is closed when nothing shows the question any more.
func (s *Status) Suspend(q storage.Question) func(posted bool) (gone <-chan struct{}) {
	silent := make(chan struct{})
	if q.Thread.IsPrivate() {
		close(silent)
		return func(bool) <-chan struct{} { return silent }
	}
	s.change(q.Thread, func(t *activeThread) {
		t.waiters = append(t.waiters, waiter{func() bool { return t.cut == nil }, silent})
		t.suspend()
	})
	select {
	case <-silent:
	case <-s.closed:
	}
	return func(posted bool) <-chan struct{} {
		gone := make(chan struct{})
		s.change(q.Thread, func(t *activeThread) {
			t.waiters = append(t.waiters, waiter{func() bool { return !t.left(together(q)) }, gone})
			t.suspended--
			t.end(together(q), posted, time.Now())
		})
		return gone
	}
}

// suspend lets nothing more be set, and a call that sets something go on only shortly.
func (t *activeThread) suspend() {
	t.suspended++
	if t.cut != nil {
		time.AfterFunc(suspendTimeout, t.cut)
	}
}

// Close lets no thread set anything more, tries once more to clear what is to be
// cleared, and waits until no call is under way. The next process clears the rest.
func (s *Status) Close() {
	close(s.closing)
	<-s.closed
}

// run owns the threads until Close.
func (s *Status) run() {
	defer close(s.closed)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for closing, idle := s.closing, false; closing != nil || s.calls > 0; {
		if isIdle := len(s.threads) == 0; isIdle != idle {
			if idle = isIdle; idle {
				ticker.Stop()
			} else {
				ticker.Reset(lookEvery)
			}
		}
		select {
		case change := <-s.changes:
			change()
		case <-ticker.C:
			s.callForAll()
		case <-closing:
			closing = nil
			for _, t := range s.threads {
				t.suspend()
				for _, shown := range t.shown {
					shown.retryAt = time.Time{}
				}
			}
			s.callForAll()
		}
	}
}

// change changes a thread in the goroutine that owns it, unless that has ended, and
// makes the call that the thread needs then.
func (s *Status) change(id storage.ThreadID, apply func(*activeThread)) {
	if id.IsPrivate() {
		return // Slack has no such thread
	}
	change := func() {
		defer s.recoverFrom(id)
		t := s.threads[id]
		if t == nil {
			t = &activeThread{thread: thread{id: id, shown: make(map[item]*shown)}}
			s.threads[id] = t
		}
		full := s.calls >= workers
		s.apply(t, apply)
		s.callFor(t)
		if full && s.calls < workers {
			s.callForAll() // others wait for a worker
		}
	}
	select {
	case s.changes <- change:
	case <-s.closed:
	}
}

// recoverFrom recovers a panic of what was done for a thread, and forgets the thread:
// its state can be wrong. The goroutine goes on for the other threads.
func (s *Status) recoverFrom(id storage.ThreadID) {
	fault := recover()
	if fault == nil {
		return
	}
	s.panics.Report(s.log, "change a status", fault)
	t := s.threads[id]
	if t == nil {
		return
	}
	delete(s.threads, id)
	s.reactions -= t.reactions()
	for _, w := range t.waiters {
		close(w.done)
	}
}

// apply changes a thread, and forgets it if there is nothing left to do for it.
func (s *Status) apply(t *activeThread, change func(*activeThread)) {
	before := t.reactions()
	change(t)
	s.reactions += t.reactions() - before
	t.waiters = slices.DeleteFunc(t.waiters, func(w waiter) bool {
		met := w.met()
		if met {
			close(w.done)
		}
		return met
	})
	if !t.calling && len(t.questions)+len(t.shown)+t.suspended == 0 {
		delete(s.threads, t.id)
	}
}

// callForAll makes the calls that threads need now, beginning with the thread whose
// last call is the longest ago.
func (s *Status) callForAll() {
	for _, t := range slices.SortedFunc(maps.Values(s.threads), func(a, b *activeThread) int {
		return cmp.Or(a.last.Compare(b.last), cmp.Compare(a.id.Root, b.id.Root), cmp.Compare(a.id.Channel, b.id.Channel))
	}) {
		s.callFor(t)
	}
}

// callFor has a worker make the most urgent call for a thread that is allowed now.
func (s *Status) callFor(t *activeThread) {
	defer s.recoverFrom(t.id)
	now := time.Now()
	if t.calling {
		return
	}
	for _, c := range t.needs(now) {
		if !s.allow(c, now) {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		t.calling, t.last = true, now
		if c.value != "" {
			t.cut = cancel
		}
		s.apply(t, func(t *activeThread) { t.begin(c, now) })
		s.calls++
		go func() {
			defer cancel()
			err := errPanicked
			s.panics.Do("set or clear a status", func() { err = s.call(ctx, t.id, c) })
			s.change(t.id, func(t *activeThread) {
				s.calls--
				t.calling, t.cut = false, nil
				t.finish(c, time.Now(), err)
			})
		}()
		return
	}
}

// allow reports whether a call can be made now, and takes it from its pace.
func (s *Status) allow(c call, now time.Time) bool {
	switch {
	case c.value == "" && !c.item.isReaction(): // these are few, and questions end only after them
		return true
	case s.calls >= workers:
		return false
	case c.value == "":
		return s.removals.AllowN(now, 1)
	case c.item == theSession:
		// Two calls are taken at once, as an opened session has to be closed. In a rush
		// threads go without: the word stop does the same as the button.
		return s.sessions != nil && s.sessions.AllowN(now, 2)
	case c.item.isReaction() && s.reactions >= mostReactions, c.changes && s.pace.TokensAt(now) < statusesKept:
		return false
	}
	return s.pace.AllowN(now, 1)
}

// errPanicked means that a call panicked.
var errPanicked = errors.New("the call panicked")

// call makes a call to Slack.
func (s *Status) call(ctx context.Context, thread storage.ThreadID, c call) (err error) {
	switch {
	case c.item == theStatus:
		err = s.slack.SetStatus(ctx, thread, c.value)
	case c.item == theSession:
		err = s.slack.SetSession(ctx, thread, cmp.Or(c.value, "active"), c.title)
	case c.value == "":
		err = s.slack.Unreact(ctx, thread.Channel, string(c.item), eyes)
	default:
		err = s.slack.ShowReaction(ctx, thread.Channel, string(c.item), eyes)
	}
	if err != nil {
		s.log.Debug().Err(err).Str("item", string(c.item)).Bool("clear", c.value == "").Msg("deliver: status could not be set or cleared")
	}
	return err
}
