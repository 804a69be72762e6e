package interact

import (
	"context"
	"path/filepath"
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
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// slowStore takes a while to look a question up.
type slowStore struct{ storage.Store }

func (s slowStore) Decide(_ context.Context, _ storage.Scope, decide func(storage.Store) error) error {
	return decide(s)
}

func (s slowStore) Question(ctx context.Context, id storage.MessageID) (storage.Question, error) {
	q, err := s.Store.Question(ctx, id)
	time.Sleep(50 * time.Millisecond)
	return q, err
}

// withTicket opens a store in which a thread has the ticket IT-1. The question that
// made it has not ended.
func withTicket(t *testing.T, path string) storage.Store {
	t.Helper()
	store, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	id := storage.MessageID{Team: "T1", Channel: "C1", TS: "1772442000.000100"}
	thread := storage.ThreadID{Team: id.Team, Channel: id.Channel, Root: id.TS}
	now := time.Now()
	fresh, err := store.Accept(t.Context(), storage.Question{ID: id, Thread: thread, AcceptedAt: now}, storage.Thread{ID: thread, LastActive: now})
	if err == nil && fresh {
		outcome := storage.Outcome{Reply: &enjo.Reply{Ticket: &enjo.Ticket{ID: "IT-1", Status: "Closed"}}}
		err = store.SetOutcome(t.Context(), id, outcome, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// handlerOf returns what acts on interactions with a store, until the test ends.
func handlerOf(t *testing.T, store storage.Store) *Handler {
	t.Helper()
	ended, end := context.WithCancel(t.Context())
	end() // nothing is said to anybody
	list := agents.Agents{List: []agents.Agent{{Name: "default", BotID: "b"}}}
	metrics, self := telemetry.NewRegistry(), slackevent.Identity{TeamID: "T1"}
	return New(ended, Config{
		Store: store, Self: self, Slack: slackapi.New(slackapi.Config{Metrics: metrics}), DailyLimit: intake.NewDailyLimit(0, false),
		Policy: intake.Policy{Self: self, MaxWaiting: 9, MaxWaitingUser: 9, AgentOf: list.OfChannel},
		Agents: list, Questions: dispatch.New(ended, dispatch.Config{Panics: supervise.New(metrics, zerolog.Nop()), Metrics: metrics}), Metrics: metrics, Log: zerolog.Nop(),
	})
}

// pressed presses a button of the ticket IT-1.
func pressed(t *testing.T, h *Handler, user, action string) {
	t.Helper()
	_, err := h.Handle(t.Context(), slackevent.Interaction{
		Kind: slackevent.BlockAction, User: user, Membership: slackevent.Member, Channel: "C1", TS: "1772442001.000100", ThreadTS: "1772442000.000100",
		Name: action, Value: "IT-1",
	})
	if err != nil {
		t.Error(err)
	}
}

// asked returns how many questions of buttons are stored.
func asked(t *testing.T, store storage.Store) (n int) {
	t.Helper()
	unfinished, err := store.Unfinished(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range unfinished {
		if q.Origin == storage.Button {
			n++
		}
	}
	return n
}

// Ensure that a person who presses a button twice within ten seconds asks once,
// whenever the first press is, also if the bot restarts in between or both presses
// arrive at the same moment.
func TestHandler_PressedTwice(t *testing.T) {
	for _, action := range []string{blocks.ActionCheckStatus, blocks.ActionReopen} {
		for _, offset := range []time.Duration{0, 3 * time.Second, 9850 * time.Millisecond, 9990 * time.Millisecond} {
			t.Run(action+"/"+offset.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					path := filepath.Join(t.TempDir(), "bot.db")
					store := withTicket(t, path)
					h := handlerOf(t, slowStore{store})
					time.Sleep(offset)
					var both sync.WaitGroup
					for range 2 {
						both.Go(func() { pressed(t, h, "U1", action) })
						time.Sleep(20 * time.Millisecond)
					}
					both.Wait()
					time.Sleep(100 * time.Millisecond)
					pressed(t, h, "U1", action)
					time.Sleep(8 * time.Second)
					pressed(t, h, "U1", action)
					if err := store.Close(); err != nil {
						t.Fatal(err)
					}
					store = withTicket(t, path)
					h = handlerOf(t, store)
					time.Sleep(time.Second)
					pressed(t, h, "U1", action)
					if n := asked(t, store); n != 1 {
						t.Errorf("%d questions were asked, want 1", n)
					}
					pressed(t, h, "U2", action)
					time.Sleep(10 * time.Second)
					pressed(t, h, "U1", action)
					if n := asked(t, store); n != 3 {
						t.Errorf("%d questions were asked in all, want 3", n)
					}
					if err := store.Close(); err != nil {
						t.Fatal(err)
					}
				})
			})
		}
	}
}
