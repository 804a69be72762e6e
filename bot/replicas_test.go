package bot_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/internal/memnet"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that a question which a replica without the lease accepts is asked and answered once,
// by the replica with the lease.
func TestReplicasAnswerEachQuestionOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := sail(t, plan{}, 3)
		roots := f.askAll(15)
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

// slowly is a plan for an agent that takes a while.
func slowly() plan {
	return plan{enjo: enjosandbox.Config{Latency: 20 * time.Second}}
}

// Ensure that what people change at a replica without the lease reaches the one with it: edits
// of questions that wait, stops of those that are asked, and deletions of answered ones.
func TestReplicasPassChangesOn(t *testing.T) {
	standbyDecides := func(f *fleet, decision string) {
		f.t.Helper()
		if f.lines(f.members[1], `"decision":"`+decision+`"`) == 0 {
			f.t.Errorf("the replica without the lease has decided nothing as %q", decision)
		}
	}
	bubbles(t, "edit", func(t *testing.T) {
		f := sail(t, slowly(), 2)
		roots := f.askAll(8)
		time.Sleep(time.Second) // replicas do not wait for each other's messages
		var waiting []string
		for _, root := range roots {
			waiting = append(waiting, f.say(f.support, f.bob, f.at("And my phone?"), slacksandbox.InThread(root)))
		}
		time.Sleep(5 * time.Second)
		for _, ts := range waiting {
			if err := f.slack.Edit(f.support, f.bob, ts, f.at("And my tablet?")); err != nil {
				t.Fatal(err)
			}
		}
		for _, root := range roots {
			f.awaitAnswers(f.support, root, 2)
		}
		for _, asked := range f.asked() {
			if strings.Contains(asked, "phone") {
				t.Errorf("the agent was asked %q", asked)
			}
		}
		if n := len(f.enjo.Requests()); n != 2*len(roots) {
			t.Errorf("the agent got %d requests", n)
		}
		standbyDecides(f, "edit")
	})
	bubbles(t, "stop", func(t *testing.T) {
		f := sail(t, slowly(), 2)
		roots := f.askAll(8)
		time.Sleep(2 * time.Second)
		for _, root := range roots {
			f.say(f.support, f.alice, f.at("stop"), slacksandbox.InThread(root))
		}
		time.Sleep(12 * time.Second) // before the agent answers
		for _, root := range roots {
			if answers := texts(f.answers(f.slack.View, f.support, root)); strings.Count(answers, blocks.SayStopped.Text()) == 0 {
				t.Errorf("the thread shows %s", answers)
			}
			f.wantOneAnswer(root)
		}
		standbyDecides(f, "stop")
	})
	bubbles(t, "deletion", func(t *testing.T) {
		f := sail(t, plan{}, 2)
		roots := f.askAll(8)
		f.awaitEnded(len(roots))
		for _, root := range roots {
			if err := f.slack.Delete(f.support, root); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		for _, root := range roots {
			if n := len(f.answers(f.slack.View, f.support, root)); n != 0 {
				t.Errorf("the deleted question still has %d answers", n)
			}
		}
		standbyDecides(f, "retract")
	})
}

// Ensure that an answer is shared once although the press comes to a replica without the lease.
func TestReplicasPassPressesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := sail(t, plan{}, 2)
		for range 6 {
			f.command(f.alice, f.support, vpnQuestion)
		}
		f.awaitEnded(6)
		shared := 0
		for _, m := range f.ephemerals(f.slack.View, f.support, f.alice) {
			if value := f.buttonValue(f.support, m.TS, blocks.ActionShare); value != "" {
				f.press(f.alice, f.support, m.TS, blocks.ActionShare)
				shared++
			}
		}
		time.Sleep(time.Minute)
		f.wantPosted(f.support, "alice asked: "+vpnQuestion, shared)
		if n := f.lines(f.members[1], `"name":"`+blocks.ActionShare+`"`); shared != 6 || n == 0 {
			t.Errorf("%d answers were shared, of which the replica without the lease has stored %d", shared, n)
		}
	})
}

// Ensure that a replica that loses the database asks and posts nothing more once its lease has
// ended, that the other one answers what it was asking, and that it works again later.
func TestAReplicaWithoutTheDatabaseStopsWorking(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := sail(t, slowly(), 2)
		first, second := f.members[0], f.members[1]
		root := f.mention(f.alice, "How do I reset my VPN password?")
		f.awaitAsked(1)
		first.store.Cut()
		f.awaitHolder(second)
		if role := f.report(first).Role; role != "standby" {
			t.Errorf("the role of the first replica is %q", role)
		}
		for text, want := range map[string]int{
			"shutting down": 0, "the question is left for the replica that takes over": 1, "renewing the lease failed": 1,
		} {
			if n := f.lines(first, text); n != want {
				t.Errorf("the log says %d times %q", n, text)
			}
		}
		if _, metrics := f.serves("/metrics"); strings.Contains(metrics, "\nenjobridge_agent_up") || strings.Contains(metrics, "\nenjobridge_limiter_") {
			t.Error("a replica that does not work says how the agent is")
		}
		f.wantOneAnswer(root)
		first.store.Restore()
		time.Sleep(time.Minute)
		second.stop(t)
		f.awaitHolder(first)
		f.wantOneAnswer(f.mention(f.alice, "How do I print?"))
		if n := f.lines(first, `"dispatch: agent answered"`); n != 1 {
			t.Errorf("the first replica got %d answers of the agent", n)
		}
	})
}

// Ensure that a replica that has lost the lease does not go on saying that an agent is down,
// which it no longer asks.
func TestAReplicaThatStandsByKnowsNoAgents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := sail(t, plan{}, 2)
		first, second := f.members[0], f.members[1]
		f.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnauthorized})
		f.mention(f.alice, "How do I reset my VPN password?")
		f.eventually("the agent to be down", func() bool { return f.lines(first, "agent is down") == 1 })
		f.handler = first.bridge.Handler()
		f.isUp(false, false, "default", "the agent default is down")
		first.store.Cut()
		f.awaitHolder(second)
		first.store.Restore()
		f.eventually("the first replica to be ready", func() bool { return f.report(first).Ready })
		f.eventually("the first replica to say nothing about agents", func() bool {
			_, metrics := f.serves("/metrics")
			return !strings.Contains(metrics, "enjobridge_agent_up") && len(f.report(first).Reasons) == 0
		})
		f.enjo.Faults().Clear()
		f.awaitEnded(1)
	})
}

// Ensure that the replicas share the connections that Slack allows the app: two each, one if
// there are many, and none if there are enough; and that nothing is missed when that changes.
func TestReplicasShareTheSockets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := sail(t, plan{}, 1)
		for n, want := range []int{2, 4, 6, 8, 5, 6, 7, 8, 9, 9, 9} {
			if n > 0 {
				f.launch()
			}
			time.Sleep(10 * time.Second)
			f.awaitSockets(want)
		}
		if last := f.report(f.members[10]); !last.Ready || len(last.Sockets) != 0 {
			t.Errorf("the last replica reports %+v", last)
		}
		for _, m := range f.members[1:9] {
			m.stop(t)
		}
		f.awaitSockets(6)
		root := f.mention(f.alice, "How do I reset my VPN password?")
		f.wantOneAnswer(root)
		if log := f.log.String(); strings.Contains(log, `"level":"warn"`) || strings.Contains(log, `"level":"error"`) {
			t.Error("there is a warning in the log")
		}
	})
}

// delaysFirst returns a path on which the first call of a method takes so long.
func delaysFirst(method string, delay time.Duration) memnet.Path {
	var delayed atomic.Bool
	return func(p memnet.Packet) (fate memnet.Fate) {
		if bytes.HasPrefix(p.Data, []byte("POST /api/"+method+" ")) && !delayed.Swap(true) {
			fate.Delay = delay
		}
		return fate
	}
}

// Ensure that a post which Slack puts at the top of the channel is deleted although its
// response comes only when the lease has ended, or never.
func TestALateMisplacedPostIsDeleted(t *testing.T) {
	for name, delay := range map[string]time.Duration{"late response": 25 * time.Second, "no response": 33 * time.Second} {
		bubbles(t, name, func(t *testing.T) {
			f := sail(t, plan{path: delaysFirst("chat.postMessage", delay)}, 1)
			root := f.mention(f.alice, "How do I reset my VPN password?")
			f.eventually("the first post", func() bool { return f.lines(f.members[0], "dispatch: agent answered") == 1 })
			time.Sleep(time.Second)
			f.members[0].store.Cut()
			if err := f.slack.Delete(f.support, root); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			for _, m := range f.slack.Messages(f.support) {
				if m.BotID == f.slack.BotID() {
					t.Errorf("the channel shows %q", m.Text)
				}
			}
			f.members[0].store.Restore()
		})
	}
}

// Ensure that what a replica shows too late, because its network stood still, does not stay.
func TestWhatIsShownLateIsUndone(t *testing.T) {
	for _, method := range []string{"reactions.add", "assistant.threads.setStatus", "agents.sessions.setStatus"} {
		bubbles(t, method, func(t *testing.T) {
			var mu sync.Mutex
			var until time.Time // when the network of the first replica goes on
			f := sail(t, plan{path: func(p memnet.Packet) (fate memnet.Fate) {
				mu.Lock()
				defer mu.Unlock()
				if until.IsZero() && bytes.HasPrefix(p.Data, []byte("POST /api/"+method+" ")) {
					until = time.Now().Add(30 * time.Second)
				}
				if p.From == "replica-0" || p.To == "replica-0" {
					fate.Delay = max(0, time.Until(until))
				}
				return fate
			}}, 2)
			if method == "reactions.add" { // it shows what the status cannot
				f.slack.Faults().OnCall(slacksandbox.Calls{Method: "assistant.threads.setStatus"}, slacksandbox.Fail("missing_scope"))
			}
			f.hangs()
			root := f.mention(f.alice, "How do I reset my VPN password?")
			f.eventually("the call", func() bool {
				mu.Lock()
				defer mu.Unlock()
				return !until.IsZero()
			})
			f.members[0].store.Cut()
			f.awaitHolder(f.members[1])
			f.enjo.Faults().Clear()
			f.awaitAnswers(f.support, root, 1)
			time.Sleep(50 * time.Second)
			f.members[0].store.Restore()
			message, _ := f.slack.Message(f.support, root)
			session, _ := f.slack.Session(f.support, root)
			if status := f.slack.Status(f.support, root); len(message.Reactions) > 0 || status != "" || session.Status == "processing" {
				t.Errorf("the thread shows %v, the status %q, and the session %q", message.Reactions, status, session.Status)
			}
		})
	}
}

// Ensure that a post which Slack takes only when the lease has ended is deleted if another
// replica has posted the same, and stays otherwise.
func TestALatePostIsDeleted(t *testing.T) {
	for name, test := range map[string]struct {
		replicas int
		delay    time.Duration // of the first post on its way
		outcome  string
	}{
		"deleted":                {2, 25 * time.Second, "deleted"},
		"deleted after time-out": {2, 33 * time.Second, "deleted"},
		"kept":                   {1, 25 * time.Second, "kept"},
	} {
		bubbles(t, name, func(t *testing.T) {
			f := sail(t, plan{path: delaysFirst("chat.postMessage", test.delay)}, test.replicas)
			first := f.members[0]
			root := f.mention(f.alice, "How do I reset my VPN password?")
			f.eventually("the first post", func() bool { return f.lines(first, "dispatch: agent answered") == 1 })
			time.Sleep(time.Second)
			first.store.Cut()
			time.Sleep(45 * time.Second)
			first.store.Restore()
			f.wantOneAnswer(root)
			f.awaitEnded(1)
			if n := f.lines(first, "slackapi: call failed, retrying"); n != 0 {
				t.Error("the log says that a post is tried again that is left for another replica")
			}
			f.handler = first.bridge.Handler()
			if _, metrics := f.serves("/metrics"); !strings.Contains(metrics, `enjobridge_late_posts_total{outcome="`+test.outcome+`"} 1`+"\n") {
				t.Errorf("the metrics do not count the post as %s", test.outcome)
			}
		})
	}
}
