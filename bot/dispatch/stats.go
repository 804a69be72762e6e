package dispatch

import (
	"time"

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
