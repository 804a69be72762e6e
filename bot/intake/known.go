package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// decide decides on a message, with what waits at that moment. Over a store of one process, a
// question counts as waiting until arrived is called, when it is in the queue: otherwise many
// that come at once would all find room.
func (d *decider) decide(ctx context.Context, m slackevent.Message, k knowledge, now time.Time) (decision, error) {
	k.age = now.Sub(slackevent.ParseTS(askedTS(m, d.policy)))
	if d.shared {
		return d.decideShared(ctx, m, k, now)
	}
	asker := m.Asker()
	d.mu.Lock()
	defer d.mu.Unlock()
	k = d.withLoad(m, k)
	if m.FromBot() && m.ThreadTS == "" {
		k.botQuestions = d.botLoops.inARow(m, now)
	}
	what := decide(m, k, d.policy, now)
	if what.action != actionAsk {
		return what, nil
	}
	d.botLoops.asked(m, now)
	d.arriving[asker]++
	d.arrived = func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.arriving[asker]--; d.arriving[asker] == 0 {
			delete(d.arriving, asker)
		}
	}
	return what, nil
}

// decideShared is decide over a store that replicas share. Most messages are for nobody, so
// it counts what waits only if that matters.
func (d *decider) decideShared(ctx context.Context, m slackevent.Message, k knowledge, now time.Time) (what decision, err error) {
	if m.FromBot() && m.ThreadTS == "" {
		if k.botQuestions, err = d.botsInARow(ctx, m, now, true); err != nil {
			return what, err
		}
	}
	what = decide(m, k, d.policy, now)
	if what.action != actionAsk && what.reason != reasonNothingToStop {
		return what, nil
	}
	if k, err = d.withSharedLoad(ctx, m, k); err != nil {
		return what, err
	}
	return decide(m, k, d.policy, now), nil
}

// withSharedLoad is withLoad over a store that replicas share.
func (d *decider) withSharedLoad(ctx context.Context, m slackevent.Message, k knowledge) (knowledge, error) {
	waiting, err := d.store.Waiting(ctx, m.Thread(d.policy.AgentView), m.Asker())
	k.unfinished, k.ofAsker, k.total = waiting.InThread, waiting.OfAsker, waiting.All
	return k, err
}

// withLoad adds to what is known about a message what waits. The caller must hold mu.
func (i *Intake) withLoad(m slackevent.Message, k knowledge) knowledge {
	k.unfinished, k.ofAsker, k.total = i.queue.Depth(m.Thread(i.policy.AgentView), m.Asker())
	k.ofAsker += i.arriving[m.Asker()]
	for _, n := range i.arriving {
		k.total += n
	}
	return k
}

// known returns what the store knows about a message and its thread.
func (d *decider) known(ctx context.Context, m slackevent.Message) (knowledge, error) {
	if !m.Valid() {
		return knowledge{}, nil
	}
	var k knowledge
	id := m.Thread(d.policy.AgentView)
	switch thread, err := d.store.Thread(ctx, id); {
	case err == nil:
		k.thread, k.botQuestions = &thread, thread.BotQuestions
	case !errors.Is(err, storage.ErrNotFound):
		return k, fmt.Errorf("reading a message's thread: %w", err)
	}
	if err := d.noteOffers(ctx, m, &k); err != nil {
		return k, err
	}
	switch _, err := d.store.Question(ctx, m.ID); {
	case err == nil:
		k.decided = true
		return k, nil
	case !errors.Is(err, storage.ErrNotFound):
		return k, fmt.Errorf("looking for a message's question: %w", err)
	}
	var err error
	if k.refusing, err = d.refusingNow(ctx, storage.RefusedKey(m.ID), storage.OfferedKey(m.ID)); err != nil {
		return k, err
	}
	if k.decided, err = d.decided(ctx, storage.RefusedKey(m.ID), storage.OfferedKey(m.ID)); err != nil || k.decided {
		return k, err
	}
	// These have no claim, and looking for one would take a round trip to a database.
	for _, key := range []storage.Key{storage.DeletedKey(m.ID), storage.ReactedKey(m.ID)} {
		if k.decided, err = d.store.Seen(ctx, key); err != nil || k.decided {
			return k, err
		}
	}
	for _, known := range []struct {
		is  *bool
		key storage.Key
	}{
		{&k.ignored, storage.IgnoredKey(m.ID)}, {&k.stops, storage.StopKey(m.ID)}, {&k.mutes, storage.MuteKey(m.ID)},
	} {
		if *known.is, err = d.store.Seen(ctx, known.key); err != nil {
			return k, fmt.Errorf("looking for a message's decision: %w", err)
		}
	}
	k.running, err = d.running(ctx, m)
	return k, err
}

// noteOffers notes whether a message can reply to the question whether an answer is still
// needed: everyone can if that was about the root, and otherwise the person who was asked.
func (d *decider) noteOffers(ctx context.Context, m slackevent.Message, k *knowledge) error {
	if k.hasAsked(m) && !k.thread.Joined {
		return nil
	}
	id := m.Thread(d.policy.AgentView)
	offered, err := d.decided(ctx, storage.OfferedKey(storage.MessageID{Team: id.Team, Channel: id.Channel, TS: id.Root}))
	switch {
	case err != nil:
		return err
	case k.thread == nil && offered:
		k.offered, k.thread = true, &storage.Thread{ID: id, Agent: d.policy.AgentOf(id.Channel)}
	case k.thread == nil:
	case offered:
		k.invited, k.thread.Joined = true, false // its root asked, too late to be accepted
	default:
		if k.invited, err = d.store.Seen(ctx, storage.OfferedInKey(id, m.Asker())); err != nil {
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

// decided reports whether one of these refusals or offers is stored, or is being posted.
func (d *decider) decided(ctx context.Context, keys ...storage.Key) (bool, error) {
	for _, key := range keys {
		// Posting ends after it is stored, so it is looked for first.
		if claimed, err := d.isClaimed(ctx, key); err != nil || claimed {
			return claimed, err
		}
		if seen, err := d.store.Seen(ctx, key); err != nil || seen {
			return seen, err
		}
	}
	return false, nil
}
