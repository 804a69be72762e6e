package bot

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// clearAttempts is how often it is tried to take a sign away: about nine minutes.
const clearAttempts = 10

// clear takes signs away: the thread's status, its session, and the reactions to
// messages. A status is cleared by Slack when a reply is posted, so that is done
// only without one. The goroutine that keeps the sign must have ended. It does not
// wait: what it returns is closed when the signs are gone, or are another sign's,
// or Slack will not hear of them; never if the process ends before.
func (i *indicator) clear(status, session bool, reacted []string) (gone <-chan struct{}) {
	var calls []func() bool
	if status && i.thread.Root != "" {
		calls = append(calls, func() bool {
			return i.surely("status", i.handedOver, func(ctx context.Context) error { return i.setStatus(ctx, "") })
		})
	}
	slices.Sort(reacted)
	for _, ts := range slices.Compact(reacted) {
		calls = append(calls, func() bool {
			return i.surely("reaction", never, func(ctx context.Context) error { return i.unreact(ctx, ts) })
		})
	}
	if session {
		calls = append(calls, func() bool {
			return i.surely("session", i.handedOver, func(ctx context.Context) error { return i.setSession(ctx, "active") })
		})
	}
	if len(calls) == 0 {
		return nothingLeft
	}
	all := make(chan struct{})
	i.of.running.Go(func() {
		if alltrue(calls) {
			close(all)
		}
	})
	return all
}

// alltrue makes calls side by side, and reports whether all of them return true.
func alltrue(calls []func() bool) bool {
	var making sync.WaitGroup
	results := make([]bool, len(calls))
	for n, call := range calls {
		making.Go(func() { results[n] = call() })
	}
	making.Wait()
	return !slices.Contains(results, false)
}

// unreact takes the reaction to the message at ts away, if there is one.
// https://docs.slack.dev/reference/methods/reactions.remove
func (i *indicator) unreact(ctx context.Context, ts string) error {
	err := i.of.api.RemoveReactionContext(ctx, eyes, slack.NewRefToMessage(i.thread.Channel, ts))
	if slackError(err) == "no_reaction" {
		return nil
	}
	return err
}

// surely makes a call that takes a sign away, again and again if it fails for a
// while, unless it is moot by then. It returns false if the process ended before.
func (i *indicator) surely(what string, moot func() bool, call func(context.Context) error) bool {
	for attempt := 1; ; attempt++ {
		switch {
		case i.try(what, call), attempt == clearAttempts:
			return true
		case !i.rest(attempt):
			return i.try(what, call)
		case moot():
			return true
		}
	}
}

// never is for what has to be taken away whatever comes next in the thread: a
// new sign has a reaction of its own, to another message.
func never() bool { return false }

// rest waits before an attempt, longer each time. It returns false, at once, if
// the process is ending.
func (i *indicator) rest(attempt int) bool {
	timer := time.NewTimer(time.Second << (attempt - 1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-i.of.closing:
		return false
	}
}

// try makes a call, and reports whether it is not to be made again.
func (i *indicator) try(what string, call func(context.Context) error) bool {
	ctx, cancel := context.WithTimeout(context.Background(), indicateWithin)
	defer cancel()
	err := call(ctx)
	if err == nil {
		return true
	}
	trouble, _, _ := troubleOf(err)
	i.of.log.Debug().Err(err).Str("sign", what).Msg("sign could not be taken away")
	return trouble != troubleWait && trouble != troubleUnknown
}

// handedOver reports whether the thread has a new sign, which then takes over
// the status and the session that this one left.
func (i *indicator) handedOver() bool {
	i.of.mu.Lock()
	defer i.of.mu.Unlock()
	next := i.of.threads[i.thread]
	if next == nil || next == i {
		return false
	}
	next.inherited = i.of.sessions != nil
	return true
}
