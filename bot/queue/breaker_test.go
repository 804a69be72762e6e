package queue

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"enjobridge/storage"
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
	if b.Answered("hr", noon) {
		t.Error("the agent was down before the last failure")
	}
	if _, down := fail(b, "hr", breakAfter-1); down {
		t.Error("failures before an answer count")
	}
	fail(b, "hr", 1)
	if !b.Answered("hr", noon) || b.Down("hr") || b.Answered("hr", noon) {
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

// refusal is a step of a test: the agent answers a call, or refuses a question.
type refusal struct {
	answers    bool // a call that was made a second ago
	ts         string
	doubt      Doubt // in addition to [DoubtQuestion]
	cause      Cause
	open, fell bool // others may be called at once; it is down since then
}

// Ensure that refusals because of the setup break at once, unless the agent has answered
// before, and that one question alone does not stop the others.
func TestRefusals(t *testing.T) {
	for name, steps := range map[string][]refusal{
		"never answered": {
			{ts: "1", cause: TheAgent, open: true, fell: true},
			{ts: "1", cause: TheAgent, open: true},
			{ts: "2", cause: TheAgent},
			{ts: "1", cause: TheAgent},
		},
		"answered before": {
			{answers: true},
			{ts: "1", cause: Unclear},
			{ts: "1", cause: Unclear},
			{ts: "1", cause: Unclear},
			{ts: "1", cause: Unclear},
			{ts: "1", cause: TheAgent, open: true, fell: true},
			{ts: "2", cause: TheAgent},
		},
		"answered before, and refuses two questions": {
			{answers: true}, {ts: "1", cause: Unclear}, {ts: "2", cause: TheAgent, fell: true}, {ts: "1", cause: TheAgent},
		},
		"answers others":          {{answers: true}, {ts: "1", cause: Unclear}, {answers: true}, {ts: "1", cause: TheQuestion}, {ts: "2", cause: Unclear}},
		"is back, without one":    {{ts: "1", cause: TheAgent, open: true, fell: true}, {answers: true}, {ts: "1", cause: TheQuestion}},
		"the call is doubtful":    {{ts: "1", doubt: DoubtConversation, cause: Unclear}, {ts: "1", cause: TheAgent, open: true, fell: true}},
		"many calls are doubtful": {{ts: "1", doubt: DoubtConversation, cause: Unclear}, {ts: "2", doubt: DoubtConversation, cause: Unclear}, {ts: "1", cause: TheAgent, fell: true}},
		"refused in its conversation, and outside": {
			{ts: "1", cause: TheAgent, open: true, fell: true}, {answers: true}, {ts: "1", doubt: DoubtConversation, cause: Unclear}, {ts: "1", cause: TheQuestion},
		},
		"down, the call is doubtful": {{ts: "1", cause: TheAgent, open: true, fell: true}, {ts: "1", doubt: DoubtConversation, cause: TheAgent, open: true}},
	} {
		b, now := NewBreaker(probeEvery), noon
		for n, s := range steps {
			now = now.Add(2 * time.Second)
			if s.answers {
				b.Answered("hr", now.Add(-time.Second))
				continue
			}
			cause, again, fell := b.Refused("hr", storage.MessageID{TS: s.ts}, max(s.doubt, DoubtQuestion), now)
			if cause != s.cause || fell != s.fell || b.Down("hr") != (cause == TheAgent) {
				t.Errorf("%s, step %d: cause %v, fell %v, down %v", name, n+1, cause, fell, b.Down("hr"))
			}
			if closed := !again.IsZero(); closed != (cause == TheAgent && !s.open) || closed && !again.Equal(now.Add(probeEvery)) {
				t.Errorf("%s, step %d: again %v", name, n+1, again)
			}
		}
	}
}

// Ensure that an agent whose refusal can only be about the setup is down at once.
func TestRefusalsWithoutDoubt(t *testing.T) {
	b := NewBreaker(probeEvery)
	for n := range 2 {
		now := noon.Add(time.Duration(n) * time.Minute)
		b.Answered("hr", now)
		cause, again, fell := b.Refused("hr", storage.MessageID{TS: "1"}, NoDoubt, now.Add(time.Second))
		if cause != TheAgent || !fell || !again.Equal(now.Add(time.Second+probeEvery)) {
			t.Errorf("refusal %d: cause %v, fell %v, again %v", n+1, cause, fell, again)
		}
	}
}

// Ensure that the answer to a call that was made before the setup went wrong does not
// mend it, and that failures of another kind neither mend it.
func TestOnlyANewAnswerMendsTheSetup(t *testing.T) {
	b := NewBreaker(probeEvery)
	b.Refused("hr", storage.MessageID{TS: "1"}, NoDoubt, noon)
	if b.Answered("hr", noon.Add(-time.Second)) || !b.Down("hr") {
		t.Error("the answer to an earlier call mends the setup")
	}
	if again, fell := b.Failed("hr", noon); fell || !again.Equal(noon.Add(probeEvery)) {
		t.Errorf("a failure while it is down: again %v, fell %v", again, fell)
	}
	if !b.Answered("hr", noon.Add(time.Second)) || b.Down("hr") {
		t.Error("an answer does not mend the setup")
	}
}

// Ensure that refusals of a question that has ended do not count.
func TestRefusalsOfEndedQuestions(t *testing.T) {
	b, id := NewBreaker(probeEvery), storage.MessageID{TS: "1"}
	b.Answered("hr", noon)
	b.Refused("hr", id, DoubtQuestion, noon.Add(time.Second))
	b.Ended(id)
	if cause, _, _ := b.Refused("hr", storage.MessageID{TS: "2"}, DoubtQuestion, noon.Add(2*time.Second)); cause != Unclear {
		t.Errorf("the next refusal has the cause %v", cause)
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
				if was := b.Answered(agent, now); was != (failures[agent] >= breakAfter) {
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
