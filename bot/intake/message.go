package intake

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

// Accept takes a message that was found in history as if it came as an event. If its
// sender is being told why it is refused, notified waits until that is done and
// stored: until then history must not count as read, because a process that dies
// before has to find the message again. It is nil if there is nothing to wait for.
func (l *Intake) Accept(ctx context.Context, m slackevent.Message) (notified func(context.Context) error, err error) {
	accepted, err := l.acceptMessage(l.log.WithContext(ctx), m)
	if err != nil {
		return nil, err
	}
	accepted.afterwards()
	if accepted.refusal == "" {
		return nil, nil
	}
	return func(ctx context.Context) error { return l.awaitRefusal(ctx, accepted.refusal) }, nil
}

// accepted is a message whose verdict is stored.
type accepted struct {
	afterwards func()      // what is to be done once the message is acknowledged
	refusal    storage.Key // the key of the refusal that is told; empty if none is
}

// acceptMessage makes the verdict on a message last, one of a thread at a time: the
// same message can come as an event and be found in history at once.
func (l *Intake) acceptMessage(ctx context.Context, m slackevent.Message) (accepted, error) {
	done, err := l.locks.Lock(ctx, m.ID.Channel+"/"+cmp.Or(m.ThreadTS, m.ID.TS))
	if err != nil {
		return accepted{}, err
	}
	defer done()
	return l.acceptLocked(ctx, m)
}

func (l *Intake) acceptLocked(ctx context.Context, m slackevent.Message) (accepted, error) {
	now := time.Now()
	known, err := l.known(ctx, m)
	if err != nil {
		return accepted{}, err
	}
	v, arrived := l.decide(m, known, now)
	if v, err = l.checkDailyLimit(ctx, m, v, now); err != nil {
		arrived()
		return accepted{}, err
	}
	if v.reason == reasonNotAddressed && known.thread == nil && m.ThreadTS != "" {
		l.earlyReplies.remember(m.Thread(l.policy.AgentView), m, len(m.Text), now)
		// The thread may have become known meanwhile, from history.
		if known, err = l.known(ctx, m); err != nil {
			return accepted{}, err
		} else if known.thread != nil {
			return l.acceptLocked(ctx, m)
		}
	}
	fresh, stop, refusal := true, func() {}, storage.Key("")
	switch v.action {
	case actionAsk:
		fresh, err = l.store.Accept(ctx, v.question, v.thread)
	case actionRefuse:
		refusal = v.refusalKey(m)
		fresh, err = l.claimRefusal(ctx, refusal)
	case actionReact:
		fresh, err = l.store.FirstTime(ctx, storage.ReactedKey(m.ID), now)
	case actionStop:
		if stop, err = l.storeStop(ctx, m.Thread(l.policy.AgentView)); err == nil {
			if fresh, err = l.store.FirstTime(ctx, storage.RefusedKey(m.ID), now); err != nil {
				stop() // what is settled as stopped will not be when this is sent again
			}
		}
	case actionIgnore:
		fresh, err = l.storeIgnored(ctx, m, v, now)
	}
	if err != nil {
		arrived()
		return accepted{}, fmt.Errorf("storing the verdict on a message: %w", err)
	}
	l.decisions.WithLabelValues(string(v.action), string(v.reason)).Inc()
	zerolog.Ctx(ctx).WithLevel(v.level(fresh)).Str("question", m.ID.String()).Str("ref", storage.Reference(m.ID)).
		Str("verdict", string(v.action)).Str("reason", string(v.reason)).Bool("again", !fresh).Msg("message decided")
	return accepted{refusal: refusal, afterwards: func() {
		defer arrived()
		switch {
		case v.action == actionStop:
			stop()
		case !fresh:
		case v.action == actionAsk:
			l.queue.Add(l.asEdited(ctx, v.question))
			if known.thread == nil {
				l.acceptEarly(ctx, v.thread.ID)
			}
		case v.action == actionReact:
			l.notifier.notify(l.background, m, v, func(bool) {})
		case v.action == actionRefuse:
			l.notifier.notify(l.background, m, v, func(told bool) { l.finishRefusal(context.WithoutCancel(ctx), refusal, told) })
		}
	}}, nil
}

// storeIgnored remembers a message that is ignored only for how its thread is at
// the moment: history must not bring it back later.
func (l *Intake) storeIgnored(ctx context.Context, m slackevent.Message, v Decision, now time.Time) (fresh bool, err error) {
	switch v.reason {
	case reasonMuted:
	case reasonBotLoop:
		place := m.Thread(l.policy.AgentView)
		place.Root = m.ThreadTS // empty at the channel's top
		first, err := l.store.FirstTime(ctx, storage.BotLoopKey(place), now)
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
	return l.store.FirstTime(ctx, storage.RefusedKey(m.ID), now)
}

// claimRefusal reports whether a refusal was not told before. From then on it counts
// as being told.
func (l *Intake) claimRefusal(ctx context.Context, key storage.Key) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refusing[key] != nil {
		return false, nil
	}
	told, err := l.store.Seen(ctx, key)
	if err == nil && !told {
		l.refusing[key] = make(chan struct{})
	}
	return !told, err
}

// finishRefusal remembers that a refusal was told. Before that it is not stored, so that
// history brings it back to a process that comes after one that was killed.
func (l *Intake) finishRefusal(ctx context.Context, key storage.Key, told bool) {
	if told {
		if _, err := l.store.FirstTime(ctx, key, time.Now()); err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("hint", storage.DiskHint).Msg("that a refusal was told could not be stored")
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.refusing[key])
	delete(l.refusing, key)
}

// errNotNotified says that a sender could not be told that a message is refused.
var errNotNotified = errors.New("the sender of a refused message could not be notified")

// awaitRefusal waits until a refusal was posted, and that is stored.
func (l *Intake) awaitRefusal(ctx context.Context, refusal storage.Key) error {
	l.mu.Lock()
	telling := l.refusing[refusal]
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
		err = errNotNotified
	}
	return err
}

// acceptEarly takes what was said in a thread before the question with which
// it became known. What fails is found in history, later.
func (l *Intake) acceptEarly(ctx context.Context, thread storage.ThreadID) {
	messages := l.earlyReplies.recall(thread)
	slices.SortFunc(messages, func(a, b slackevent.Message) int { return slackevent.CompareTS(a.ID.TS, b.ID.TS) })
	for _, m := range messages {
		if _, err := l.Accept(ctx, m); err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("question", m.ID.String()).Str("hint", storage.DiskHint).Msg("an early follow-up could not be stored")
		}
	}
}

// decide decides on a message, with what is in line at that moment. A question
// counts as in line until it is, or until what is returned is called: otherwise
// many that come at once would all find room.
func (l *Intake) decide(m slackevent.Message, k knowledge, now time.Time) (v Decision, arrived func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k.unfinished, k.mine, k.all = l.queue.Depth(m.Thread(l.policy.AgentView), m.User)
	if m.FromBot() && m.ThreadTS == "" {
		k.botQuestions = l.botLoops.inARow(m, now)
	}
	k.mine += l.arriving[m.User]
	for _, n := range l.arriving {
		k.all += n
	}
	k.age = l.slack.Now().Sub(slackevent.ParseTS(m.ID.TS))
	v = decide(m, k, l.policy, now)
	if v.action != actionAsk {
		return v, func() {}
	}
	l.botLoops.asked(m, now)
	l.arriving[m.User]++
	return v, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.arriving[m.User]--; l.arriving[m.User] == 0 {
			delete(l.arriving, m.User)
		}
	}
}

// checkDailyLimit counts a question for its channel's day, and turns the verdict where
// that is spent.
func (l *Intake) checkDailyLimit(ctx context.Context, m slackevent.Message, v Decision, now time.Time) (Decision, error) {
	if v.action != actionAsk {
		return v, nil
	}
	n, err := countToday(ctx, l.store, l.policy, m, now)
	if err == nil && n > l.policy.ChannelDaily {
		return dailyLimitReached(n == l.policy.ChannelDaily+1), nil
	}
	return v, err
}

// countToday counts a question for its channel's day, if that is bounded; it
// returns how many there are then, 0 if it is not.
func countToday(ctx context.Context, store storage.Store, p Policy, m slackevent.Message, now time.Time) (int, error) {
	if p.ChannelDaily <= 0 || m.IsDirect() {
		return 0, nil
	}
	n, err := store.Increment(ctx, storage.ChannelDayKey(m.ID.Channel, now), now)
	if err != nil {
		return 0, fmt.Errorf("counting a channel's questions: %w", err)
	}
	return n, nil
}

// known returns what is known besides a message.
func (l *Intake) known(ctx context.Context, m slackevent.Message) (knowledge, error) {
	if !m.Valid() {
		return knowledge{}, nil
	}
	var k knowledge
	id := m.Thread(l.policy.AgentView)
	switch thread, err := l.store.Thread(ctx, id); {
	case err == nil:
		k.thread, k.botQuestions = &thread, thread.BotQuestions
	case !errors.Is(err, storage.ErrNotFound):
		return k, fmt.Errorf("reading a message's thread: %w", err)
	default:
		if k.offered, err = l.offered(ctx, id); err != nil {
			return k, err
		}
		if k.offered {
			k.thread = &storage.Thread{ID: id, Agent: l.policy.AgentOf(id.Channel)}
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
	k.accepted = k.accepted || l.refusing[storage.RefusedKey(m.ID)] != nil || l.refusing[storage.OfferedKey(m.ID)] != nil
	return k, nil
}

// offered reports whether the bot has asked, or is asking, below a thread's first
// message whether it still needs an answer. A reply to that is for the bot,
// although it has no part in the thread yet.
func (l *Intake) offered(ctx context.Context, thread storage.ThreadID) (bool, error) {
	key := storage.OfferedKey(storage.MessageID{Team: thread.Team, Channel: thread.Channel, TS: thread.Root})
	l.mu.Lock()
	offering := l.refusing[key] != nil
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

// refusalKey identifies a refusal that is said once: to a stranger once in a
// channel, and otherwise once for each message.
func (v Decision) refusalKey(m slackevent.Message) storage.Key {
	if v.reason == reasonStranger {
		return storage.OutsiderKey(m.ID.Team, m.ID.Channel, m.User)
	}
	if v.stale {
		return storage.OfferedKey(m.ID)
	}
	return storage.RefusedKey(m.ID)
}

// level is the level at which a verdict is logged: what the bot only overhears
// would fill the log.
func (v Decision) level(fresh bool) zerolog.Level {
	if v.action == actionIgnore || !fresh {
		return zerolog.DebugLevel
	}
	return zerolog.InfoLevel
}

// DailyLimit counts a question for its channel's day, and returns why it cannot be
// asked, in words for the asker; empty if it can.
func (p Policy) DailyLimit(ctx context.Context, store storage.Store, id storage.MessageID, now time.Time) (refused string, err error) {
	n, err := countToday(ctx, store, p, slackevent.Message{ID: id}, now)
	if err == nil && n > p.ChannelDaily {
		return dailyLimitReached(true).text, nil
	}
	return "", err
}
