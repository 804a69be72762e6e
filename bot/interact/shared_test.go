package interact

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/agents"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
	"enjobridge/storage/replicatedtest"
)

// replicas are the handlers of two replicas over one store, which has the questions of an
// office. The first one works, too.
type replicas struct {
	t             *testing.T
	slack         *recordingSlack
	store         storage.Store // without the replicas
	db            storage.Replicated
	first, second *Handler
	worker        *Handler
}

// newReplicas must be called in a bubble, which ends with the replicas.
func newReplicas(t *testing.T, perDay int) *replicas {
	t.Helper()
	bolt, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bolt.Close() })
	(&office{t: t, store: bolt}).fill("U9")
	db := replicatedtest.New(bolt)
	r := &replicas{t: t, slack: &recordingSlack{}, store: bolt, db: db.Replica()}
	lease, err := r.db.AcquireLease(t.Context(), "first", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r.first, r.second = r.handler(r.db, Acceptor, perDay), r.handler(db.Replica(), Acceptor, perDay)
	r.worker = r.handler(r.db.Fenced(lease, nil), Worker, perDay)
	return r
}

// handler returns a handler with a role, until the test ends.
func (r *replicas) handler(store storage.Store, role Role, perDay int) *Handler {
	r.t.Helper()
	metrics := telemetry.NewRegistry()
	client := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", BotToken: "xoxb-1", Transport: r.slack, Random: rand.Int64N, Speed: 1e6,
		Metrics: metrics, Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	list := agents.Agents{List: []agents.Agent{{Name: "default", BotID: "b"}}}
	self := slackevent.Identity{TeamID: "T1", UserID: "UBOT", BotID: "B1"}
	h := New(r.t.Context(), Config{
		Role: role, Store: store, Slack: client, Self: self, DailyLimit: intake.NewDailyLimit(perDay, true), Agents: list,
		Policy:     intake.Policy{Self: self, AgentView: true, MaxWaiting: 90, MaxWaitingUser: 3, AgentOf: list.OfChannel},
		EscalateTo: []string{"UHELP"}, TicketPrompt: "Open a ticket.", TicketStatusPrompt: "What about {id}?",
		BackOff: func(int) time.Duration { return time.Second }, Metrics: metrics, Log: zerolog.Nop(),
	})
	r.t.Cleanup(func() {
		h.Close()
		client.Close()
	})
	return h
}

// pressOf returns the press of a button of the answered question.
func pressOf(user, action, value string) slackevent.Interaction {
	return slackevent.Interaction{
		Kind: slackevent.BlockAction, User: user, Membership: slackevent.Member, Channel: "C1", TS: "1772442001.000100", ThreadTS: answeredTS,
		Name: action, Value: value, ResponseURL: "https://hooks.slack.com/actions/1",
	}
}

// handles has interactions handled at the same moment, by the replicas in turn.
func (r *replicas) handles(interactions ...slackevent.Interaction) {
	r.t.Helper()
	var handling sync.WaitGroup
	for n, i := range interactions {
		handling.Go(func() {
			after, err := []*Handler{r.first, r.second}[n%2].Handle(r.t.Context(), i)
			if err != nil {
				r.t.Error(err)
				return
			}
			after()
		})
	}
	handling.Wait()
	synctest.Wait()
}

// asked returns the questions that were asked by controls.
func (r *replicas) asked() (asked []storage.Question) {
	r.t.Helper()
	unfinished, err := r.store.Unfinished(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, q := range unfinished {
		if q.Origin == storage.Button || q.Origin == storage.Command {
			asked = append(asked, q)
		}
	}
	return asked
}

// Ensure that a button that is pressed twice, at two replicas, asks once, and that two replicas
// together accept as much as one.
func TestShared_Asked(t *testing.T) {
	answered := "T1/C1/" + answeredTS
	command := func(n int) slackevent.Interaction {
		return slackevent.Interaction{
			Kind: slackevent.SlashCommand, User: "U1", Membership: slackevent.Member, Channel: "C1", Value: "help me", Trigger: fmt.Sprint(n),
			ResponseURL: "https://hooks.slack.com/commands/1",
		}
	}
	for name, test := range map[string]struct {
		perDay int
		press  func(n int) slackevent.Interaction
		want   int
	}{
		"check status": {0, func(int) slackevent.Interaction { return pressOf("U1", blocks.ActionCheckStatus, "IT-1") }, 1},
		"check status, many": {0, func(n int) slackevent.Interaction {
			return pressOf(fmt.Sprint("U", n), blocks.ActionCheckStatus, "IT-1")
		}, 8},
		"retry":            {0, func(n int) slackevent.Interaction { return pressOf(fmt.Sprint("U", n), blocks.ActionRetry, answered) }, 1},
		"a person's limit": {0, command, 3},
		"a channel's day":  {2, func(n int) slackevent.Interaction { return pressOf(fmt.Sprint("U", n), blocks.ActionReopen, "IT-1") }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, test.perDay)
				var all []slackevent.Interaction
				for n := range 8 {
					all = append(all, test.press(n))
				}
				r.handles(all...)
				if asked := r.asked(); len(asked) != test.want {
					t.Errorf("%d questions are asked, want %d", len(asked), test.want)
				}
			})
		})
	}
}

// Ensure that one ticket is asked for in a thread although the button is below two answers, and
// pressed at two replicas.
func TestShared_OneTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 0)
		below := func(ts string) slackevent.Interaction {
			i := pressOf("U1", blocks.ActionCreateTicket, "T1/C1/"+waitingTS)
			i.TS, i.ThreadTS = ts, waitingTS
			return i
		}
		r.handles(below("1772442601.000100"), below("1772442602.000100"))
		if asked := r.asked(); len(asked) != 1 {
			t.Errorf("%d tickets are asked for", len(asked))
		}
	})
}

// Ensure that a press that calls people is only stored by the replica that receives it, and
// announced, and that the worker calls them once, although it learns of the press repeatedly.
func TestShared_PressIsCompletedByTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 0)
		call := pressOf("U1", blocks.ActionEscalate, "T1/C1/"+answeredTS)
		r.handles(call, call)
		if effects := r.slack.effects(); len(effects) > 0 {
			t.Fatalf("a replica without the lease has made the calls %q", effects)
		}
		announced, err := r.db.Announcements(t.Context(), 10)
		if err != nil || len(announced) == 0 {
			t.Fatalf("%d presses are announced (%v)", len(announced), err)
		}
		var completing sync.WaitGroup
		for range 3 {
			for _, a := range announced {
				completing.Go(func() {
					if err := r.worker.CompletePress(t.Context(), a.Message, a.Name); err != nil {
						t.Error(err)
					}
				})
			}
			completing.Wait()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		effects := r.slack.effects()
		if len(effects) != 1 || !strings.HasPrefix(effects[0], "chat.postMessage") || !strings.Contains(effects[0], "UHELP") {
			t.Errorf("the worker has made the calls %q", effects)
		}
		left, err := r.store.Presses(t.Context())
		if thread, _ := r.store.Thread(t.Context(), call.Thread("T1")); err != nil || len(left) > 0 || !thread.Muted {
			t.Errorf("%d presses are left (%v), the thread is muted: %v", len(left), err, thread.Muted)
		}
	})
}

// Ensure that a worker that starts completes what is stored, and that a press that is repeated
// while it is being completed says nothing to its person.
func TestShared_PressOfAFormerWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 0)
		call := pressOf("U1", blocks.ActionEscalate, "T1/C1/"+answeredTS)
		r.handles(call)
		time.Sleep(time.Minute)
		if err := r.worker.completeAll(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		time.Sleep(time.Second)
		if effects := r.slack.effects(); len(effects) != 1 {
			t.Errorf("the worker has made the calls %q", effects)
		}
	})
}

// Ensure that a replica that does not work shows what waits, without an estimate, and what the
// worker knows if it works itself.
func TestShared_Status(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 0)
		_, waiting, err := r.second.statusText(t.Context(), "U9")
		if want := blocks.Waiting(1, 1, 0); err != nil || waiting != want {
			t.Errorf("it shows %q (%v), want %q", waiting, err, want)
		}
		r.first.Working = func(string) (dispatch.Stats, bool) { return dispatch.Stats{Waiting: 5, Wait: time.Hour}, true }
		_, waiting, err = r.first.statusText(t.Context(), "U9")
		if want := blocks.Waiting(5, 0, time.Hour); err != nil || waiting != want {
			t.Errorf("it shows %q (%v), want %q", waiting, err, want)
		}
	})
}
