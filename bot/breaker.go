package bot

import "time"

// breakAfter is how many failures in a row make an agent count as down.
const breakAfter = 5

// breakers tell which agents are down. They are kept per agent, so that one
// that fails does not stop the others.
//
// They are a plain data structure, not safe for concurrent use.
type breakers struct {
	every  time.Duration // between two tries of an agent that is down
	agents map[string]*breaker
}

func newBreakers(every time.Duration) *breakers {
	return &breakers{every: every, agents: make(map[string]*breaker)}
}

// breaker is what is known of one agent.
type breaker struct {
	failures int       // in a row
	probe    time.Time // when to try next; zero while the agent is up
}

// failed counts a call that the agent did not answer, and returns when it may
// be called again; zero means at once. It tells whether it is down now and was
// not before.
func (b *breakers) failed(agent string, now time.Time) (again time.Time, down bool) {
	state := b.agents[agent]
	if state == nil {
		state = &breaker{}
		b.agents[agent] = state
	}
	state.failures++
	if state.failures < breakAfter {
		return time.Time{}, false
	}
	down = state.probe.IsZero()
	state.probe = now.Add(b.every)
	return state.probe, down
}

// called says that an agent is called; one that is down is not to be called
// again before the time that it returns, unless it answers.
func (b *breakers) called(agent string, now time.Time) time.Time {
	if state := b.agents[agent]; state != nil && !state.probe.IsZero() {
		state.probe = now.Add(b.every)
		return state.probe
	}
	return time.Time{}
}

// answered says that an agent answered, and tells whether it was down.
func (b *breakers) answered(agent string) (wasDown bool) {
	state := b.agents[agent]
	delete(b.agents, agent)
	return state != nil && !state.probe.IsZero()
}

// down reports whether an agent counts as down.
func (b *breakers) down(agent string) bool {
	return b.agents[agent] != nil && !b.agents[agent].probe.IsZero()
}
