package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackevent"
)

const (
	// lookUpTimeout bounds the look-up of a user, with its attempts: Slack sends an event
	// for the last time six minutes after the first.
	lookUpTimeout = 6 * time.Minute
	// maxLookUps bounds how many users are looked up at the same time.
	maxLookUps = 256
)

// lookUps are the look-ups of users that have not ended, by the user's ID. Each user has at
// most one.
type lookUps struct {
	ctx    context.Context // ends with the client
	cancel context.CancelFunc

	mu      sync.Mutex
	closed  bool
	running map[string]*lookUp
	ended   sync.WaitGroup
}

// lookUp is the look-up of a user.
type lookUp struct {
	persists bool          // it is repeated until Slack answers; guarded by lookUps.mu
	tried    chan struct{} // closed after the first attempt
	refused  bool          // Slack answered the first attempt with an error; set before tried is closed
	done     chan struct{} // closed at the end, when the fields below are set
	user     slackevent.User
	answered bool  // Slack has answered, perhaps with an error
	err      error // of the last attempt
}

func newLookUps() *lookUps {
	ctx, cancel := context.WithCancel(context.Background())
	return &lookUps{ctx: ctx, cancel: cancel, running: make(map[string]*lookUp)}
}

// close ends all look-ups.
func (s *lookUps) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.ended.Wait()
}

// User returns a user; false if Slack has not answered. If Slack answered with an error, the
// user has no name, and a membership that is not verified.
// https://docs.slack.dev/reference/methods/users.info
func (c *Client) User(ctx context.Context, id string) (slackevent.User, bool) {
	last, known, valid := c.users.last(id)
	if valid {
		return last, known
	}
	refused := false
	if l := c.lookUp(id, false); l != nil {
		select {
		case <-l.tried:
			refused = l.refused
		case <-ctx.Done():
		}
	}
	if last, known, _ = c.users.last(id); !known && refused {
		return slackevent.User{Membership: slackevent.Unverified}, true
	}
	return last, known
}

// errTooManyLookUps means that a user is not looked up now.
var errTooManyLookUps = errors.New("too many users are looked up")

// Membership returns whether a user belongs to the bot's organisation; Unverified if Slack
// answers with an error, or does not say. It returns an error if Slack has not answered
// before ctx ends. The look-up then goes on for a while, for the next caller.
// https://docs.slack.dev/reference/methods/users.info
func (c *Client) Membership(ctx context.Context, id string) (slackevent.Membership, error) {
	if known, _, valid := c.users.last(id); valid {
		return known.Membership, nil
	}
	l := c.lookUp(id, true)
	if l == nil {
		return slackevent.Unknown, errTooManyLookUps
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		return slackevent.Unknown, fmt.Errorf("looking up the user %s: %w", id, context.Cause(ctx))
	}
	switch {
	case !l.answered:
		return slackevent.Unknown, fmt.Errorf("looking up the user %s: %w", id, l.err)
	case l.err != nil:
		return slackevent.Unverified, nil
	}
	return l.user.Membership, nil
}

// lookUp starts the look-up of a user, or returns the one that is running; nil if there are
// too many, or if the client is closed.
func (c *Client) lookUp(id string, persists bool) *lookUp {
	c.lookUps.mu.Lock()
	defer c.lookUps.mu.Unlock()
	if l := c.lookUps.running[id]; l != nil {
		l.persists = l.persists || persists
		return l
	}
	if c.lookUps.closed || len(c.lookUps.running) >= maxLookUps {
		return nil
	}
	l := &lookUp{persists: persists, tried: make(chan struct{}), done: make(chan struct{})}
	c.lookUps.running[id] = l
	c.lookUps.ended.Go(func() { c.free.look(l, id) }) // others may wait for it, too
	return l
}

// errPanicked means that an attempt to look up a user panicked.
var errPanicked = errors.New("the attempt panicked")

// look looks up a user, again and again if that persists and Slack has not answered: a
// rate limit is no answer.
func (c *Client) look(l *lookUp, id string) {
	ctx, cancel := context.WithTimeout(c.lookUps.ctx, lookUpTimeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		l.err = errPanicked
		c.panics.Do("look up a user", func() { l.user, l.answered, l.err = c.fetchUser(ctx, id) })
		if l.err == nil {
			c.users.put(id, l.user)
		}
		ends := c.lookUps.endAfter(ctx, l, id)
		if attempt == 1 {
			l.refused = l.answered && l.err != nil
			close(l.tried)
		}
		if ends {
			close(l.done)
			return
		}
		wait := max(Classify(l.err).RetryAfter, c.backOff(attempt))
		c.log.Debug().Err(l.err).Str("user", id).Float64("wait_seconds", wait.Seconds()).Msg("slackapi: looking up a user failed, trying again")
		_ = backoff.Sleep(ctx, wait) // if ctx ends, the next attempt is the last
	}
}

// endAfter reports whether a look-up ends after an attempt. Then it is not found any more.
func (s *lookUps) endAfter(ctx context.Context, l *lookUp, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !l.answered && l.persists && ctx.Err() == nil {
		return false
	}
	delete(s.running, id)
	return true
}

// fetchUser makes one attempt to look up a user, and reports whether Slack has answered.
func (c *Client) fetchUser(ctx context.Context, id string) (user slackevent.User, answered bool, err error) {
	found, err := c.call(ctx, "users.info", url.Values{"user": {id}})
	if err != nil {
		class := Classify(err).Class
		return slackevent.User{}, class != RateLimited && class != Unknown, err
	}
	var self slackevent.Identity
	if known := c.self.Load(); known != nil {
		self = *known
	}
	user, err = slackevent.DecodeUser(found["user"], self)
	return user, true, err
}
