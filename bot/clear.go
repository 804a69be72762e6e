package bot

import (
	"context"
	"slices"
	"time"

	"github.com/slack-go/slack"
)

// clearAttempts is how often it is tried to take a sign away. What is left would
// show for two minutes, and a session for an hour.
const clearAttempts = 4

// clear takes the sign away. A status is cleared by Slack when a reply is
// posted, so that is done only without one. The session goes on while questions
// are left. The goroutine must have ended.
func (i *indicator) clear(posted, last bool) {
	if !posted && i.thread.Root != "" {
		i.surely("status", func(ctx context.Context) error { return i.setStatus(ctx, "") })
	}
	slices.Sort(i.reacted)
	for _, ts := range slices.Compact(i.reacted) {
		i.surely("reaction", func(ctx context.Context) error {
			err := i.of.api.RemoveReactionContext(ctx, eyes, slack.NewRefToMessage(i.thread.Channel, ts))
			if slackError(err) == "no_reaction" {
				return nil
			}
			return err
		})
	}
	i.reacted = nil
	if last && i.session {
		i.session = false
		// This is waited for: a process that dies before the question has ended is
		// followed by one that closes the session.
		shut := func(ctx context.Context) error { return i.setSession(ctx, "active") }
		if !i.try("session", shut) {
			i.tryAgain("session", shut)
		}
	}
}

// surely makes a call that takes a sign away, and goes on trying in the background.
func (i *indicator) surely(what string, call func(context.Context) error) {
	if !i.try(what, call) {
		i.of.running.Go(func() { i.tryAgain(what, call) })
	}
}

// tryAgain makes a call again that failed for a while, unless the thread has a
// new sign by then, which is left to take both away.
func (i *indicator) tryAgain(what string, call func(context.Context) error) {
	for attempt := 1; attempt < clearAttempts; attempt++ {
		time.Sleep(time.Second << (attempt - 1))
		if i.handedOver() || i.try(what, call) {
			return
		}
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
// what this one left.
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
