// Package dispatch takes the question whose turn it is, calls its agent within the
// limits, and hands over the outcome. It does not know how a question was accepted,
// or what an outcome looks like.
package dispatch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/agents"
	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/keylock"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/storage"
)

const (
	// maxAsking bounds how many questions are asked and delivered at once.
	maxAsking = 100
	// maxPreparing bounds how many questions are prepared at once.
	maxPreparing = 16
	// maxBackOff is the longest wait before something is tried again.
	maxBackOff = time.Minute
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
	// ShareEmail sends the requester's e-mail address with a request for a ticket.
	ShareEmail bool
	// ProbeEvery is how often an agent that is down is tried.
	ProbeEvery time.Duration
	BackOff    backoff.Func
	// Guard must agree right before the agent is called; nil if it always may be.
	Guard func() error
	// Recovered holds a token after the store has recovered.
	Recovered <-chan struct{}
	Panics    *supervise.Supervisor
	Metrics   *telemetry.Registry
	// Health is given the agents that are down.
	Health *telemetry.Health
	Log    zerolog.Logger
}

// Dispatcher takes the question whose turn it is, asks its agent, and hands over the
// outcome. Each question that was added ends.
type Dispatcher struct {
	// background is the context of work that continues while the bot stops. Methods
	// that begin such work take no context, because it outlives their callers.
	background context.Context
	// whileRunning ends, with background, when Run does: nothing is asked afterwards.
	whileRunning context.Context
	endRunning   context.CancelFunc
	store        storage.Store
	agent        *enjo.Client
	agents       agents.Agents
	slack        *slackapi.Client
	limiter      *queue.Limiter
	deliver      *deliver.Deliverer
	status       *deliver.Status
	prompts      *promptWriter
	backOff      backoff.Func
	guard        func() error
	recovered    <-chan struct{}
	panics       *supervise.Supervisor
	metrics      metrics
	health       *telemetry.Health
	log          zerolog.Logger

	mu      sync.Mutex
	queue   *queue.Queue
	breaker *queue.Breaker
	texts   map[storage.MessageID]prepared                // for the agent, of questions in the queue
	cancels map[storage.MessageID]context.CancelCauseFunc // stop questions that are being asked
	starts  map[storage.MessageID]bool                    // questions that start a new conversation next time
	moved   map[string]string                             // the new ID of a channel, by the old one

	locks     keylock.Locks // by the key of the asker's notice
	wake      chan struct{} // holds a token after a change of the queue
	preparing chan struct{} // holds a token for each question that is prepared
	asking    chan struct{} // holds a token for each question that is asked or delivered
	running   sync.WaitGroup
}

// New returns a dispatcher whose work ends, at the latest, when background ends.
func New(background context.Context, cfg Config) *Dispatcher {
	d := &Dispatcher{
		background: background, store: cfg.Store, agent: cfg.Agent, agents: cfg.Agents, slack: cfg.Slack, limiter: cfg.Limiter,
		deliver: cfg.Deliver, status: cfg.Status, backOff: cfg.BackOff, guard: cfg.Guard, recovered: cfg.Recovered,
		prompts: &promptWriter{slack: cfg.Slack, store: cfg.Store, self: cfg.Self, allowExternal: cfg.AllowExternal, shareEmail: cfg.ShareEmail},
		panics:  cfg.Panics, metrics: newMetrics(cfg.Metrics, cfg.Agents.Names()), health: cfg.Health, log: cfg.Log,
		queue: queue.New(), breaker: queue.NewBreaker(cfg.ProbeEvery),
		texts: make(map[storage.MessageID]prepared), cancels: make(map[storage.MessageID]context.CancelCauseFunc),
		starts: make(map[storage.MessageID]bool), moved: make(map[string]string),
		wake: make(chan struct{}, 1), preparing: make(chan struct{}, maxPreparing), asking: make(chan struct{}, maxAsking),
	}
	cfg.Metrics.Replace(usage{cfg.Limiter})
	d.whileRunning, d.endRunning = context.WithCancel(background)
	for _, agent := range cfg.Agents.List {
		d.setUp(agent.Name)
	}
	return d
}

// ErrShutDown is the cause with which work is cut off when the process ends.
var ErrShutDown = errors.New("enjobridge is shutting down")

// Wait waits until nothing is asked or delivered any more.
func (d *Dispatcher) Wait() { d.running.Wait() }

// Add adds a stored question to the queue, unless it is there already. A request for a
// person gets its reply at once. Add does not wait.
func (d *Dispatcher) Add(q storage.Question) {
	if q.WantsPerson {
		d.start("offer a person", func() { d.offerPerson(q) })
		return
	}
	text, ready := d.writeWithoutSlack(q)
	e := entryOf(q, ready)
	known := false
	d.locked(func() {
		if known = d.queue.Has(q.ID); known {
			return
		}
		d.queue.Add(e)
		if ready {
			d.texts[q.ID] = text
		}
	})
	if known {
		return
	}
	if ready {
		d.signal()
	} else {
		d.start("prepare a question", func() { d.prepare(q, 0) })
	}
	d.start("show that a question waits", func() { d.announce(q, e) })
}

// announce shows that a question waits, or notifies of an outage, once the question no
// longer waits for more of the same person: it may become part of what comes then.
func (d *Dispatcher) announce(q storage.Question, e queue.Entry) {
	if e.Pauses && backoff.Sleep(d.background, time.Until(e.NotBefore)) != nil {
		return
	}
	waits, down := false, false
	d.locked(func() { waits, down = d.queue.Has(q.ID), d.breaker.Down(q.Agent) })
	switch {
	case waits && down:
		d.notifyOutage(d.background, q)
	case q.Thread.IsPrivate():
		d.acknowledge(q)
	case waits:
		d.showWaiting(e)
	}
}

// entryOf returns a question as the queue holds it; ready says that its text is prepared.
func entryOf(q storage.Question, ready bool) queue.Entry {
	return queue.Entry{
		ID: q.ID, Thread: q.Thread, Asker: q.Asker, Agent: q.Agent, NotBefore: q.NotBefore, Ready: ready,
		// A question that is asked with one that the agent may have processed would
		// share its last attempt.
		Alone:  q.Origin == storage.Button || q.UnknownAttempts > 0 || q.Thread.IsPrivate(),
		Pauses: q.Attempts == 0 && !q.NotBefore.IsZero(),
		Before: otherThreads(q),
		Title:  blocks.Title(slackevent.Words(q.Text)),
	}
}

// Edit makes a waiting question's text what its message says now.
func (d *Dispatcher) Edit(q storage.Question) {
	edits := 0
	d.locked(func() { edits = d.queue.Edited(q.ID) })
	if edits > 0 {
		d.start("prepare a question", func() { d.prepare(q, edits) })
	}
}

// Retract deletes the answer to a question whose message was deleted.
func (d *Dispatcher) Retract(q storage.Question) {
	ctx := d.logFor(q.ID).WithContext(d.background)
	d.start("retract an answer", func() { d.deliver.Retract(ctx, q) })
}

// Depth returns how many questions of a thread are unfinished, and how many wait
// of a person and in all.
func (d *Dispatcher) Depth(thread storage.ThreadID, asker string) (unfinished, mine, all int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Depth(thread, asker)
}

// Run asks one question after the other, as the agent's limits allow, until ctx
// ends. Questions that are being asked then continue until background ends.
func (d *Dispatcher) Run(ctx context.Context) {
	defer d.endRunning()
	var loops sync.WaitGroup
	defer loops.Wait()
	loops.Go(func() {
		d.panics.Loop(ctx, "resume orphaned questions", func() { d.reconcileRegularly(ctx) })
	})
	d.running.Go(func() { d.panics.Loop(ctx, "update positions", func() { d.updatePositions(ctx) }) })
	d.panics.Loop(ctx, "ask questions", func() { d.askInTurn(ctx) })
}

// askInTurn asks one question after the other, until ctx ends.
func (d *Dispatcher) askInTurn(ctx context.Context) {
	for d.waitForQuestion(ctx) && d.waitForCapacity(ctx) {
		d.askNext(ctx, d.background)
	}
}

// start runs a task in the background. A panic ends only the task.
func (d *Dispatcher) start(name string, task func()) { d.panics.Go(&d.running, name, task) }

// locked runs do with mu locked, and unlocks it also if do panics.
func (d *Dispatcher) locked(do func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	do()
}

// waitForQuestion returns true when a question can be taken, false when ctx ends.
func (d *Dispatcher) waitForQuestion(ctx context.Context) bool {
	for {
		var next *queue.Entry
		var later time.Time
		d.locked(func() { next, later = d.queue.Next(time.Now()) })
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

// waitForCapacity returns true when fewer than maxAsking questions are asked or
// delivered, false when ctx ends.
func (d *Dispatcher) waitForCapacity(ctx context.Context) bool {
	select {
	case d.asking <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// askNext takes a call first and the question second, so that the turn is decided
// at the last moment, and begins to ask. If it asks nothing, it gives the place that
// waitForCapacity took to the next question.
func (d *Dispatcher) askNext(soft, hard context.Context) {
	begun := false
	defer func() {
		if !begun {
			<-d.asking
		}
	}()
	call, err := d.limiter.Take(soft)
	if err != nil {
		return
	}
	defer func() {
		if !begun {
			call.GiveBack()
		}
	}()
	hard, ctx, b := d.takeTurn(hard)
	if b == nil {
		return
	}
	begun = true
	d.start("ask a question", func() {
		defer func() { <-d.asking }()
		defer call.GiveBack()
		d.work(ctx, hard, b, call)
	})
}

// takeTurn takes the question whose turn it is, with those that are asked together
// with it; nil if there is none any more. It returns the context of work that goes on
// until the process ends, and the one that also ends when the question is stopped.
func (d *Dispatcher) takeTurn(hard context.Context) (context.Context, context.Context, *batch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	taken := d.queue.Take(now)
	if taken == nil {
		return hard, hard, nil
	}
	b := &batch{questions: taken}
	for _, e := range taken {
		b.texts = append(b.texts, d.texts[e.ID])
		delete(d.texts, e.ID)
	}
	lead := b.lead()
	// An agent that is down is tried with one question at a time.
	d.queue.CloseUntil(lead.Agent, d.breaker.Called(lead.Agent, now))

	hard = d.logFor(lead.ID).WithContext(hard)
	ctx, stop := context.WithCancelCause(hard)
	d.cancels[lead.ID] = stop
	return hard, ctx, b
}

// endTurn ends the work on a batch: its thread's next question can be taken.
func (d *Dispatcher) endTurn(b *batch) {
	var stop context.CancelCauseFunc
	d.locked(func() {
		d.queue.Release(b.lead().Thread)
		for _, e := range b.questions {
			d.queue.End(e)
		}
		stop = d.cancels[b.lead().ID]
		delete(d.cancels, b.lead().ID)
	})
	if stop != nil {
		stop(nil)
	}
	d.signal()
}

// signal makes Run look at the queue again.
func (d *Dispatcher) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// logFor returns the log for what happens to a question.
func (d *Dispatcher) logFor(id storage.MessageID) *zerolog.Logger {
	log := d.log.With().Str("question", id.String()).Str("ref", storage.Reference(id)).Logger()
	return &log
}
