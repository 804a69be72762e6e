package dispatch

import (
	"time"

	"enjobridge/bot/deliver"
	"enjobridge/bot/queue"
	"enjobridge/storage"
)

// Stats is what the line, the limits and the agents are like at a moment.
type Stats struct {
	Waiting, Mine int // questions in line, in all and of one person
	Limits        []queue.LimitUse
	Down          []string // agents that do not answer
	Failed        string   // what went wrong last, in words for people; empty if nothing did
	FailedAt      time.Time
}

// Stats tells a person how things are.
func (d *Dispatcher) Stats(user string) Stats {
	now := time.Now()
	r := Stats{Limits: d.limiter.Use(now)}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, r.Mine, r.Waiting = d.queue.Depth(storage.ThreadID{}, user)
	for _, agent := range d.agents.List {
		if d.breakers.Down(agent.Name) {
			r.Down = append(r.Down, agent.Name)
		}
	}
	r.Failed, r.FailedAt = d.failedLast, d.failedAt
	return r
}

// remember keeps what went wrong last, for reports. The mutex must be held.
func (d *Dispatcher) remember(code storage.Failure, now time.Time) {
	d.failedLast, d.failedAt = deliver.Explain(code).Text, now
}
