package slackapi

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// lateFor is how long a late post is compared with what others have posted, and how long
// [Client.Close] waits for late posts.
const lateFor = 10 * time.Second

// arrivesFor is how long a request without a response may still arrive: the network can stand
// still for a while.
const arrivesFor = time.Minute

// lookAgain are the waits before each look for another post like a late one. Others post
// within moments after the guard has begun to refuse, or have done so.
var lookAgain = []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second}

// watchFor are the waits before each look for doubles of a post that was posted again.
var watchFor = []time.Duration{time.Second, 3 * time.Second, 6 * time.Second, 20 * time.Second, 30 * time.Second}

// looksAgain is how often each look is tried again that fails.
const looksAgain = 5

// The outcomes of a late post.
const (
	lateKept    = "kept"    // nobody else has posted it
	lateDeleted = "deleted" // somebody else has
)

// latePosts are the posts of guarded clients for whose response nobody waits any more.
type latePosts struct {
	ctx     context.Context // ends when no more is waited for
	end     context.CancelFunc
	open    context.Context // ends when the client closes
	closing context.CancelFunc
	running sync.WaitGroup
}

func newLatePosts() *latePosts {
	l := new(latePosts)
	l.ctx, l.end = context.WithCancel(context.Background())
	l.open, l.closing = context.WithCancel(l.ctx)
	return l
}

// newLateCounter registers the counter of late posts.
func newLateCounter(r *telemetry.Registry) *prometheus.CounterVec {
	late := r.Counter("late_posts_total",
		"Posts whose response came when this replica had no lease any more, by outcome: kept, or deleted because another replica has posted the same.", "outcome")
	telemetry.Preset(late.MetricVec, []string{lateKept, lateDeleted})
	return late
}

// close waits for late posts, for a while.
func (l *latePosts) close() {
	l.closing()
	timer := time.AfterFunc(lateFor, l.end)
	defer timer.Stop()
	l.running.Wait()
	l.end()
}

// awaitRefusal waits until a guard does not agree any more, while a request without a response
// can still reach Slack. It reports whether that has happened.
func (l *latePosts) awaitRefusal(guard func() error) bool {
	for began := time.Now(); guard() == nil; {
		if time.Since(began) > arrivesFor || backoff.Sleep(l.open, time.Second) != nil {
			return false
		}
	}
	return true
}

// posting is what a call of chat.postMessage posts.
type posting struct {
	in     storage.ThreadID // with an empty root: at the top of the channel
	marker Marker
}

// callPost calls chat.postMessage. The call of a guarded client goes on when ctx has ended,
// because it may have posted, and may have been too late.
func (c *Client) callPost(ctx context.Context, p posting, values url.Values) (slackevent.Object, error) {
	if c.guard == nil {
		return c.call(ctx, "chat.postMessage", values)
	}
	type response struct {
		found slackevent.Object
		err   error
	}
	responses, began := make(chan response, 1), c.Now()
	c.late.running.Go(func() {
		calling, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		defer context.AfterFunc(c.late.ctx, cancel)()
		r := response{err: errPanicked}
		c.panics.Do("post a message", func() { r.found, r.err = c.call(calling, "chat.postMessage", values) })
		mayBePosted := r.err == nil || Classify(r.err).Class == Unknown
		late := mayBePosted && (ctx.Err() != nil || c.guard() != nil)
		responses <- r
		if late {
			c.panics.Do("compare a late post", func() { c.lateCounter.WithLabelValues(c.free.posted(calling, p, r.found.Text("ts"), began)).Inc() })
		}
	})
	select {
	case r := <-responses:
		return r.found, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// posted deletes a late post, which was sent at a time, if another post has its marker or it
// is misplaced, and returns the outcome. The timestamp is empty if there was no response: Slack can still get
// the request, and then the latest of the posts is deleted.
func (c *Client) posted(ctx context.Context, p posting, ts string, began time.Time) (outcome string) {
	outcome = lateKept
	log := c.log.With().Str("question", p.marker.Question.String()).Logger()
	for _, wait := range lookAgain {
		if p.marker == (Marker{}) || backoff.Sleep(ctx, wait) != nil {
			break
		}
		another, err := c.deleteNeedless(ctx, p, ts, began)
		for again := 0; err != nil && again < looksAgain && backoff.Sleep(ctx, lookAgain[len(lookAgain)-1]) == nil; again++ {
			another, err = c.deleteNeedless(ctx, p, ts, began)
		}
		if err != nil {
			log.Warn().Err(err).Str("hint", Classify(err).Hint).Msg("slackapi: looking for another post like a late one failed")
		} else if another {
			outcome = lateDeleted
			break
		}
	}
	log.Info().Str("outcome", outcome).Msg("slackapi: a post came late")
	return outcome
}

// watchForDoubles deletes posts with the marker of one that was posted again because the outcome of
// an attempt was unknown: a request can arrive long after nobody waits for its response any more.
func (c *Client) watchForDoubles(p Post, ts string) {
	if p.Marker == (Marker{}) {
		return
	}
	c.late.running.Go(func() {
		c.panics.Do("watch for doubles of a post", func() {
			for _, wait := range watchFor {
				if backoff.Sleep(c.late.open, wait) != nil {
					return
				}
				if err := c.free.deleteDoubles(c.late.open, p, ts); err != nil && c.late.open.Err() == nil {
					c.log.Warn().Err(err).Str("question", p.Marker.Question.String()).Str("hint", Classify(err).Hint).
						Msg("slackapi: looking for doubles of a post failed")
				}
			}
		})
	})
}

// deleteDoubles deletes the posts with a marker other than the one with the timestamp, which is
// the one that its users know.
func (c *Client) deleteDoubles(ctx context.Context, p Post, ts string) error {
	for m, err := range c.Messages(ctx, p.To.Thread, Range{Oldest: p.To.Since, Metadata: true}) {
		if err != nil {
			return err
		}
		if m.TS == ts || !c.Own(m) || !p.Marker.isOn(m) {
			continue
		}
		if err := c.Delete(ctx, p.To.Thread.Channel, m.TS); err != nil {
			return err
		}
		c.log.Info().Str("question", p.Marker.Question.String()).Msg("slackapi: a double of a post is deleted")
	}
	return nil
}

// callShown calls a method that shows something until the bot ends that. If the call of a
// guarded client can reach Slack when the guard does not agree any more, undo ends it again: who
// may has done so already, or does later.
func (c *Client) callShown(ctx context.Context, method string, values url.Values, undo func(context.Context, *Client) error) error {
	_, err := c.call(ctx, method, values)
	unknown := err != nil && (ctx.Err() != nil || Classify(err).Class == Unknown) && !errors.Is(err, errWithheld)
	if c.guard == nil || !unknown && (err != nil || c.guard() == nil) {
		return err
	}
	c.late.running.Go(func() {
		if !c.late.awaitRefusal(c.guard) {
			return
		}
		for _, wait := range lookAgain {
			if backoff.Sleep(c.late.ctx, wait) != nil {
				return
			}
			c.panics.Do("undo "+method, func() {
				if err := undo(c.late.ctx, c.free); err != nil {
					c.log.Debug().Err(err).Str("method", method).Msg("slackapi: undoing a late call failed")
				}
			})
		}
	})
	return err
}

// deleteNeedless deletes a late post if there is another one with its marker, or if Slack has
// posted it at the top because the root of its thread is deleted. It reports whether it has.
func (c *Client) deleteNeedless(ctx context.Context, p posting, ts string, began time.Time) (deleted bool, err error) {
	since := slackevent.FormatTS(began.Add(-time.Minute))
	needless, err := c.postedTwice(ctx, p, ts, since)
	switch {
	case ErrorCode(err) == "thread_not_found":
		err = c.deleteMisplaced(ctx, Target{Thread: p.in, Since: since}, p.marker.isOn, nil)
		if deleted = errors.Is(err, ErrRootGone); deleted {
			err = nil
		}
		return deleted, err
	case err != nil || needless == "":
		return false, err
	}
	return true, c.Delete(ctx, p.in.Channel, needless)
}

// postedTwice returns the timestamp of the late post if there is another one with its marker;
// empty if there is none.
func (c *Client) postedTwice(ctx context.Context, p posting, ts, since string) (needless string, err error) {
	others, latest := 0, ts
	for m, err := range c.Messages(ctx, p.in, Range{Oldest: since, Metadata: true}) {
		switch {
		case err != nil:
			return "", err
		case m.TS == ts || !c.Own(m) || !p.marker.isOn(m):
			continue
		case ts == "" && slackevent.CompareTS(m.TS, latest) > 0:
			latest = m.TS
		}
		others++
	}
	if others > 1 || others == 1 && ts != "" {
		return latest, nil
	}
	return "", nil
}
