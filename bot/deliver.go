package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/ticket"
	"enjobridge/storage"
)

// deliverer posts the outcome of questions, each exactly once.
type deliverer struct {
	slack      *slackapi.Client
	store      storage.Store
	indicators *indicators
	metrics    deliverMetrics
	agentName  func(agent string) string
	backOff    func(attempt int) time.Duration
	cards      *ticket.Cards
	// offerTicket and offerPerson say which buttons stand below an answer.
	offerTicket, offerPerson bool
	ending                   sync.WaitGroup // questions whose signs are still to be taken away

	mu        sync.Mutex
	delivered map[storage.MessageID]int // those that are being delivered, and by how many
}

// begin notes that a question is being delivered, until done is called.
func (d *deliverer) begin(id storage.MessageID) (done func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delivered[id]++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.delivered[id]--; d.delivered[id] == 0 {
			delete(d.delivered, id)
		}
	}
}

// holds reports whether a question is being delivered.
func (d *deliverer) holds(id storage.MessageID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.delivered[id] > 0
}

// signsWithin is how long the thread's next question waits for the signs of the
// one before to be taken away.
const signsWithin = 7 * time.Second

// deliver posts the outcome of an answered question and ends it, once no sign of
// it is left: a process that dies before is followed by one that takes them away.
// With check, a part of the outcome may be posted already, and the thread is read
// for it first. It returns an error only if ctx ended before; the question then
// stays answered, for the next start.
func (d *deliverer) deliver(ctx context.Context, q storage.Question, check bool) error {
	done := d.begin(q.ID)
	defer func() { done() }()
	hushed := d.indicators.hush(q)
	posts, err := d.postSafely(ctx, q, check)
	gone := hushed(len(posts) > 0)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	end := endOf(q)
	switch {
	case errors.Is(err, errRefused):
		end = storage.Failed
	case err != nil:
		hint := slackapi.Classify(err).Hint
		zerolog.Ctx(ctx).Warn().Err(err).Str("hint", hint).Msg("outcome could not be posted")
		end = storage.Cancelled
	}
	if end != storage.Cancelled {
		d.markAlong(ctx, q.With, end)
	}
	timer := time.NewTimer(signsWithin)
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
				zerolog.Ctx(ctx).Warn().Err(err).Msg("end was not stored")
			}
		case <-ctx.Done():
		}
	})
	return nil
}

// endOf returns the end of a question whose outcome was posted.
func endOf(q storage.Question) storage.State {
	switch q.Outcome.Failure {
	case "":
		return storage.Delivered
	case storage.FailureStopped, storage.FailureDropped:
		return storage.Cancelled
	}
	return storage.Failed
}

// end ends a question in the store.
func (d *deliverer) end(ctx context.Context, q storage.Question, end storage.State, posts []string) error {
	now := time.Now()
	if err := storage.Retry(ctx, d.backOff, func() error { return d.store.End(ctx, q.ID, end, posts, now) }); err != nil {
		return err
	}
	d.metrics.questionEnded(end, now.Sub(q.AcceptedAt))
	zerolog.Ctx(ctx).Info().Str("state", string(end)).Int("posts", len(posts)).Dur("after", now.Sub(q.AcceptedAt)).Msg("question ended")
	deleted := false
	err := storage.Retry(ctx, d.backOff, func() (err error) {
		deleted, err = d.store.Seen(ctx, storage.DeletedKey(q.ID))
		return err
	})
	if deleted {
		q.Posts = posts
		d.takeDownAnswer(ctx, q)
	}
	return err
}
