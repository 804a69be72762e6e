package bot

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

const (
	// clearAttempts is how often it is tried to take a sign away while the
	// question's end waits for it.
	clearAttempts = 4
	// clearLater is how often it is tried after that, in the background: a
	// reaction would stay for ever.
	clearLater = 6
)

// clear takes the sign away. A status is cleared by Slack when a reply is
// posted, so that is done only without one. The session goes on while questions
// are left. The goroutine must have ended.
//
// It is waited for: a process that dies before the question has ended is
// followed by one that clears its signs.
func (i *indicator) clear(posted, last bool) {
	var clearing sync.WaitGroup
	if !posted && i.thread.Root != "" {
		clearing.Go(func() {
			i.surely("status", i.handedOver, func(ctx context.Context) error { return i.setStatus(ctx, "") })
		})
	}
	slices.Sort(i.reacted)
	for _, ts := range slices.Compact(i.reacted) {
		clearing.Go(func() {
			i.surely("reaction", never, func(ctx context.Context) error { return i.unreact(ctx, ts) })
		})
	}
	i.reacted = nil
	if last && i.session {
		i.session = false
		clearing.Go(func() {
			i.surely("session", i.handedOver, func(ctx context.Context) error { return i.setSession(ctx, "active") })
		})
	}
	clearing.Wait()
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

// surely makes a call that takes a sign away, again if it fails for a while, and
// goes on trying in the background, unless it is moot by then.
func (i *indicator) surely(what string, moot func() bool, call func(context.Context) error) {
	if i.try(what, call) {
		return
	}
	for attempt := 1; attempt < clearAttempts && i.rest(attempt); attempt++ {
		if moot() || i.try(what, call) {
			return
		}
	}
	i.of.running.Go(func() {
		for attempt := range clearLater {
			more := i.rest(clearAttempts + attempt)
			if moot() || i.try(what, call) || !more {
				return
			}
		}
	})
}

// never is for what has to be taken away whatever comes next in the thread: a
// new sign has a reaction of its own, to another message.
func never() bool { return false }

// rest waits before an attempt, longer each time. It returns false, at once, if
// the process is ending.
func (i *indicator) rest(attempt int) bool {
	select {
	case <-time.After(time.Second << (attempt - 1)):
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
