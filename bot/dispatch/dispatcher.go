// Package dispatch takes the question whose turn it is, calls its agent within the
// limits, and hands over the outcome. It does not know how a question was accepted,
// or what an outcome looks like.
package dispatch

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/agents"
	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/keylock"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/storage"
)

const (
	// maxAsking bounds how many questions are asked and delivered at once.
	maxAsking = 100
	// maxPreparing bounds how many questions are prepared at once.
	maxPreparing = 16
)

// Config configures a [Dispatcher].
type Config struct {
	Store   storage.Store
	Agent   *enjo.Client
	Agents  agents.Agents
	Slack   *slackapi.Client
	Limiter *queue.Limiter
	Deliver *deliver.Deliverer
	Status  *deliver.Status
	Self    slackevent.Identity
	// AllowExternal says that people of other organisations are served.
	AllowExternal bool
	// ProbeEvery is how often an agent that is down is tried.
	ProbeEvery time.Duration
	BackOff    backoff.Func
	// Recovered holds a token after the store has recovered.
	Recovered <-chan struct{}
	Metrics   *telemetry.Registry
	Log       zerolog.Logger
}

// Dispatcher takes the question whose turn it is, asks its agent, and hands over the
// outcome. Each question that was added ends.
type Dispatcher struct {
	// background is the context of what continues while the bot stops. Methods that
	// begin such work have none of their own, because it outlives their callers.
	background context.Context
	store      storage.Store
	agent      *enjo.Client
	agents     agents.Agents
	slack      *slackapi.Client
	limiter    *queue.Limiter
	deliver    *deliver.Deliverer
	status     *deliver.Status
	prompts    *promptWriter
	backOff    backoff.Func
	recovered  <-chan struct{}
	metrics    metrics
	log        zerolog.Logger

	mu       sync.Mutex
	queue    *queue.Queue
	breakers *queue.Breaker
	texts    map[storage.MessageID]prepared                // what the agent is asked, of those in the queue
	cancels  map[storage.MessageID]context.CancelCauseFunc // stop what is being asked

	failedLast string // the latest failure, in words for people
	failedAt   time.Time

	locks     keylock.Locks // by the asker's notice
	wake      chan struct{} // holds a token after a change of the queue
	preparing chan struct{} // holds a token for each question that is prepared
	asking    chan struct{} // holds a token for each question that is asked or delivered
	running   sync.WaitGroup
}

// New returns a dispatcher whose work is cut off with background.
func New(background context.Context, cfg Config) *Dispatcher {
	return &Dispatcher{
		background: background, store: cfg.Store, agent: cfg.Agent, agents: cfg.Agents, slack: cfg.Slack, limiter: cfg.Limiter,
		deliver: cfg.Deliver, status: cfg.Status, backOff: cfg.BackOff, recovered: cfg.Recovered,
		prompts: &promptWriter{slack: cfg.Slack, self: cfg.Self, allowExternal: cfg.AllowExternal},
		metrics: newMetrics(cfg.Metrics), log: cfg.Log,
		queue: queue.New(), breakers: queue.NewBreaker(cfg.ProbeEvery),
		texts: make(map[storage.MessageID]prepared), cancels: make(map[storage.MessageID]context.CancelCauseFunc),
		wake: make(chan struct{}, 1), preparing: make(chan struct{}, maxPreparing), asking: make(chan struct{}, maxAsking),
	}
}

// Wait waits until nothing is asked or delivered any more.
func (d *Dispatcher) Wait() { d.running.Wait() }

// ErrShutDown is the cause with which work is cut off when the process ends.
var ErrShutDown = errors.New("enjobridge is shutting down")

// Add takes a queued question in line. It does not wait.
func (d *Dispatcher) Add(q storage.Question) {
	d.mu.Lock()
	d.queue.Add(queue.Entry{
		ID: q.ID, Thread: q.Thread, Asker: q.Asker, Agent: q.Agent, NotBefore: q.NotBefore, Alone: askedAlone(q),
	})
	down := d.breakers.Down(q.Agent)
	at, _ := d.queue.Position(q.ID)
	leads := d.queue.Leads(q.ID)
	d.mu.Unlock()

	switch {
	case down:
		d.running.Go(func() { d.tellOutage(d.background, q) })
	case leads:
		d.status.Show(q.ID, q.Thread, d.signOf(at, q.NotBefore))
	default:
		d.status.Show(q.ID, q.Thread, deliver.Thinking)
	}
	d.running.Go(func() { d.prepare(d.background, q, 0) })
}

// askedAlone reports whether a question is not to be asked together with others:
// what a button asks, and what the agent may have processed. What is asked with
// that would share its last try.
func askedAlone(q storage.Question) bool { return q.Origin == storage.Button || q.UnknownAttempts > 0 }

// Depth returns how many questions of a thread are unfinished, and how many wait
// of a person and in all.
func (d *Dispatcher) Depth(thread storage.ThreadID, asker string) (unfinished, mine, all int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Depth(thread, asker)
}

// prepare writes the text for the agent, ahead of the question's turn: nothing
// must come between taking a call and calling the agent. The question is as of
// so many edits.
func (d *Dispatcher) prepare(ctx context.Context, q storage.Question, edits int) {
	select {
	case d.preparing <- struct{}{}:
		defer func() { <-d.preparing }()
	case <-ctx.Done():
		return
	}
	text := d.write(ctx, q)
	d.mu.Lock()
	if d.queue.Prepared(q.ID, edits) {
		d.texts[q.ID] = prepared{text, q.Text}
	}
	d.mu.Unlock()
	d.signal()
}

// prepared is what the agent is asked, and the message that it was made of.
type prepared struct{ text, of string }

// signal makes run look at the line again.
func (d *Dispatcher) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run asks one question after the other, as the agent's limits allow, until soft
// ends. What is under way then goes on until hard ends.
func (d *Dispatcher) Run(soft context.Context) {
	var looking sync.WaitGroup
	defer looking.Wait()
	looking.Go(func() { d.reconcile(soft) })
	d.running.Go(func() { d.showPositions(soft) })
	for d.waitForQuestion(soft) && d.waitForPlace(soft) {
		if !d.askNext(soft, d.background) {
			<-d.asking
		}
	}
}

// waitForQuestion returns true when a question can be taken, false when ctx ends.
func (d *Dispatcher) waitForQuestion(ctx context.Context) bool {
	for {
		d.mu.Lock()
		next, later := d.queue.Next(time.Now())
		d.mu.Unlock()
		if next != nil {
			return ctx.Err() == nil
		}
		var timer <-chan time.Time
		if !later.IsZero() {
			timer = time.After(time.Until(later))
		}
		select {
		case <-d.wake:
		case <-timer:
		case <-ctx.Done():
			return false
		}
	}
}

// waitForPlace returns true when fewer than maxAtWork are at work, false when ctx ends.
func (d *Dispatcher) waitForPlace(ctx context.Context) bool {
	select {
	case d.asking <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// askNext takes a call first and the question second, so that whose turn it is
// is decided at the last moment, and begins to work on it. It returns false if
// that came to nothing.
func (d *Dispatcher) askNext(soft, hard context.Context) bool {
	call, err := d.limiter.Take(soft)
	if err != nil {
		return false
	}
	hard, ctx, job := d.takeTurn(hard)
	if job == nil {
		call.GiveBack()
		return false
	}
	d.running.Go(func() {
		defer func() { <-d.asking }()
		defer call.GiveBack()
		d.work(ctx, hard, job, call)
	})
	return true
}

// batch is what is asked with one call: a question, and those asked together with it.
type batch struct {
	questions []queue.Entry // the first one leads
	texts     []prepared    // one of each
}

func (j *batch) lead() queue.Entry { return j.questions[0] }

// with returns the questions that are asked together with the first.
func (j *batch) with() []storage.MessageID {
	var ids []storage.MessageID
	for _, q := range j.questions[1:] {
		ids = append(ids, q.ID)
	}
	return ids
}

// text returns what the agent is asked.
func (j *batch) text() string {
	return j.joined(func(p prepared) string { return p.text })
}

// asks reports whether the text was made of what a claimed question says: it can
// have been edited in the last moment.
func (j *batch) asks(q storage.Question) bool {
	return q.Text == j.joined(func(p prepared) string { return p.of })
}

// joined puts the parts of all questions together as the store does their texts.
func (j *batch) joined(part func(prepared) string) string {
	var parts []string
	for _, text := range j.texts {
		parts = append(parts, part(text))
	}
	return strings.Join(parts, "\n\n")
}

// takeTurn takes the question whose turn it is, with what goes along; nil if
// there is none any more. It returns the context of what has to go on until the
// process ends, and the one that also ends when the question is stopped.
func (d *Dispatcher) takeTurn(hard context.Context) (context.Context, context.Context, *batch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	taken := d.queue.Take(now)
	if taken == nil {
		return hard, hard, nil
	}
	j := &batch{questions: taken}
	for _, one := range taken {
		j.texts = append(j.texts, d.texts[one.ID])
		delete(d.texts, one.ID)
	}
	lead := j.lead()
	// An agent that is down is tried with one question at a time.
	d.queue.CloseUntil(lead.Agent, d.breakers.Called(lead.Agent, now))

	hard = d.log.With().Str("question", lead.ID.String()).Str("ref", storage.Reference(lead.ID)).Logger().WithContext(hard)
	ctx, stop := context.WithCancelCause(hard)
	d.cancels[lead.ID] = stop
	return hard, ctx, j
}

// leave ends the work on a job: its thread's next question can be taken.
func (d *Dispatcher) leave(j *batch) {
	d.mu.Lock()
	d.queue.Release(j.lead().Thread)
	stop := d.cancels[j.lead().ID]
	delete(d.cancels, j.lead().ID)
	d.mu.Unlock()
	if stop != nil {
		stop(nil)
	}
	d.signal()
}

// again takes a question back in line, with its text, and reports whether its
// agent is down.
func (d *Dispatcher) again(q storage.Question, text string, notBefore time.Time) (down bool) {
	d.mu.Lock()
	d.texts[q.ID] = prepared{text, q.Text}
	d.queue.Add(queue.Entry{
		ID: q.ID, Thread: q.Thread, Asker: q.Asker, Agent: q.Agent, NotBefore: notBefore, Ready: true, Alone: askedAlone(q),
	})
	down = d.breakers.Down(q.Agent)
	d.mu.Unlock()
	d.signal()
	return down
}

// maxBackOff is the longest wait before something is tried again.
const maxBackOff = time.Minute
