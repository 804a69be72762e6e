package deliver

import (
	"context"
	"slices"
	"sync"
	"time"

	"enjobridge/bot/slackapi"

	"golang.org/x/time/rate"
)

// clearAttempts is how often it is tried to take a sign away: about nine minutes.
const clearAttempts = 10

// clear takes signs away: the thread's status, its session, and the reactions to
// messages. A status is cleared by Slack when a reply is posted, so that is done
// only without one. The goroutine that keeps the sign must have ended. It does not
// wait: what it returns is closed when the signs are gone, or are another sign's,
// or Slack will not hear of them; never if the process ends before.
func (i *threadStatus) clear(status, session bool, reacted []string) (gone <-chan struct{}) {
	var calls []clearing
	if status && i.thread.Root != "" {
		calls = append(calls, clearing{"status", unpaced, i.shownAgain, func(ctx context.Context) error { return i.setStatus(ctx, "") }})
	}
	counted := len(reacted)
	slices.Sort(reacted)
	for _, ts := range slices.Compact(reacted) {
		calls = append(calls, clearing{"reaction", i.of.removals, never, func(ctx context.Context) error { return i.unreact(ctx, ts) }})
	}
	if session {
		calls = append(calls, clearing{"session", unpaced, i.shownAgain, func(ctx context.Context) error { return i.setSession(ctx, "active") }})
	}
	if len(calls) == 0 {
		return nothingLeft
	}
	all, late := make(chan struct{}), i.late
	i.of.running.Go(func() {
		if i.clearAll(calls, late) {
			i.of.mu.Lock()
			i.of.reacted -= counted
			i.of.mu.Unlock()
			close(all)
		}
	})
	return all
}

// clearing is a call that takes a sign away, unless it is moot by then.
type clearing struct {
	what string
	pace *rate.Limiter
	moot func() bool
	call func(context.Context) error
}

// clearAll makes calls side by side, and makes them again when what was still on
// its way to Slack before has come, by late: it could show a sign that was taken
// away. It returns false if the process ended before.
func (i *threadStatus) clearAll(calls []clearing, late time.Time) bool {
	var making sync.WaitGroup
	results := make([]bool, len(calls))
	for n, c := range calls {
		making.Go(func() {
			results[n] = i.surely(c)
			if wait := time.Until(late); results[n] && wait > 0 {
				results[n] = i.wait(wait) && (c.moot() || i.surely(c))
			}
		})
	}
	making.Wait()
	return !slices.Contains(results, false)
}

// unreact takes the reaction to the message at ts away, if there is one.
// https://docs.slack.dev/reference/methods/reactions.remove
func (i *threadStatus) unreact(ctx context.Context, ts string) error {
	return i.of.slack.Unreact(ctx, i.thread.Channel, ts, eyes)
}

// surely makes a call that takes a sign away, again and again if it fails for a
// while, unless it is moot by then. It returns false if the process ended before.
func (i *threadStatus) surely(c clearing) bool {
	for attempt := 1; ; attempt++ {
		// If the process is ending it is tried at once.
		i.wait(c.pace.Reserve().Delay())
		switch {
		case i.try(c), attempt == clearAttempts:
			return true
		case !i.wait(time.Second << (attempt - 1)):
			return i.try(c)
		case c.moot():
			return true
		}
	}
}

// unpaced is the pace of calls that are few.
var unpaced = rate.NewLimiter(rate.Inf, 1)

// never is for what has to be taken away whatever comes next in the thread: a
// new sign has a reaction of its own, to another message.
func never() bool { return false }

// wait waits. It returns false, at once, if the process is ending.
func (i *threadStatus) wait(d time.Duration) bool {
	if d <= 0 {
		select {
		case <-i.of.closing:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-i.of.closing:
		return false
	}
}

// try makes a call, and reports whether it is not to be made again.
func (i *threadStatus) try(c clearing) bool {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	err := c.call(ctx)
	if err == nil {
		return true
	}
	i.of.log.Debug().Err(err).Str("sign", c.what).Msg("sign could not be taken away")
	return !slackapi.Classify(err).Transient()
}

// shownAgain reports whether the thread has a sign again. A new one takes over the
// status and the session that this one left.
func (i *threadStatus) shownAgain() bool {
	i.of.mu.Lock()
	defer i.of.mu.Unlock()
	next := i.of.threads[i.thread]
	switch next {
	case nil:
		return false
	case i:
		return i.stop != nil
	}
	next.inherited = i.of.sessions != nil
	return true
}
