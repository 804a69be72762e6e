package dispatch

import (
	"context"
	"time"

	"enjobridge/bot/queue"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// Stats is the state of the queue and the agents at a moment.
type Stats struct {
	Waiting, Mine int           // questions in the queue, in all and of one person
	Wait          time.Duration // about how long a new question waits, at most
	Down          []string      // agents that do not answer
}

// Stats returns the current state for a person.
func (d *Dispatcher) Stats(user string) Stats {
	var s Stats
	d.locked(func() {
		_, s.Mine, s.Waiting = d.queue.Depth(storage.ThreadID{}, user)
		for _, agent := range d.agents.List {
			if d.breaker.Down(agent.Name) {
				s.Down = append(s.Down, agent.Name)
			}
		}
	})
	s.Wait = d.waitAfter(s.Waiting, time.Now())
	return s
}

// statsTimeout bounds the reading of stats from a store.
const statsTimeout = 2 * time.Second

// StatsOf returns the current state for a person as a store has it, for a process that asks no
// agent. It does not know the agents' state. What cannot be read is zero.
func StatsOf(ctx context.Context, store storage.Store, limits []enjo.Limit, margin time.Duration, user string) Stats {
	ctx, cancel := context.WithTimeout(ctx, statsTimeout)
	defer cancel()
	waiting, err := store.Waiting(ctx, storage.ThreadID{}, user)
	if err != nil {
		return Stats{}
	}
	s, now := Stats{Waiting: waiting.All, Mine: waiting.OfAsker}, time.Now()
	if calls, err := store.Calls(ctx, now.Add(-queue.CallsMatterFor(limits, margin))); err == nil {
		ahead := queue.NewLimiter(limits, margin, calls).Ahead(now, s.Waiting+1)
		s.Wait = ahead[s.Waiting].Sub(now)
	}
	return s
}
