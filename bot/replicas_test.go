package bot_test

import (
	"strings"
	"testing"
	"time"
)

// Ensure that a question which a replica without the lease accepts is asked and answered once,
// by the replica with the lease.
func TestReplicasAnswerEachQuestionOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := sail(t, plan{}, 3)
		roots := f.askAll(9)
		for _, root := range roots {
			f.wantOneAnswer(root)
		}
		if n := len(f.enjo.Requests()); n != len(roots) {
			t.Errorf("the agent got %d requests", n)
		}
		for _, m := range f.members {
			asked := f.lines(m, `"dispatch: agent answered"`)
			accepted := f.lines(m, `"decision":"ask"`)
			if isHolder := m == f.members[0]; isHolder != (asked > 0) || accepted == 0 {
				t.Errorf("%s has accepted %d questions, and asked %d", m.name, accepted, asked)
			}
		}
	})
}

// Ensure that another replica takes over at once from one that stops, and within fifteen
// seconds from one that dies, and that it goes on with what the other one was doing.
func TestAnotherReplicaTakesOver(t *testing.T) {
	bubbles(t, "stop", func(t *testing.T) {
		f := sail(t, plan{}, 2)
		f.members[0].stop(t)
		if took := f.awaitHolder(f.members[1]); took > time.Second {
			t.Errorf("it took %v", took)
		}
		f.wantOneAnswer(f.askAll(1)[0])
		if !strings.Contains(f.log.String(), `"replica: the lease is released"`) {
			t.Error("the lease was not released")
		}
	})
	bubbles(t, "death", func(t *testing.T) {
		f := sail(t, plan{}, 2)
		f.hangs()
		root := f.mention(f.alice, "How do I reset my VPN password?")
		f.awaitAsked(1)
		f.kill(f.members[0])
		if took := f.awaitHolder(f.members[1]); took > 15*time.Second {
			t.Errorf("it took %v", took)
		}
		f.enjo.Faults().Clear()
		f.wantOneAnswer(root)
		if n := len(f.enjo.Requests()); n != 2 {
			t.Errorf("the agent got %d requests", n)
		}
	})
}
