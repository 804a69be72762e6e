package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// takeFound takes a message that was found in history as if an event told of it.
// It returns the key of the refusal that the sender is told, if any: see awaitTold.
func (l *listener) takeFound(ctx context.Context, m slackevent.Message) (refusal storage.Key, err error) {
	taken, err := l.keepMessage(l.log.WithContext(ctx), m)
	if err != nil {
		return "", err
	}
	taken.afterwards()
	return taken.refusal, nil
}

// taken is a message whose verdict is stored.
type taken struct {
	afterwards func()      // what is to be done once the message is acknowledged
	refusal    storage.Key // the key of the refusal that is told; empty if none is
}

// keepMessage makes the verdict on a message last, one of a thread at a time: the
// same message can come as an event and be found in history at once.
func (l *listener) keepMessage(ctx context.Context, m slackevent.Message) (taken, error) {
	done, err := l.locks.Lock(ctx, m.ID.Channel+"/"+cmp.Or(m.ThreadTS, m.ID.TS))
	if err != nil {
		return taken{}, err
	}
	defer done()
	return l.keepInTurn(ctx, m)
}

func (l *listener) keepInTurn(ctx context.Context, m slackevent.Message) (taken, error) {
	now := time.Now()
	known, err := l.known(ctx, m)
	if err != nil {
		return taken{}, err
	}
	v, arrived := l.decide(m, known, now)
	if v, err = l.withinDay(ctx, m, v, now); err != nil {
		arrived()
		return taken{}, err
	}
	if v.reason == reasonNotAddressed && known.thread == nil && m.ThreadTS != "" {
		l.overheard.remember(m.Thread(l.policy.agentView), m, len(m.Text), now)
		// The thread may have become known meanwhile, from history.
		if known, err = l.known(ctx, m); err != nil {
			return taken{}, err
		} else if known.thread != nil {
			return l.keepInTurn(ctx, m)
		}
	}
	fresh, stop, refusal := true, func() {}, storage.Key("")
	switch v.action {
	case actionAsk:
		fresh, err = l.store.Accept(ctx, v.question, v.thread)
	case actionRefuse:
		refusal = v.onceKey(m)
		fresh, err = l.notTold(ctx, refusal)
	case actionReact:
		fresh, err = l.store.Once(ctx, storage.ReactedKey(m.ID), now)
	case actionStop:
		if stop, err = l.keepStop(ctx, m.Thread(l.policy.agentView)); err == nil {
			if fresh, err = l.store.Once(ctx, storage.RefusedKey(m.ID), now); err != nil {
				stop() // what is settled as stopped will not be when this is sent again
			}
		}
	case actionIgnore:
		fresh, err = l.keepIgnored(ctx, m, v, now)
	}
	if err != nil {
		arrived()
		return taken{}, fmt.Errorf("storing the verdict on a message: %w", err)
	}
	l.verdicts.WithLabelValues(string(v.action), string(v.reason)).Inc()
	zerolog.Ctx(ctx).WithLevel(v.level(fresh)).Str("question", m.ID.String()).Str("ref", storage.Reference(m.ID)).
		Str("verdict", string(v.action)).Str("reason", string(v.reason)).Bool("again", !fresh).Msg("message decided")
	return taken{refusal: refusal, afterwards: func() {
		defer arrived()
		switch {
		case v.action == actionStop:
			stop()
		case !fresh:
		case v.action == actionAsk:
			l.queue.Add(l.asEdited(ctx, v.question))
			if known.thread == nil {
				l.takeOverheard(ctx, v.thread.ID)
			}
		case v.action == actionReact:
			l.notifier.notify(l.background, m, v, func(bool) {})
		case v.action == actionRefuse:
			l.notifier.notify(l.background, m, v, func(told bool) { l.told(context.WithoutCancel(ctx), refusal, told) })
		}
	}}, nil
}

// keepIgnored remembers a message that is ignored only for how its thread is at
// the moment: history must not bring it back later.
func (l *listener) keepIgnored(ctx context.Context, m slackevent.Message, v verdict, now time.Time) (fresh bool, err error) {
	switch v.reason {
	case reasonMuted:
	case reasonBotLoop:
		place := m.Thread(l.policy.agentView)
		place.Root = m.ThreadTS // empty at the channel's top
		first, err := l.store.Once(ctx, storage.BotLoopKey(place), now)
		if err != nil {
			return false, err
		}
		if first {
			zerolog.Ctx(ctx).Warn().Str("question", m.ID.String()).Str("bot", m.BotID).
				Str("hint", "nothing, or take the bot out of ALLOWED_BOTS").Msg("bots talk to each other; this one is quiet there until a person asks")
		}
	default:
		return true, nil
	}
	return l.store.Once(ctx, storage.RefusedKey(m.ID), now)
}

// notTold reports whether a refusal was not told before. From then on it counts
// as being told.
func (l *listener) notTold(ctx context.Context, key storage.Key) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.telling[key] != nil {
		return false, nil
	}
	told, err := l.store.Seen(ctx, key)
	if err == nil && !told {
		l.telling[key] = make(chan struct{})
	}
	return !told, err
}

// told remembers that a refusal was told. Before that it is not stored, so that
// history brings it back to a process that comes after one that was killed.
func (l *listener) told(ctx context.Context, key storage.Key, told bool) {
	if told {
		if _, err := l.store.Once(ctx, key, time.Now()); err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("hint", storage.DiskHint).Msg("that a refusal was told could not be stored")
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.telling[key])
	delete(l.telling, key)
}

// errNotTold says that a sender could not be told that a message is refused.
var errNotTold = errors.New("the sender of a refused message could not be notified")

// awaitTold waits until a refusal is told, and that is stored. Until then history
// does not count as read: a process that dies while it tells is followed by one
// that finds the message again.
func (l *listener) awaitTold(ctx context.Context, refusal storage.Key) error {
	l.mu.Lock()
	telling := l.telling[refusal]
	l.mu.Unlock()
	if telling != nil {
		select {
		case <-telling:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	told, err := l.store.Seen(ctx, refusal)
	if err == nil && !told {
		err = errNotTold
	}
	return err
}

// takeOverheard takes what was said in a thread before the question with which
// it became known. What fails is found in history, later.
func (l *listener) takeOverheard(ctx context.Context, thread storage.ThreadID) {
	messages := l.overheard.recall(thread)
	slices.SortFunc(messages, func(a, b slackevent.Message) int { return slackevent.CompareTS(a.ID.TS, b.ID.TS) })
	for _, m := range messages {
		if _, err := l.takeFound(ctx, m); err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("question", m.ID.String()).Str("hint", storage.DiskHint).Msg("an early follow-up could not be stored")
		}
	}
}

// decide decides on a message, with what is in line at that moment. A question
// counts as in line until it is, or until what is returned is called: otherwise
// many that come at once would all find room.
func (l *listener) decide(m slackevent.Message, k knowledge, now time.Time) (v verdict, arrived func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k.unfinished, k.mine, k.all = l.queue.Depth(m.Thread(l.policy.agentView), m.User)
	if m.FromBot() && m.ThreadTS == "" {
		k.botTurns = l.bots.turns(m, now)
	}
	k.mine += l.arriving[m.User]
	for _, n := range l.arriving {
		k.all += n
	}
	k.age = l.slack.Now().Sub(slackevent.ParseTS(m.ID.TS))
	v = intake(m, k, l.policy, now)
	if v.action != actionAsk {
		return v, func() {}
	}
	l.bots.asked(m, now)
	l.arriving[m.User]++
	return v, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.arriving[m.User]--; l.arriving[m.User] == 0 {
			delete(l.arriving, m.User)
		}
	}
}

// withinDay counts a question for its channel's day, and turns the verdict where
// that is spent.
func (l *listener) withinDay(ctx context.Context, m slackevent.Message, v verdict, now time.Time) (verdict, error) {
	if v.action != actionAsk {
		return v, nil
	}
	n, err := countForDay(ctx, l.store, l.policy, m, now)
	if err == nil && n > l.policy.channelDaily {
		return spent(n == l.policy.channelDaily+1), nil
	}
	return v, err
}

// countForDay counts a question for its channel's day, if that is bounded; it
// returns how many there are then, 0 if it is not.
func countForDay(ctx context.Context, store storage.Store, p policy, m slackevent.Message, now time.Time) (int, error) {
	if p.channelDaily <= 0 || m.IsDirect() {
		return 0, nil
	}
	n, err := store.Tally(ctx, storage.ChannelDayKey(m.ID.Channel, now), now)
	if err != nil {
		return 0, fmt.Errorf("counting a channel's questions: %w", err)
	}
	return n, nil
}

// known returns what is known besides a message.
func (l *listener) known(ctx context.Context, m slackevent.Message) (knowledge, error) {
	if !m.Valid() {
		return knowledge{}, nil
	}
	var k knowledge
	id := m.Thread(l.policy.agentView)
	switch thread, err := l.store.Thread(ctx, id); {
	case err == nil:
		k.thread, k.botTurns = &thread, thread.BotTurns
	case !errors.Is(err, storage.ErrNotFound):
		return k, fmt.Errorf("reading a message's thread: %w", err)
	default:
		if k.offered, err = l.offered(ctx, id); err != nil {
			return k, err
		}
		if k.offered {
			k.thread = &storage.Thread{ID: id, Agent: l.policy.agentOf(id.Channel)}
		}
	}
	switch _, err := l.store.Question(ctx, m.ID); {
	case err == nil:
		k.accepted = true
		return k, nil
	case !errors.Is(err, storage.ErrNotFound):
		return k, fmt.Errorf("looking for a message's question: %w", err)
	}
	for _, key := range []storage.Key{storage.RefusedKey(m.ID), storage.OfferedKey(m.ID), storage.DeletedKey(m.ID)} {
		seen, err := l.store.Seen(ctx, key)
		if err != nil {
			return k, fmt.Errorf("looking for a message's refusal: %w", err)
		}
		k.accepted = k.accepted || seen
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	k.accepted = k.accepted || l.telling[storage.RefusedKey(m.ID)] != nil || l.telling[storage.OfferedKey(m.ID)] != nil
	return k, nil
}

// offered reports whether the bot has asked, or is asking, below a thread's first
// message whether it still needs an answer. A reply to that is for the bot,
// although it has no part in the thread yet.
func (l *listener) offered(ctx context.Context, thread storage.ThreadID) (bool, error) {
	key := storage.OfferedKey(storage.MessageID{Team: thread.Team, Channel: thread.Channel, TS: thread.Root})
	l.mu.Lock()
	offering := l.telling[key] != nil
	l.mu.Unlock()
	if offering {
		return true, nil
	}
	seen, err := l.store.Seen(ctx, key)
	if err != nil {
		return false, fmt.Errorf("looking for an offer: %w", err)
	}
	return seen, nil
}

// onceKey identifies a refusal that is said once: to a stranger once in a
// channel, and otherwise once for each message.
func (v verdict) onceKey(m slackevent.Message) storage.Key {
	if v.reason == reasonStranger {
		return storage.StrangerKey(m.ID.Team, m.ID.Channel, m.User)
	}
	if v.stale {
		return storage.OfferedKey(m.ID)
	}
	return storage.RefusedKey(m.ID)
}

// level is the level at which a verdict is logged: what the bot only overhears
// would fill the log.
func (v verdict) level(fresh bool) zerolog.Level {
	if v.action == actionIgnore || !fresh {
		return zerolog.DebugLevel
	}
	return zerolog.InfoLevel
}
