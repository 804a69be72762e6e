package dispatch

import (
	"time"

	"enjobridge/bot/deliver"
	"enjobridge/bot/queue"
	"enjobridge/storage"
)

// Stats is the state of the queue, the limits and the agents at a moment.
type Stats struct {
	Waiting, Mine int // questions in the queue, in all and of one person
	Limits        []queue.LimitUse
	Down          []string // agents that do not answer
	Failed        string   // the latest failure, in words for people; empty if there was none
	FailedAt      time.Time
}

// Stats returns the current state for a person.
func (d *Dispatcher) Stats(user string) Stats {
	s := Stats{Limits: d.limiter.Use(time.Now())}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, s.Mine, s.Waiting = d.queue.Depth(storage.ThreadID{}, user)
	for _, agent := range d.agents.List {
		if d.breaker.Down(agent.Name) {
			s.Down = append(s.Down, agent.Name)
		}
	}
	s.Failed, s.FailedAt = d.lastFailure, d.lastFailureAt
	return s
}

// recordFailure records the latest failure for Stats.
func (d *Dispatcher) recordFailure(code storage.Failure, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lastFailure, d.lastFailureAt = deliver.Explain(code).Say.Text(), now
}
