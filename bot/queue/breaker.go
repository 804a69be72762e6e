package queue

import (
	"time"

	"enjobridge/storage"
)

// breakAfter is how many failures in a row make an agent count as down.
const breakAfter = 5

// Breaker knows which agents are down. It counts per agent, so that one
// that fails does not stop the others.
//
// An agent is down after several failures in a row, or once it refuses a question
// because of the setup: with a wrong token, it refuses all of them. But many refusals can
// also be about the question, such as one that a firewall rejects. So an agent that has
// answered before is not down until it refuses another question, and a question that is
// refused again although the agent has answered others since is the reason itself.
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
	setup    time.Time // since when it is down because of the setup; zero if it is not
	answered time.Time // when the latest of its answered calls was made; zero if there is none
	// refused has the time of the last refusal of each question that has not ended.
	refused map[storage.MessageID]time.Time
}

// Doubt says what a refusal can be about.
type Doubt int

// The doubts about a refusal.
const (
	NoDoubt           Doubt = iota // it is about the setup
	DoubtQuestion                  // or about the question
	DoubtConversation              // or about the question, or its conversation
)

// Cause is the reason for a refusal.
type Cause int

// The reasons for a refusal.
const (
	Unclear     Cause = iota // the next calls decide
	TheQuestion              // the agent answers others
	TheAgent                 // the agent is down
)

func (b *Breaker) state(agent string) *agentState {
	s := b.agents[agent]
	if s == nil {
		s = &agentState{refused: make(map[storage.MessageID]time.Time)}
		b.agents[agent] = s
	}
	return s
}

// Failed counts a call that the agent did not answer, and returns when it may
// be called again; zero means at once. It reports whether the agent is down now and was
// not before.
func (b *Breaker) Failed(agent string, now time.Time) (again time.Time, down bool) {
	s := b.state(agent)
	s.failures++
	if s.failures < breakAfter && s.probe.IsZero() {
		return time.Time{}, false
	}
	down = s.probe.IsZero()
	s.probe = now.Add(b.Every)
	return s.probe, down
}

// Refused records that the agent refused a question because of the setup, or of what the
// doubt says. It returns the reason, and whether the agent is down because of the setup
// now and was not before. An agent that is down may be called again at the time that it
// returns; zero means at once, with any other question.
func (b *Breaker) Refused(agent string, id storage.MessageID, doubt Doubt, now time.Time) (cause Cause, again time.Time, fell bool) {
	s := b.state(agent)
	before, refused := s.refused[id]
	if refused && doubt == DoubtQuestion && s.answered.After(before) {
		return TheQuestion, time.Time{}, false
	}
	alone := doubt > NoDoubt // no other question was refused since the latest answer
	for other, at := range s.refused {
		alone = alone && (other == id || s.answered.After(at))
	}
	if !refused || doubt < DoubtConversation {
		s.refused[id] = now
	}
	s.failures++
	answers := alone && !s.answered.IsZero() && s.failures < breakAfter
	if s.probe.IsZero() && (answers || doubt == DoubtConversation) {
		return Unclear, time.Time{}, false
	}
	if fell = s.setup.IsZero(); fell {
		s.setup = now
	}
	s.probe = now.Add(b.Every)
	if !alone {
		again = s.probe
	}
	return TheAgent, again, fell
}

// Ended forgets the refusals of a question.
func (b *Breaker) Ended(id storage.MessageID) {
	for _, s := range b.agents {
		delete(s.refused, id)
	}
}

// Called records that an agent is called. One that is down must not be called
// again before the time that it returns, unless it answers.
func (b *Breaker) Called(agent string, now time.Time) time.Time {
	if s := b.agents[agent]; s != nil && !s.probe.IsZero() {
		s.probe = now.Add(b.Every)
		return s.probe
	}
	return time.Time{}
}

// Answered records that an agent answered a call that was made at a time, and reports
// whether the agent is up now and was down before. The answer to a call that was made
// before the setup went wrong does not show that it is right again.
func (b *Breaker) Answered(agent string, called time.Time) (isBack bool) {
	s := b.state(agent)
	s.answered = latest(s.answered, called)
	if !s.setup.IsZero() && !called.After(s.setup) {
		return false
	}
	isBack = !s.probe.IsZero()
	s.failures, s.probe, s.setup = 0, time.Time{}, time.Time{}
	return isBack
}

// Down reports whether an agent counts as down.
func (b *Breaker) Down(agent string) bool {
	return b.agents[agent] != nil && !b.agents[agent].probe.IsZero()
}
