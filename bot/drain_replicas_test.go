package bot_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// Ensure that three replicas put a queue of questions to an agent almost as fast as its limits
// allow, however many of them accept the questions, and that the agent refuses no call. The
// results are in docs/architecture.md.
func TestReplicasUseTheLimits(t *testing.T) {
	const questions, most = 200, 1.02
	bubble(t, func(t *testing.T) {
		f := sail(t, plan{}, 3)
		for n := range questions {
			f.mention([]string{f.alice, f.bob}[n%2], fmt.Sprintf("How do I print on printer %d?", n))
		}
		f.awaitEnded(questions)
		calls := f.enjo.Requests()
		if len(calls) != questions {
			t.Fatalf("the agent got %d requests", len(calls))
		}
		for _, call := range calls {
			if call.Status == http.StatusTooManyRequests {
				t.Error("the agent refused a call")
			}
		}
		makespan, least := calls[questions-1].Time.Sub(calls[0].Time), leastTime(enjosLimits, questions)
		ratio := makespan.Seconds() / least.Seconds()
		t.Logf("%d questions took %v, the least is %v: %.4f times", questions, makespan.Round(time.Millisecond), least, ratio)
		if ratio > most {
			t.Errorf("it took %.4f times the least time, want %v at most", ratio, most)
		}
		for n, m := range f.members {
			accepted, asked := f.lines(m, `"decision":"ask"`), f.lines(m, `"dispatch: agent answered"`)
			if accepted == 0 || n > 0 && asked > 0 {
				t.Errorf("%s has accepted %d questions, and asked %d", m.name, accepted, asked)
			}
		}
	})
}
