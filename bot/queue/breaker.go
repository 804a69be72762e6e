package queue

import "time"

// breakAfter is how many failures in a row make an agent count as down.
const breakAfter = 5

// Breaker knows which agents are down. It counts per agent, so that one
// that fails does not stop the others.
//
// It is a plain data structure, not safe for concurrent use.
type Breaker struct {
	Every  time.Duration // between two tries of an agent that is down
	agents map[string]*agentState
}

// NewBreaker returns a breaker that lets an agent that is down be tried once in a while.
func NewBreaker(every time.Duration) *Breaker {
	return &Breaker{Every: every, agents: make(map[string]*agentState)}
}

// agentState is what is known of one agent.
type agentState struct {
	failures int       // in a row
	probe    time.Time // when to try next; zero while the agent is up
}

// Failed counts a call that the agent did not answer, and returns when it may
// be called again; zero means at once. It reports whether the agent is down now and was
// not before.
func (b *Breaker) Failed(agent string, now time.Time) (again time.Time, down bool) {
	state := b.agents[agent]
	if state == nil {
		state = &agentState{}
		b.agents[agent] = state
	}
	state.failures++
	if state.failures < breakAfter {
		return time.Time{}, false
	}
	down = state.probe.IsZero()
	state.probe = now.Add(b.Every)
	return state.probe, down
}

// Called records that an agent is called. One that is down must not be called
// again before the time that it returns, unless it answers.
func (b *Breaker) Called(agent string, now time.Time) time.Time {
	if state := b.agents[agent]; state != nil && !state.probe.IsZero() {
		state.probe = now.Add(b.Every)
		return state.probe
	}
	return time.Time{}
}

// Answered records that an agent answered, and reports whether it was down.
func (b *Breaker) Answered(agent string) (wasDown bool) {
	state := b.agents[agent]
	delete(b.agents, agent)
	return state != nil && !state.probe.IsZero()
}

// Down reports whether an agent counts as down.
func (b *Breaker) Down(agent string) bool {
	return b.agents[agent] != nil && !b.agents[agent].probe.IsZero()
}
