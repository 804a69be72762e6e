// Package deliver posts the outcome of questions, shows in their threads that they are
// being worked on, and ends them. It does not know the queue, or how an agent is asked.
package deliver

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/bot/keylock"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/bot/ticket"
	"enjobridge/storage"
)

// Config configures a [Deliverer].
type Config struct {
	Slack  *slackapi.Client
	Store  storage.Store
	Status *Status
	Cards  *ticket.Cards
	// Agents are the names of all agents.
	Agents []string
	// AgentName returns the agent's name for people; empty if there is only one.
	AgentName func(agent string) string
	// BackOff is how long to wait between attempts at the store.
	BackOff backoff.Func
	// OfferTicket says that answers have the button "Create ticket".
	OfferTicket bool
	// OffersPerson reports whether "Talk to a person" works in a thread, which can be personal:
	// see [storage.ThreadID.IsPersonal].
	OffersPerson func(personal bool) bool
	Panics       *supervise.Supervisor
	Metrics      *telemetry.Registry
}

// Deliverer posts the outcome of questions, each once.
type Deliverer struct {
	Config
	metrics metrics
	ending  sync.WaitGroup // questions whose status is still being cleared
	private keylock.Locks  // by the private question, of which one thing is shown at a time

	mu           sync.Mutex
	delivering   map[storage.MessageID]int // the number of deliveries of each question
	plainerUntil time.Time                 // until when no rich rendering is attempted
}

// New returns a deliverer.
func New(cfg Config) *Deliverer {
	return &Deliverer{Config: cfg, metrics: newMetrics(cfg.Metrics, cfg.Agents), delivering: make(map[storage.MessageID]int)}
}

// Wait waits until nothing is being delivered.
func (d *Deliverer) Wait() { d.ending.Wait() }

// Begin notes that a question is being delivered until done is called; see [Deliverer.Holds].
func (d *Deliverer) Begin(id storage.MessageID) (done func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delivering[id]++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.delivering[id]--; d.delivering[id] == 0 {
			delete(d.delivering, id)
		}
	}
}

// Holds reports whether a question is being delivered.
func (d *Deliverer) Holds(id storage.MessageID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.delivering[id] > 0
}

// clearTimeout is how long the thread's next question waits until the status of the
// one before is cleared.
const clearTimeout = 7 * time.Second

// Deliver posts the outcome of an answered question and ends it, once its status,
// session and reaction are cleared: if the process dies before, the next one does that.
// With check, a part of the outcome may be posted already, and the thread is read
// for it first. It returns an error only if ctx ended before; the question then
// stays answered, for the next start.
func (d *Deliverer) Deliver(ctx context.Context, q storage.Question, check bool) error {
	if q.Thread.IsPrivate() {
		return d.deliverPrivately(ctx, q, check)
	}
	done := d.Begin(q.ID)
	defer func() { done() }()
	endStatus := d.Status.Suspend(q)
	posts, err := d.postInThread(ctx, q, check)
	gone := endStatus(len(posts) > 0)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	end := d.endAfter(ctx, q, err)
	if end != storage.Cancelled {
		d.endMerged(ctx, q, end)
	}
	timer := time.NewTimer(clearTimeout)
	defer timer.Stop()
	select {
	case <-gone:
		return d.end(ctx, q, end, posts)
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
	}
	rest := done
	done = func() {}
	d.ending.Go(func() {
		defer rest()
		select {
		case <-gone:
			if err := d.end(ctx, q, end, posts); err != nil {
				zerolog.Ctx(ctx).Warn().Err(err).Msg("deliver: storing an end failed")
			}
		case <-ctx.Done():
		}
	})
	return nil
}

// endAfter returns the end of a question after its outcome was posted, or the posting
// failed, which the asker or the log gets to know.
func (d *Deliverer) endAfter(ctx context.Context, q storage.Question, err error) storage.State {
	switch {
	case errors.Is(err, errRefused):
		return storage.Failed
	case err != nil && !messageGone(q, err):
		d.notifyPrivately(ctx, q, err)
		if q.Outcome.Failure != storage.FailureStopped {
			return storage.Failed
		}
	case err != nil:
		zerolog.Ctx(ctx).Warn().Err(err).Str("hint", slackapi.Classify(err).Hint).Msg("deliver: posting an outcome failed")
		return storage.Cancelled
	}
	return endOf(q)
}

// endOf returns the end of a question whose outcome was posted.
func endOf(q storage.Question) storage.State {
	switch q.Outcome.Failure {
	case "", storage.FailurePerson:
		return storage.Delivered
	case storage.FailureStopped, storage.FailureDropped:
		return storage.Cancelled
	}
	return storage.Failed
}

// end ends a question in the store.
func (d *Deliverer) end(ctx context.Context, q storage.Question, end storage.State, posts []string) error {
	now := d.Slack.Now()
	if err := storage.Retry(ctx, d.BackOff, func() error { return d.Store.End(ctx, q.ID, end, posts, now) }); err != nil {
		return err
	}
	d.metrics.questionEnded(q.Agent, end, now.Sub(q.AcceptedAt))
	zerolog.Ctx(ctx).Info().Str("state", string(end)).Int("posts", len(posts)).
		Float64("answer_seconds", now.Sub(q.AcceptedAt).Seconds()).Msg("deliver: question ended")
	deleted := false
	err := storage.Retry(ctx, d.BackOff, func() (err error) {
		deleted, err = d.Store.Seen(ctx, storage.DeletedKey(q.ID))
		return err
	})
	if deleted {
		q.Posts = posts
		d.Retract(ctx, q)
	}
	return err
}
