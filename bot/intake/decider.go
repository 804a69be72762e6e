package intake

import (
	"context"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// decider makes one decision, with the Store that [storage.Store.Decide] gives: that can undo
// the decision, and have another decider make it again. So a decider waits for nothing, and
// does nothing outside the Store until the decision is stored: before and after collect that.
type decider struct {
	*Intake

	// store hides the Store of the Intake, which would wait for the one of the decision.
	store storage.Store
	reads bool // and changes nothing

	claimed map[storage.Key]time.Time // when refusals were claimed in the store that replicas share
	arrived func()                    // ends that a question counts as waiting without being in the queue
	stopped []storage.Question        // as the store has them
	onStore []func()                  // before the ack
	onAck   []func()
}

// transact makes a decision. It returns what is to be done after the ack.
func (i *Intake) transact(ctx context.Context, scope storage.Scope, decide func(*decider) error) (after func(), err error) {
	var d *decider
	err = i.store.Decide(ctx, scope, func(s storage.Store) error {
		if d != nil {
			d.arrived()
		}
		d = &decider{Intake: i, store: s, claimed: make(map[storage.Key]time.Time), arrived: func() {}}
		return decide(d)
	})
	if err != nil {
		d.abandon()
		return nil, err
	}
	for _, do := range d.onStore {
		do()
	}
	return func() {
		defer d.arrived()
		if len(d.stopped) > 0 {
			i.queue.Stop(d.stopped)
		}
		for _, do := range d.onAck {
			do()
		}
	}, nil
}

// abandon ends a decision that failed. The store of one process does not undo what it has
// stopped: when the message is sent again, it has nothing left to stop.
func (d *decider) abandon() {
	if d == nil {
		return
	}
	d.arrived()
	if !d.shared && len(d.stopped) > 0 {
		d.queue.Stop(d.stopped)
	}
}

// before has something done when the decision is stored, before the ack.
func (d *decider) before(do func()) { d.onStore = append(d.onStore, do) }

// after has something done after the ack.
func (d *decider) after(do func()) { d.onAck = append(d.onAck, do) }

// reader returns a decider that only reads, outside of a transaction.
func (i *Intake) reader() *decider {
	return &decider{Intake: i, store: i.store, reads: true, arrived: func() {}}
}

// scopeOf names what a decision on a message depends on.
func (i *Intake) scopeOf(m slackevent.Message) storage.Scope {
	thread := m.Thread(i.policy.AgentView)
	root := storage.MessageID{Team: thread.Team, Channel: thread.Channel, TS: thread.Root}
	s := storage.Scope{
		Team: m.ID.Team, Channel: m.ID.Channel, Person: m.Asker(), Questions: []storage.MessageID{m.ID}, Threads: []storage.ThreadID{thread},
		Keys: []storage.Key{
			storage.OfferedInKey(thread, m.Asker()), storage.DeletedKey(m.ID), storage.ReactedKey(m.ID), storage.IgnoredKey(m.ID), storage.StopKey(m.ID),
			storage.MuteKey(m.ID),
		},
	}
	refusals := []storage.Key{storage.OfferedKey(root), storage.RefusedKey(m.ID), storage.OfferedKey(m.ID)}
	if m.Membership != slackevent.Member {
		refusals = append(refusals, storage.OutsiderKey(m.ID.Team, m.ID.Channel, m.Asker()))
	}
	s.Keys = append(s.Keys, refusals...)
	if i.shared {
		s.Keys = append(s.Keys, storage.EarlyEditKey(m.ID))
		for _, key := range refusals {
			s.Keys = append(s.Keys, storage.RefusingKey(key))
		}
	}
	return s
}
