package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// stored is a decision on a message, once it is stored.
type stored struct {
	decision
	fresh   bool               // it was not stored before
	refusal storage.Key        // of the refusal that is being posted; empty if none is
	merged  []storage.Question // into the question; for actionAsk
	early   bool               // the reply can belong to a question that comes later
	first   bool               // the sender had not asked in the thread before
}

// storeMessage decides on a message and stores that. It returns what is to be done
// after the ack, and the key of the refusal that is then posted, if any.
func (i *Intake) storeMessage(ctx context.Context, m slackevent.Message) (after func(), refusal storage.Key, err error) {
	if i.isForNobody(m) {
		s := stored{decision: decide(m, knowledge{}, i.policy, i.slack.Now()), fresh: true}
		return func() {}, "", i.stored(ctx, m, &s)
	}
	var s stored
	after, err = i.transact(ctx, i.scopeOf(m), func(d *decider) (err error) {
		s, err = d.message(ctx, m)
		return err
	})
	if err == nil {
		err = i.stored(ctx, m, &s)
	}
	if err != nil {
		return nil, "", err
	}
	return after, s.refusal, nil
}

// isForNobody reports whether a message is ignored whatever the store knows. Its identity can
// be invalid. Most messages of busy channels are like that.
func (i *Intake) isForNobody(m slackevent.Message) bool {
	if notFromAnyoneServed(m, i.policy) != "" {
		return true
	}
	// Other bots' messages count as attempts: see botLoops.
	return !m.FromBot() && !m.IsDirect() && m.ThreadTS == "" && !slackevent.Mentions(m.Text, i.policy.Self.UserID)
}

// message decides on a message and stores that.
func (d *decider) message(ctx context.Context, m slackevent.Message) (s stored, err error) {
	now := d.slack.Now()
	known, err := d.known(ctx, m)
	if err != nil {
		return s, err
	}
	what, err := d.decide(ctx, m, known, now)
	if err != nil {
		return s, fmt.Errorf("counting what waits: %w", err)
	}
	if s, err = d.storeDecision(ctx, m, what, now); err != nil {
		return s, fmt.Errorf("storing the decision on a message: %w", err)
	}
	if err := d.releaseUnused(ctx, s.refusal); err != nil {
		return s, err
	}
	s.early, s.first = canBeEarly(m, what, known), !known.hasAsked(m)
	if s.reason == reasonDecided {
		s.refusal = known.refusing
	}
	d.after(func() { d.act(ctx, m, s) })
	return s, nil
}

// stored completes a decision on a message that is stored, before the ack.
func (i *Intake) stored(ctx context.Context, m slackevent.Message, s *stored) (err error) {
	switch {
	case s.action == actionWait:
		if s.fresh, err = i.awaitTwin(s.refusal, m); err != nil {
			return fmt.Errorf("storing the decision on a message: %w", err)
		}
	default:
		i.verified(storage.RefusedKey(m.ID), s.refusal, nil)
	}
	if s.early {
		i.earlyReplies.add(m.Thread(i.policy.AgentView), m, len(m.Text)+len(m.Content), i.slack.Now())
	}
	i.decisions.WithLabelValues(string(s.action), string(s.reason)).Inc()
	i.note(ctx, m, *s)
	return nil
}

// canBeEarly reports whether a reply that is ignored can have come before a question that
// makes it a follow-up: the first one of its sender, or a mention by the thread's root.
func canBeEarly(m slackevent.Message, d decision, k knowledge) bool {
	switch d.reason {
	case reasonHasNotAsked:
		return true
	case reasonNotAddressed:
		return m.ThreadTS != "" && (k.thread == nil || k.thread.Joined)
	}
	return false
}

// storeDecision stores a decision, so that it is not made again.
func (d *decider) storeDecision(ctx context.Context, m slackevent.Message, what decision, now time.Time) (s stored, err error) {
	if what.reason == reasonUnverified {
		if what, err = d.unverifiedDecision(ctx, m, what); err != nil {
			return stored{}, err
		}
	}
	s = stored{decision: what, fresh: true}
	switch what.action {
	case actionWait:
		s.refusal = storage.RefusedKey(m.ID)
	case actionAsk:
		err = d.storeQuestion(ctx, m, &s, now)
		if errors.Is(err, ErrDailyLimit) {
			var first bool
			if first, err = d.store.FirstTime(ctx, storage.ChannelLimitKey(m.ID.Channel, now), now); err == nil {
				return d.storeDecision(ctx, m, dailyLimitReached(first), now)
			}
		}
	case actionRefuse:
		s.refusal = what.refusalKey(m)
		if err = d.storeOffered(ctx, m, what, now); err == nil {
			s.fresh, err = d.claimRefusal(ctx, s.refusal)
		}
	case actionReact:
		s.fresh, err = d.store.FirstTime(ctx, storage.ReactedKey(m.ID), now)
	case actionStop:
		err = d.storeStopped(ctx, m, &s, now)
	case actionMute:
		err = d.storeMuted(ctx, m, &s, now)
	case actionCommand:
		if what.command == commandNew { // before the ack, because the next question must not use it
			err = d.store.ResetConversation(ctx, m.Thread(d.policy.AgentView))
		}
		if err == nil {
			s.fresh, err = d.store.FirstTime(ctx, storage.RefusedKey(m.ID), now)
		}
	case actionIgnore:
		s.fresh, err = d.storeIgnored(ctx, m, what, now)
	}
	return s, err
}

// storeQuestion accepts a question, with the current text of its message.
func (d *decider) storeQuestion(ctx context.Context, m slackevent.Message, s *stored, now time.Time) (err error) {
	if m.EditedTS != "" {
		if _, err := d.store.FirstTime(ctx, storage.AskedEditKey(m.ID, m.EditedTS), now); err != nil {
			return err
		}
	}
	if d.shared {
		if err := d.readEarlyEdits(ctx, &s.question); err != nil {
			return err
		}
	}
	if err := d.accept(ctx, s); err != nil || !s.fresh {
		return err
	}
	if d.shared {
		return d.countAsked(ctx, m, now)
	}
	s.question = d.applyEarlyEdits(ctx, s.question)
	return nil
}

// storeStopped stops the questions that a message stops.
func (d *decider) storeStopped(ctx context.Context, m slackevent.Message, s *stored, now time.Time) (err error) {
	// The first key is there for the message that is sent again after a crash: by then the
	// store can have nothing left to stop, which would mute the thread.
	if _, err = d.store.FirstTime(ctx, storage.StopKey(m.ID), now); err != nil {
		return err
	}
	if err = d.storeStop(ctx, s.threads...); err != nil {
		return err
	}
	s.fresh, err = d.store.FirstTime(ctx, storage.RefusedKey(m.ID), now)
	return err
}

// storeMuted mutes the thread of a message. A mention can unmute it before the notice is
// posted, so it is muted only once.
func (d *decider) storeMuted(ctx context.Context, m slackevent.Message, s *stored, now time.Time) error {
	if _, err := d.store.MuteOnce(ctx, m.Thread(d.policy.AgentView), storage.MuteKey(m.ID), now); err != nil {
		return err
	}
	s.refusal = s.refusalKey(m)
	fresh, err := d.claimRefusal(ctx, s.refusal)
	s.fresh = fresh
	return err
}

// accept stores a question. A direct message takes over what its sender wrote right before
// it. A request for a person does not, and does not count for the day, because no agent is
// asked. A pause ends by the clock of this machine, as the queue measures it.
func (d *decider) accept(ctx context.Context, s *stored) (err error) {
	q := s.question
	if s.pauses {
		q.NotBefore = time.Now().Add(directPause)
	}
	switch {
	case q.WantsPerson:
		s.fresh, err = d.store.Accept(ctx, q, s.thread)
	case q.Origin == storage.Direct && !q.ByBot:
		q, s.merged, s.fresh, err = d.store.AcceptDirect(ctx, q, s.thread)
	default:
		s.fresh, err = d.dailyLimit.Accept(ctx, d.store, q, s.thread)
	}
	if s.fresh {
		s.question = q
	}
	return err
}

// act does what was decided. It does not wait.
func (i *Intake) act(ctx context.Context, m slackevent.Message, s stored) {
	if !s.fresh {
		return
	}
	switch s.action {
	case actionAsk:
		if len(s.merged) > 0 {
			i.queue.Merged(s.merged)
		}
		i.queue.Add(s.question)
	case actionReact:
		i.notifier.notify(m, s.decision, unclaimed)
	case actionCommand:
		i.command(m, s.command)
	case actionRefuse, actionMute:
		i.notifier.notify(m, s.decision, i.claimOf(context.WithoutCancel(ctx), s.refusal))
	}
	if (s.action == actionAsk || s.stale) && s.first {
		i.AcceptEarlyReplies(ctx, m.Thread(i.policy.AgentView))
	}
}

// storeIgnored remembers a message that is ignored only because of the current state
// of its thread: history must not bring it back later.
func (d *decider) storeIgnored(ctx context.Context, m slackevent.Message, what decision, now time.Time) (fresh bool, err error) {
	switch what.reason {
	case reasonMuted:
		return d.store.FirstTime(ctx, storage.IgnoredKey(m.ID), now)
	case reasonBotLoop:
		place := m.Thread(d.policy.AgentView)
		place.Root = m.ThreadTS // empty at the channel's top
		first, err := d.store.FirstTime(ctx, storage.BotLoopKey(place), now)
		if err != nil {
			return false, err
		}
		if first {
			d.before(func() {
				zerolog.Ctx(ctx).Warn().Str("question", m.ID.String()).Str("bot", m.BotID).
					Str("hint", "nothing, or remove the bot from ALLOWED_BOTS").
					Msg("intake: bots talk to each other; the bot does not reply there until a person asks")
			})
		}
	default:
		return true, nil
	}
	return d.store.FirstTime(ctx, storage.RefusedKey(m.ID), now)
}

// AcceptEarlyReplies takes the replies in a thread that came before the question, or the
// shared answer, with which the thread became known. History finds those that fail, later.
func (i *Intake) AcceptEarlyReplies(ctx context.Context, thread storage.ThreadID) {
	replies := i.earlyReplies.take(thread)
	slices.SortFunc(replies, func(a, b slackevent.Message) int { return slackevent.CompareTS(a.ID.TS, b.ID.TS) })
	for _, m := range replies {
		if _, err := i.Accept(ctx, m); err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("question", m.ID.String()).Str("hint", storage.Hint(err)).Msg("intake: storing an early reply failed")
		}
	}
}
