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
	stop    func()             // stops the thread's questions; for actionStop
	merged  []storage.Question // into the question; for actionAsk
}

// storeMessage decides on a message and stores that. It returns what is to be done
// after the ack, and the key of the refusal that is then posted, if any.
func (i *Intake) storeMessage(ctx context.Context, m slackevent.Message) (after func(), refusal storage.Key, err error) {
	now := i.slack.Now()
	known, err := i.known(ctx, m)
	if err != nil {
		return nil, "", err
	}
	d, arrived := i.decide(m, known, now)
	if canBeEarly(m, d, known) {
		i.earlyReplies.add(m.Thread(i.policy.AgentView), m, len(m.Text)+len(m.Content), now)
	}
	s, err := i.storeDecision(ctx, m, d, now)
	if err != nil {
		arrived()
		return nil, "", fmt.Errorf("storing the decision on a message: %w", err)
	}
	if s.action != actionWait {
		i.verified(storage.RefusedKey(m.ID), s.refusal, nil)
	}
	if s.action == actionAsk && s.fresh {
		s.question = i.applyEarlyEdits(ctx, s.question)
	}
	i.decisions.WithLabelValues(string(s.action), string(s.reason)).Inc()
	i.note(ctx, m, s)
	return func() {
		defer arrived()
		i.act(ctx, m, s)
		if (s.action == actionAsk || s.stale) && s.fresh && !known.hasAsked(m) {
			i.AcceptEarlyReplies(ctx, m.Thread(i.policy.AgentView))
		}
	}, s.refusal, nil
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
func (i *Intake) storeDecision(ctx context.Context, m slackevent.Message, d decision, now time.Time) (s stored, err error) {
	if d.reason == reasonUnverified {
		if d, err = i.unverifiedDecision(ctx, m, d); err != nil {
			return stored{}, err
		}
	}
	s = stored{decision: d, fresh: true}
	switch d.action {
	case actionWait:
		s.refusal = storage.RefusedKey(m.ID)
		s.fresh, err = i.awaitTwin(s.refusal, m)
	case actionAsk:
		if m.EditedTS != "" {
			if _, err := i.store.FirstTime(ctx, storage.AskedEditKey(m.ID, m.EditedTS), now); err != nil {
				return s, err
			}
		}
		err = i.accept(ctx, &s)
		if errors.Is(err, ErrDailyLimit) {
			var first bool
			if first, err = i.store.FirstTime(ctx, storage.ChannelLimitKey(m.ID.Channel, now), now); err == nil {
				return i.storeDecision(ctx, m, dailyLimitReached(first), now)
			}
		}
	case actionRefuse:
		s.refusal = d.refusalKey(m)
		if err = i.storeOffered(ctx, m, d, now); err == nil {
			s.fresh, err = i.claimRefusal(ctx, s.refusal)
		}
	case actionReact:
		s.fresh, err = i.store.FirstTime(ctx, storage.ReactedKey(m.ID), now)
	case actionStop:
		err = i.storeStopped(ctx, m, &s, now)
	case actionMute:
		err = i.storeMuted(ctx, m, &s, now)
	case actionCommand:
		if d.command == commandNew { // before the ack, because the next question must not use it
			err = i.store.ResetConversation(ctx, m.Thread(i.policy.AgentView))
		}
		if err == nil {
			s.fresh, err = i.store.FirstTime(ctx, storage.RefusedKey(m.ID), now)
		}
	case actionIgnore:
		s.fresh, err = i.storeIgnored(ctx, m, d, now)
	}
	return s, err
}

// storeStopped stops the questions that a message stops.
func (i *Intake) storeStopped(ctx context.Context, m slackevent.Message, s *stored, now time.Time) (err error) {
	// The first key is there for the message that is sent again after a crash: by then the
	// store can have nothing left to stop, which would mute the thread.
	if _, err = i.store.FirstTime(ctx, storage.StopKey(m.ID), now); err != nil {
		return err
	}
	if s.stop, err = i.storeStop(ctx, s.threads...); err != nil {
		return err
	}
	if s.fresh, err = i.store.FirstTime(ctx, storage.RefusedKey(m.ID), now); err != nil {
		s.stop() // when the message is sent again, the store has nothing left to stop
	}
	return err
}

// storeMuted mutes the thread of a message. A mention can unmute it before the notice is
// posted, so it is muted only once.
func (i *Intake) storeMuted(ctx context.Context, m slackevent.Message, s *stored, now time.Time) error {
	if _, err := i.store.MuteOnce(ctx, m.Thread(i.policy.AgentView), storage.MuteKey(m.ID), now); err != nil {
		return err
	}
	s.refusal = s.refusalKey(m)
	fresh, err := i.claimRefusal(ctx, s.refusal)
	s.fresh = fresh
	return err
}

// accept stores a question. A direct message takes over what its sender wrote right before
// it. A request for a person does not, and does not count for the day, because no agent is
// asked. A pause ends by the clock of this machine, as the queue measures it.
func (i *Intake) accept(ctx context.Context, s *stored) (err error) {
	q := s.question
	if s.pauses {
		q.NotBefore = time.Now().Add(directPause)
	}
	switch {
	case q.WantsPerson:
		s.fresh, err = i.store.Accept(ctx, q, s.thread)
	case q.Origin == storage.Direct && !q.ByBot:
		q, s.merged, s.fresh, err = i.store.AcceptDirect(ctx, q, s.thread)
	default:
		s.fresh, err = i.dailyLimit.Accept(ctx, q, s.thread)
	}
	if s.fresh {
		s.question = q
	}
	return err
}

// act does what was decided. It does not wait.
func (i *Intake) act(ctx context.Context, m slackevent.Message, s stored) {
	switch {
	case s.action == actionStop:
		s.stop()
	case !s.fresh:
	case s.action == actionAsk:
		if len(s.merged) > 0 {
			i.queue.Merged(s.merged)
		}
		i.queue.Add(s.question)
	case s.action == actionReact:
		i.notifier.notify(m, s.decision, func(bool) {})
	case s.action == actionCommand:
		i.command(m, s.command)
	case s.action == actionRefuse || s.action == actionMute:
		i.notifier.notify(m, s.decision, func(posted bool) { i.finishRefusal(context.WithoutCancel(ctx), s.refusal, posted) })
	}
}

// storeIgnored remembers a message that is ignored only because of the current state
// of its thread: history must not bring it back later.
func (i *Intake) storeIgnored(ctx context.Context, m slackevent.Message, d decision, now time.Time) (fresh bool, err error) {
	switch d.reason {
	case reasonMuted:
		return i.store.FirstTime(ctx, storage.IgnoredKey(m.ID), now)
	case reasonBotLoop:
		place := m.Thread(i.policy.AgentView)
		place.Root = m.ThreadTS // empty at the channel's top
		first, err := i.store.FirstTime(ctx, storage.BotLoopKey(place), now)
		if err != nil {
			return false, err
		}
		if first {
			zerolog.Ctx(ctx).Warn().Str("question", m.ID.String()).Str("bot", m.BotID).
				Str("hint", "nothing, or remove the bot from ALLOWED_BOTS").
				Msg("intake: bots talk to each other; the bot does not reply there until a person asks")
		}
	default:
		return true, nil
	}
	return i.store.FirstTime(ctx, storage.RefusedKey(m.ID), now)
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

// decide decides on a message, with what waits at that moment. A question counts as
// waiting until arrived is called, when it is in the queue: otherwise many that come
// at once would all find room.
func (i *Intake) decide(m slackevent.Message, k knowledge, now time.Time) (d decision, arrived func()) {
	asker := m.Asker()
	i.mu.Lock()
	defer i.mu.Unlock()
	k = i.withLoad(m, k)
	if m.FromBot() && m.ThreadTS == "" {
		k.botQuestions = i.botLoops.inARow(m, now)
	}
	d = decide(m, k, i.policy, now)
	if d.action != actionAsk {
		return d, func() {}
	}
	i.botLoops.asked(m, now)
	i.arriving[asker]++
	return d, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.arriving[asker]--; i.arriving[asker] == 0 {
			delete(i.arriving, asker)
		}
	}
}

// withLoad adds to what is known about a message its age, and what waits. The caller must
// hold mu.
func (i *Intake) withLoad(m slackevent.Message, k knowledge) knowledge {
	k.unfinished, k.ofAsker, k.total = i.queue.Depth(m.Thread(i.policy.AgentView), m.Asker())
	k.ofAsker += i.arriving[m.Asker()]
	for _, n := range i.arriving {
		k.total += n
	}
	k.age = i.slack.Now().Sub(slackevent.ParseTS(askedTS(m, i.policy)))
	return k
}

// known returns what the store knows about a message and its thread.
func (i *Intake) known(ctx context.Context, m slackevent.Message) (knowledge, error) {
	if !m.Valid() {
		return knowledge{}, nil
	}
	var k knowledge
	id := m.Thread(i.policy.AgentView)
	switch thread, err := i.store.Thread(ctx, id); {
	case err == nil:
		k.thread, k.botQuestions = &thread, thread.BotQuestions
	case !errors.Is(err, storage.ErrNotFound):
		return k, fmt.Errorf("reading a message's thread: %w", err)
	}
	if err := i.noteOffers(ctx, m, &k); err != nil {
		return k, err
	}
	switch _, err := i.store.Question(ctx, m.ID); {
	case err == nil:
		k.decided = true
		return k, nil
	case !errors.Is(err, storage.ErrNotFound):
		return k, fmt.Errorf("looking for a message's question: %w", err)
	}
	var err error
	k.decided, err = i.decided(ctx, storage.RefusedKey(m.ID), storage.OfferedKey(m.ID), storage.DeletedKey(m.ID), storage.ReactedKey(m.ID))
	if err != nil || k.decided {
		return k, err
	}
	for _, known := range []struct {
		is  *bool
		key storage.Key
	}{
		{&k.ignored, storage.IgnoredKey(m.ID)}, {&k.stops, storage.StopKey(m.ID)}, {&k.mutes, storage.MuteKey(m.ID)},
	} {
		if *known.is, err = i.store.Seen(ctx, known.key); err != nil {
			return k, fmt.Errorf("looking for a message's decision: %w", err)
		}
	}
	k.running, err = i.running(ctx, m)
	return k, err
}

// noteOffers notes whether a message can reply to the question whether an answer is still
// needed: everyone can if that was about the root, and otherwise the person who was asked.
func (i *Intake) noteOffers(ctx context.Context, m slackevent.Message, k *knowledge) error {
	if k.hasAsked(m) && !k.thread.Joined {
		return nil
	}
	id := m.Thread(i.policy.AgentView)
	offered, err := i.decided(ctx, storage.OfferedKey(storage.MessageID{Team: id.Team, Channel: id.Channel, TS: id.Root}))
	switch {
	case err != nil:
		return err
	case k.thread == nil && offered:
		k.offered, k.thread = true, &storage.Thread{ID: id, Agent: i.policy.AgentOf(id.Channel)}
	case k.thread == nil:
	case offered:
		k.invited, k.thread.Joined = true, false // its root asked, too late to be accepted
	default:
		if k.invited, err = i.store.Seen(ctx, storage.OfferedInKey(id, m.Asker())); err != nil {
			return fmt.Errorf("looking for an offer: %w", err)
		}
	}
	return nil
}

// askedTS is when a message was sent, or made a question by an edit that mentions the bot.
func askedTS(m slackevent.Message, p Policy) string {
	if m.EditedTS != "" && !m.IsDirect() && slackevent.Mentions(m.Text, p.Self.UserID) {
		return m.EditedTS
	}
	return m.ID.TS
}

// hasAsked reports whether the sender of a message had asked in its thread before.
func (k knowledge) hasAsked(m slackevent.Message) bool {
	return k.thread != nil && k.thread.HasAsked(m.Asker(), m.ID.TS)
}

// decided reports whether one of these decisions is stored, or is being posted.
func (i *Intake) decided(ctx context.Context, keys ...storage.Key) (bool, error) {
	for _, key := range keys {
		// Posting ends after it is stored, so it is looked for first.
		i.mu.Lock()
		posting := i.refusing[key] != nil
		i.mu.Unlock()
		if posting {
			return true, nil
		}
		if seen, err := i.store.Seen(ctx, key); err != nil || seen {
			return seen, err
		}
	}
	return false, nil
}
