package deliver

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

const (
	// renewAfter is when a status is set again, before Slack lets it expire after two minutes.
	renewAfter = 90 * time.Second
	// callTimeout bounds one call: a status that comes late is worth nothing.
	callTimeout = 5 * time.Second
	// haltTimeout is how long a call that is under way may go on once its sign is
	// over: cut off at once, it could reach Slack after what is posted next.
	haltTimeout = time.Second
	// lateTimeout is how long after a call without a known outcome Slack may still
	// process it.
	lateTimeout = 10 * time.Second
	// Thinking is the status while the agent works. Slack puts the app's name before it.
	Thinking = "is thinking…"
	// signsAtOnce is how many signs are given at once: what Slack allows a minute,
	// less what it allows in steady use.
	signsAtOnce = 200
	// signsKept are those of them that changes leave to the first signs of others.
	signsKept = 100
	// eyes is the reaction where there is no status.
	eyes = "eyes"
	// mostReactions is how many messages have one at the same time at most: what is
	// put there has to be taken away, and Slack lets it be put faster than that.
	mostReactions = 60
)

// Status show in each thread that its questions are being worked on: a
// status, or a reaction where Slack does not take a status. They are best
// effort: no question ever fails for them.
// https://docs.slack.dev/reference/methods/assistant.threads.setStatus
type Status struct {
	slack *slackapi.Client
	pace  *rate.Limiter
	// sessions is the pace at which threads get Slack's Stop button while they
	// are worked on; nil if the app is no agent.
	sessions *rate.Limiter
	// removals is the pace at which reactions are taken away.
	removals *rate.Limiter
	log      zerolog.Logger
	running  sync.WaitGroup
	closing  chan struct{} // closed when the process is ending

	mu      sync.Mutex
	threads map[storage.ThreadID]*threadStatus
	reacted int // how many messages may have a reaction
}

// threadStatus is the sign in one thread, while any of its questions is unfinished.
type threadStatus struct {
	of        *Status
	thread    storage.ThreadID
	questions map[storage.MessageID]bool
	text      string             // what is to be shown; guarded by of.mu
	changed   chan struct{}      // holds a token if text changed
	stop      context.CancelFunc // nil while no goroutine keeps the sign
	stopped   chan struct{}
	suspended int // how many posts the sign is kept silent for; guarded by of.mu
	// reacted are the messages that may have a reaction, by their timestamps, and
	// inherited says that a process before may have opened the session; guarded by of.mu.
	reacted   []string
	inherited bool

	// session says that the thread's session may be processing, unsure that nobody
	// knows whether the last status was set, and late until when a call may still be
	// processed. They are owned by the goroutine that keeps the sign, and by hush
	// after it.
	session bool
	unsure  bool
	late    time.Time
}

// NewStatus returns the statuses of a workspace that is so many times faster than
// Slack; agentView says that the app has Slack's Agents feature.
// They are paced as Slack does: 600 statuses, 50 changes of sessions and 20 removals
// of reactions a minute, less a reserve. https://docs.slack.dev/apis/web-api/rate-limits/
func NewStatus(client *slackapi.Client, speed float64, agentView bool, log zerolog.Logger) *Status {
	perMinute := func(calls float64, atOnce int) *rate.Limiter {
		return rate.NewLimiter(rate.Limit(calls*speed/60), atOnce)
	}
	var sessions *rate.Limiter
	if agentView {
		sessions = perMinute(40, 10)
	}
	return newStatus(client, perMinute(360, signsAtOnce), sessions, perMinute(18, 10), log)
}

func newStatus(client *slackapi.Client, pace, sessions, removals *rate.Limiter, log zerolog.Logger) *Status {
	return &Status{
		slack: client, pace: pace, sessions: sessions, removals: removals, log: log,
		closing: make(chan struct{}), threads: make(map[storage.ThreadID]*threadStatus),
	}
}

// Show begins to show that the question is being worked on, with a text for a
// thread that shows none yet. It does not wait.
func (s *Status) Show(id storage.MessageID, thread storage.ThreadID, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sign := s.of(id, thread)
	sign.text = cmp.Or(sign.text, text, Thinking)
	if sign.stop == nil && sign.suspended == 0 {
		sign.start(id.TS)
	}
}

// of returns the sign of a question's thread. mu must be held.
func (s *Status) of(id storage.MessageID, thread storage.ThreadID) *threadStatus {
	sign := s.threads[thread]
	if sign == nil {
		sign = &threadStatus{of: s, thread: thread, questions: make(map[storage.MessageID]bool), changed: make(chan struct{}, 1)}
		s.threads[thread] = sign
	}
	sign.questions[id] = true
	return sign
}

// Inherit takes over the sign that a process before may have left in the
// question's thread, so that it is taken away with the question's end.
func (s *Status) Inherit(q storage.Question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sign := s.of(q.ID, q.Thread)
	sign.inherited = s.sessions != nil
	for _, id := range append([]storage.MessageID{q.ID}, q.With...) {
		if ts := storage.MessageTS(id.TS); !slices.Contains(sign.reacted, ts) {
			sign.reacted = append(sign.reacted, ts)
			s.reacted++
		}
	}
}

// SetText changes the text of a thread's sign, if there is one.
func (s *Status) SetText(thread storage.ThreadID, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sign := s.threads[thread]
	if sign == nil || sign.text == text {
		return
	}
	sign.text = text
	select {
	case sign.changed <- struct{}{}:
	default:
	}
}

// Suspend stops the sign in the question's thread and waits until no call of it is
// under way, so that it cannot come after what is posted next. The function that
// it returns ends the question: its sign is taken away unless a post did that,
// and the thread's is shown again if other questions of it are unfinished. What
// that returns is closed when the question has left no sign.
func (s *Status) Suspend(q storage.Question) func(posted bool) (gone <-chan struct{}) {
	s.mu.Lock()
	sign := s.threads[q.Thread]
	if sign != nil {
		sign.suspended++
	}
	s.mu.Unlock()
	if sign == nil {
		return func(bool) <-chan struct{} { return nothingLeft }
	}
	sign.halt()
	return func(posted bool) <-chan struct{} {
		s.mu.Lock()
		reacted := sign.leave(q)
		sign.suspended--
		alone := sign.suspended == 0
		last := alone && len(sign.questions) == 0
		session := last && (sign.session || sign.inherited)
		if last {
			reacted, sign.reacted, sign.session = append(reacted, sign.reacted...), nil, false
		}
		if last && s.threads[q.Thread] == sign {
			delete(s.threads, q.Thread)
		}
		s.mu.Unlock()
		gone := sign.clear(alone && (!posted || sign.unsure), session, reacted)
		if alone {
			s.restart(sign)
		}
		return gone
	}
}

// nothingLeft is closed.
var nothingLeft = func() <-chan struct{} {
	closed := make(chan struct{})
	close(closed)
	return closed
}()

// leave takes a question, and those asked with it, out of the sign, and returns
// which of their messages have a reaction. of.mu must be held.
func (i *threadStatus) leave(q storage.Question) (reacted []string) {
	for _, id := range append([]storage.MessageID{q.ID}, q.With...) {
		delete(i.questions, id)
		ts := storage.MessageTS(id.TS)
		if n := len(i.reacted); n > 0 {
			i.reacted = slices.DeleteFunc(i.reacted, func(other string) bool { return other == ts })
			if len(i.reacted) < n {
				reacted = append(reacted, ts)
			}
		}
	}
	return reacted
}

// restart shows a sign again for the questions that are left, if any.
func (s *Status) restart(sign *threadStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range sign.questions {
		if sign.stop == nil && sign.suspended == 0 {
			sign.start(id.TS)
		}
	}
}

// Close ends every sign's goroutine and waits for them.
func (s *Status) Close() {
	close(s.closing)
	s.mu.Lock()
	signs := make([]*threadStatus, 0, len(s.threads))
	for _, sign := range s.threads {
		signs = append(signs, sign)
	}
	clear(s.threads)
	s.mu.Unlock()
	for _, sign := range signs {
		sign.halt()
	}
	s.running.Wait()
}

// start sets the sign and keeps it set, with a reaction to the message at ts
// where there is no status. of.mu must be held.
func (i *threadStatus) start(ts string) {
	ctx, stop := context.WithCancel(context.Background())
	i.stop, i.stopped = stop, make(chan struct{})
	stopped := i.stopped
	i.of.running.Go(func() {
		defer close(stopped)
		i.keep(ctx, storage.MessageTS(ts))
	})
}

// halt ends the goroutine of the sign and waits for it.
func (i *threadStatus) halt() {
	i.of.mu.Lock()
	stop, stopped := i.stop, i.stopped
	i.stop = nil
	i.of.mu.Unlock()
	if stop == nil {
		return
	}
	stop()
	<-stopped
}

// keep shows the sign until ctx ends.
func (i *threadStatus) keep(ctx context.Context, ts string) {
	for changed := false; ; {
		if i.of.turn(ctx, changed) != nil {
			return
		}
		i.of.mu.Lock()
		text := i.text
		i.of.mu.Unlock()
		if i.thread.Root == "" || !i.showStatus(ctx, text) {
			i.react(ctx, ts)
			return
		}
		i.openSession(ctx)
		renew := time.NewTimer(renewAfter)
		select {
		case <-i.changed:
			changed = true
		case <-renew.C:
			changed = false
		case <-ctx.Done():
		}
		renew.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// turn waits until Slack takes another sign. One that only changes waits until
// enough are left for those who have none yet.
func (s *Status) turn(ctx context.Context, changed bool) error {
	for changed && s.pace.Tokens() < signsKept {
		if err := backoff.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	return s.pace.Wait(ctx)
}

// showStatus sets the status, and reports whether Slack took it.
func (i *threadStatus) showStatus(ctx context.Context, text string) bool {
	err := i.setStatus(ctx, text)
	i.unsure = i.unknown(err)
	return err == nil
}

// unknown reports whether nobody knows what came of a call, by its error, and
// remembers until when it may still be processed.
func (i *threadStatus) unknown(err error) bool {
	if slackapi.Classify(err).Class != slackapi.Unknown {
		return false
	}
	i.late = time.Now().Add(lateTimeout)
	return true
}

// callOf returns the context of a call for a sign that is shown until ctx ends.
func callOf(ctx context.Context) (context.Context, context.CancelFunc) {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(haltTimeout, cancel) })
	return call, func() {
		stop()
		cancel()
	}
}

func (i *threadStatus) setStatus(ctx context.Context, status string) error {
	ctx, cancel := callOf(ctx)
	defer cancel()
	return i.of.slack.SetStatus(ctx, i.thread, status)
}

// openSession makes Slack show its Stop button.
func (i *threadStatus) openSession(ctx context.Context) {
	// Two calls are taken at once, as what is opened has to be closed. In a rush
	// threads go without: the word stop does the same.
	if i.of.sessions == nil || i.session || ctx.Err() != nil || !i.of.sessions.AllowN(time.Now(), 2) {
		return
	}
	// Whatever comes of it, the session may be open and is to be closed.
	i.session = true
	if err := i.setSession(ctx, "processing"); err != nil {
		i.unknown(err)
		i.of.log.Debug().Err(err).Msg("session could not be opened")
	}
}

// setSession sets the status of the thread's agent session.
// https://docs.slack.dev/reference/methods/agents.sessions.setStatus
func (i *threadStatus) setSession(ctx context.Context, status string) error {
	ctx, cancel := callOf(ctx)
	defer cancel()
	return i.of.slack.SetSession(ctx, i.thread, status)
}

// mayReact notes that a message may have a reaction, and returns false if there
// are too many.
func (i *threadStatus) mayReact(ts string) bool {
	i.of.mu.Lock()
	defer i.of.mu.Unlock()
	switch {
	case slices.Contains(i.reacted, ts):
		return true
	case i.of.reacted >= mostReactions:
		return false
	}
	i.reacted = append(i.reacted, ts)
	i.of.reacted++
	return true
}

// react puts a reaction to the message at ts, which a process before may have done.
// https://docs.slack.dev/reference/methods/reactions.add
func (i *threadStatus) react(ctx context.Context, ts string) {
	if ctx.Err() != nil {
		return
	}
	// Whatever comes of it, the reaction may be there and is to be taken away.
	if !i.mayReact(ts) {
		return
	}
	ctx, cancel := callOf(ctx)
	defer cancel()
	if err := i.of.slack.React(ctx, i.thread.Channel, ts, eyes); err != nil {
		i.unknown(err)
		i.of.log.Debug().Err(err).Msg("no sign could be given")
	}
}
