package interact

import (
	"context"
	"errors"
	"slices"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/backoff"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// completeEvery is how often presses are completed whose task took too long. Their tasks
	// have ended by then.
	completeEvery = 6 * time.Minute
	// completeFor is how long after a press its task is repeated: later nobody waits for it.
	completeFor = time.Hour
	// repeatWait is how long a press waits for an earlier one of the same button: as long as
	// that may take to end after its person has seen its effect.
	repeatWait = 500 * time.Millisecond
	// lostURL stands for the response URL of a private message, which is a secret that is not
	// stored: what it would show is shown otherwise.
	lostURL = "lost"
)

// lasting stores a press, and returns a function that starts its task, and does not wait. If
// the process ends before the task, or the task takes too long, it is repeated: it must
// find what is done already. While it runs, another press of the button waits only a moment
// for it, and shows again. An [Acceptor] leaves the task to the [Worker], which can learn
// of a press more than once.
func (h *Handler) lasting(ctx context.Context, i slackevent.Interaction, what string, again blocks.Key, do func(context.Context) error) (func(), error) {
	p := storage.Press{
		Message: i.Message(h.Self.TeamID), Action: i.Name, At: h.Slack.Now(), ThreadTS: i.ThreadTS, User: i.User,
		Private: i.ResponseURL != "", Value: i.Value,
	}
	if h.Role != Worker {
		if err := h.Store.AddPress(ctx, p); err != nil {
			return nil, err
		}
	}
	if h.Role == Acceptor {
		return func() {}, nil
	}
	return h.task(i, what, func(ctx context.Context) error {
		soon, cancel := context.WithTimeout(ctx, repeatWait)
		unlock, err := h.locks.Lock(soon, "lasting/"+i.Name+"/"+p.Message.String())
		cancel()
		switch {
		case err != nil && h.Role == Worker:
			return ctx.Err()
		case err != nil:
			return errors.Join(ctx.Err(), h.reply(ctx, i, blocks.Say(again.Text())))
		}
		defer unlock()
		if h.Role == Worker {
			if stored, err := h.stored(ctx, p.Message, p.Action); err != nil || stored == nil {
				return err
			}
		}
		err = do(ctx)
		if ctx.Err() != nil {
			return err
		}
		return errors.Join(h.reportFailure(ctx, i, err), h.endPress(ctx, p))
	}), nil
}

// stored returns the stored press of a button of a message; nil if its effect is complete.
func (h *Handler) stored(ctx context.Context, message storage.MessageID, button string) (*storage.Press, error) {
	presses, err := h.Store.Presses(ctx)
	at := slices.IndexFunc(presses, func(p storage.Press) bool { return p.Message == message && p.Action == button })
	if err != nil || at < 0 {
		return nil, err
	}
	return &presses[at], nil
}

// CompletePress starts to complete the press of a button of a message that an [Acceptor] has
// stored. It does not wait. Called again, also meanwhile, it has no other effect.
func (h *Handler) CompletePress(ctx context.Context, message storage.MessageID, button string) error {
	p, err := h.stored(ctx, message, button)
	if err != nil || p == nil {
		return err
	}
	return h.complete(ctx, *p)
}

func (h *Handler) endPress(ctx context.Context, p storage.Press) error {
	return storage.Retry(ctx, h.BackOff, func() error { return h.Store.EndPress(ctx, p.Message, p.Action) })
}

// Complete completes the presses that an earlier process has left, and regularly those
// whose task took too long, until ctx ends.
func (h *Handler) Complete(ctx context.Context) {
	for before := h.Slack.Now(); ; before = h.Slack.Now().Add(-completeEvery) {
		if err := h.completeAll(ctx, before); err != nil && ctx.Err() == nil {
			h.Log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("interact: completing presses failed, trying again")
		}
		if backoff.Sleep(ctx, completeEvery) != nil {
			return
		}
	}
}

// completeAll completes the presses from before a time.
func (h *Handler) completeAll(ctx context.Context, before time.Time) error {
	var presses []storage.Press
	err := storage.Retry(ctx, h.BackOff, func() (err error) {
		presses, err = h.Store.Presses(ctx)
		return err
	})
	now := h.Slack.Now()
	for _, p := range presses {
		if p.At.Before(before) || p.At.After(now) { // the clock was set back after the press
			err = errors.Join(err, h.complete(ctx, p))
		}
	}
	return err
}

// complete repeats the task of a press, whose person was admitted then. After too long it
// only links a shared answer that is posted.
func (h *Handler) complete(ctx context.Context, p storage.Press) error {
	i := slackevent.Interaction{
		Kind: slackevent.BlockAction, User: p.User, Membership: slackevent.Member, Channel: p.Message.Channel, TS: p.Message.TS, ThreadTS: p.ThreadTS,
		Name: p.Action, Value: p.Value,
	}
	if p.Private {
		i.ResponseURL = lostURL
	}
	log := h.Log.Info().Str("control", p.Action).Str("user", p.User)
	do, known := h.actions[control{i.Kind, i.Name}]
	if known && h.Slack.Now().Sub(p.At) < completeFor {
		begin, err := do(ctx, i)
		if err == nil {
			log.Msg("interact: completing a press")
			begin()
			return nil
		}
		if _, refused := errors.AsType[refusal](err); !refused {
			return err
		}
	}
	if p.Action == blocks.ActionShare {
		h.task(i, "linking a shared answer", func(ctx context.Context) error { return h.linkShared(ctx, p) })()
		return nil
	}
	log.Msg("interact: a press is too old to be completed")
	return h.endPress(ctx, p)
}
