package queue

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const probeEvery = 30 * time.Second

// fail counts consecutive failures of an agent, and returns the last result.
func fail(b *Breaker, agent string, n int) (again time.Time, down bool) {
	for range n {
		again, down = b.Failed(agent, noon)
	}
	return again, down
}

func TestFailuresInARowBreak(t *testing.T) {
	b := NewBreaker(probeEvery)
	if again, down := fail(b, "hr", breakAfter-1); !again.IsZero() || down || b.Down("hr") {
		t.Errorf("before the last failure: again %v, down %v", again, down)
	}
	if again, down := fail(b, "hr", 1); !again.Equal(noon.Add(probeEvery)) || !down || !b.Down("hr") {
		t.Errorf("at the last failure: again %v, down %v", again, down)
	}
	if again, down := fail(b, "hr", 1); !again.Equal(noon.Add(probeEvery)) || down || !b.Down("hr") {
		t.Errorf("after the last failure: again %v, newly down %v", again, down)
	}
}

func TestAnAnswerMends(t *testing.T) {
	b := NewBreaker(probeEvery)
	fail(b, "hr", breakAfter-1)
	if b.Answered("hr") {
		t.Error("the agent was down before the last failure")
	}
	if _, down := fail(b, "hr", breakAfter-1); down {
		t.Error("failures before an answer count")
	}
	fail(b, "hr", 1)
	if !b.Answered("hr") || b.Down("hr") || b.Answered("hr") {
		t.Error("an answer does not close the breaker, or closes it twice")
	}
}

func TestOneAgentThatIsDownLeavesTheOthers(t *testing.T) {
	b := NewBreaker(probeEvery)
	fail(b, "hr", breakAfter)
	if b.Down("it") || !b.Called("it", noon).IsZero() {
		t.Error("the other agent counts as down")
	}
	if _, down := fail(b, "it", 1); down || b.Down("it") {
		t.Error("the other agent's first failure opens the breaker")
	}
}

// Ensure that an agent is always down from the fifth consecutive failure until it
// answers, goes down once, and gets only occasional calls meanwhile.
func TestBreakerLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBreaker(probeEvery)
		now := noon
		failures := map[string]int{}
		agents := rapid.SampledFrom([]string{"hr", "it"})
		t.Repeat(map[string]func(*rapid.T){
			"fail": func(t *rapid.T) {
				agent := agents.Draw(t, "agent")
				failures[agent]++
				again, fell := b.Failed(agent, now)
				if fell != (failures[agent] == breakAfter) {
					t.Fatalf("failure %d: fell %v", failures[agent], fell)
				}
				if want := failures[agent] >= breakAfter; again.Equal(now.Add(probeEvery)) != want || again.IsZero() == want {
					t.Fatalf("failure %d: again at %v", failures[agent], again.Sub(now))
				}
			},
			"call": func(t *rapid.T) {
				agent := agents.Draw(t, "agent")
				again := b.Called(agent, now)
				if want := failures[agent] >= breakAfter; again.Equal(now.Add(probeEvery)) != want || again.IsZero() == want {
					t.Fatalf("after %d failures: again at %v", failures[agent], again.Sub(now))
				}
			},
			"answer": func(t *rapid.T) {
				agent := agents.Draw(t, "agent")
				if was := b.Answered(agent); was != (failures[agent] >= breakAfter) {
					t.Fatalf("after %d failures: was down %v", failures[agent], was)
				}
				delete(failures, agent)
			},
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second)
			},
			"": func(t *rapid.T) {
				for _, agent := range []string{"hr", "it"} {
					if b.Down(agent) != (failures[agent] >= breakAfter) {
						t.Fatalf("%s after %d failures: down %v", agent, failures[agent], b.Down(agent))
					}
				}
			},
		})
	})
}
