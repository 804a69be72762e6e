package intake

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/internal/pgtest"
	"enjobridge/storage"
	"enjobridge/storage/postgres"
)

// newPostgresIntake returns an intake over a database, which is one of several replicas.
func newPostgresIntake(t *testing.T, url string, perDay int, alter ...func(*Policy)) *intakeTest {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return sharedIntake(t, &tieredSlack{calls: make(map[string][]time.Time)}, store, perDay, alter...)
}

// handled has an event handled in time: a decision that uses another Store than its own waits
// for itself.
func (i *intakeTest) handled(e slackevent.Event) {
	i.t.Helper()
	ctx, cancel := context.WithTimeout(i.t.Context(), 20*time.Second)
	defer cancel()
	after, err := i.Handle(ctx, e)
	if err != nil {
		i.t.Fatalf("handling %T: %v", e, err)
	}
	after()
}

// end stores a question that has ended.
func end(t *testing.T, store storage.Store, m slackevent.Message) {
	t.Helper()
	thread := storage.Thread{ID: m.Thread(true), LastActive: time.Now().Add(-time.Hour)}
	q := storage.Question{ID: m.ID, Thread: thread.ID, Asker: m.User, AcceptedAt: thread.LastActive}
	_, err := store.Accept(t.Context(), q, thread)
	if err == nil {
		err = store.End(t.Context(), m.ID, storage.Cancelled, nil, time.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Ensure that a decision on each kind of event is one transaction of PostgreSQL.
func TestPostgres_EachKindOfEvent(t *testing.T) {
	i := newPostgresIntake(t, pgtest.Database(t), 6, func(p *Policy) {
		p.AllowedBots, p.MaxWaitingUser, p.StaleAfter = []string{"B2"}, 20, time.Hour
	})
	sent := time.Now()
	message := func(text string, alter ...func(*slackevent.Message)) slackevent.Message {
		sent = sent.Add(time.Millisecond)
		m := said(text, event("message"))
		m.ID.TS = slackevent.FormatTS(sent)
		for _, change := range alter {
			change(&m)
		}
		return m
	}
	in := func(root slackevent.Message) func(*slackevent.Message) {
		return func(m *slackevent.Message) { m.ThreadTS = root.ID.TS }
	}
	old := func(m *slackevent.Message) { m.ID.TS = slackevent.FormatTS(sent.Add(-24 * time.Hour)) }
	edited := func(m slackevent.Message, text string) slackevent.MessageChanged {
		before := m.Text
		m.Text, m.Content, m.EditedTS, m.Event = text, text, slackevent.FormatTS(sent), "message_changed"
		return slackevent.MessageChanged{Before: before, After: m}
	}
	question, direct, direct2 := message("<@UBOT> help me"), message("hello", inDM), message("are you there", inDM)
	plain, early := message("help me"), message("<@UBOT> who is on call?")
	ended := message("<@UBOT> help")
	end(t, i.Intake.store, ended)
	for _, test := range []struct {
		event slackevent.Event
		want  string // the decision; empty for none that is recorded
	}{
		{question, "ask"},
		{question, "ignore"},
		{message("and now?", in(question)), "ask"},
		{message("and I?", in(question), func(m *slackevent.Message) { m.User = "U2" }), ""},
		{edited(question, "<@UBOT> help me now"), "edit"},
		{message("<@UBOT> thanks", in(question)), "react"},
		{message("<@UBOT> new", in(question)), "command"},
		{message("stop", in(question)), "stop"},
		{edited(question, "<@UBOT> help me later"), "offer"},
		{message("stop", in(ended)), "mute"},
		{message("and now?", in(ended)), "ignore"},
		{slackevent.SessionStopped{Thread: question.Thread(true), User: "U1", Membership: slackevent.Member}, ""},
		{slackevent.SessionStopped{Thread: question.Thread(true), User: "U9", Membership: slackevent.Outsider}, ""},
		{direct, "ask"},
		{direct2, "ask"},
		{slackevent.MessageDeleted{ID: direct.ID}, "edit"},
		{message("stop", inDM), "stop"},
		{slackevent.MessageDeleted{ID: question.ID}, "retract"},
		{edited(plain, "<@UBOT> help me"), "ask"},
		{slackevent.MessageDeleted{ID: plain.ID}, "retract"},
		{edited(early, "<@UBOT> who is on call today?"), ""},
		{early, "ask"},
		{slackevent.MessageDeleted{ID: message("").ID}, ""},
		{message("<@UBOT>"), "refuse"},
		{message("<@UBOT> help me", outsider), "refuse"},
		{message("<@UBOT> help me", unverifiedSender), "refuse"}, // of the same person
		{message("<@UBOT> help me", unverifiedSender, func(m *slackevent.Message) { m.User = "U3" }), "wait"},
		{message("<@UBOT> help me", old), "refuse"},
		{message("<@UBOT> alert", ofBot), "ask"},
		{message("<@UBOT> alert", ofBot), "ask"},
		{message("<@UBOT> how?"), "refuse"}, // the channel has asked enough
		{message("<@UBOT> how?"), "react"},
	} {
		before := len(i.decidedAs())
		i.handled(test.event)
		decision := ""
		for _, one := range i.decidedAs()[before:] {
			_, decision, _ = strings.Cut(one, ": ")
			decision, _, _ = strings.Cut(decision, ",")
		}
		if decision != test.want {
			t.Errorf("the decision on %+v is %q, want %q", test.event, decision, test.want)
		}
	}
	i.Wait()
	if log := i.log.String(); strings.Contains(log, `"level":"error"`) {
		t.Error(log)
	}
}

// Ensure that two replicas over PostgreSQL accept no more questions of a person, and of a
// channel on a day, than one does, and a message with two events once.
func TestPostgres_TwoReplicas(t *testing.T) {
	for name, test := range map[string]struct {
		perDay int
		alter  func(*Policy)
		copies int // of each of ten messages
		want   int
	}{
		"limit of a person":  {0, func(p *Policy) { p.MaxWaitingUser = 3 }, 1, 3},
		"limit of a channel": {4, func(*Policy) {}, 1, 4},
		"two events":         {0, func(*Policy) {}, 2, 10},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.Database(t)
			both := []*intakeTest{newPostgresIntake(t, url, test.perDay, test.alter), newPostgresIntake(t, url, test.perDay, test.alter)}
			at := time.Now()
			var handling sync.WaitGroup
			for n := range 10 {
				m := mention()
				m.ID.TS = slackevent.FormatTS(at.Add(time.Duration(n) * time.Millisecond))
				for c := range test.copies {
					handling.Go(func() { both[(n+c)%2].handled(m) })
				}
			}
			handling.Wait()
			stored, err := both[0].Intake.store.Unfinished(t.Context())
			if err != nil || len(stored) != test.want {
				t.Errorf("%d questions are accepted (%v), want %d", len(stored), err, test.want)
			}
		})
	}
}

// Ensure that a refusal is claimed by one of two replicas over PostgreSQL.
func TestPostgres_Refusal(t *testing.T) {
	url := pgtest.Database(t)
	both := []*intakeTest{newPostgresIntake(t, url, 0), newPostgresIntake(t, url, 0)}
	at := time.Now()
	var claims [10]atomic.Int32
	var handling sync.WaitGroup
	for n := range claims {
		m := mention(func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT>", "<@UBOT>" })
		m.ID.TS = slackevent.FormatTS(at.Add(time.Duration(n) * time.Millisecond))
		for _, i := range both {
			handling.Go(func() {
				var s stored
				_, err := i.transact(t.Context(), i.scopeOf(m), func(d *decider) (err error) {
					s, err = d.message(t.Context(), m)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if s.action == actionRefuse && s.fresh {
					claims[n].Add(1)
				}
			})
		}
	}
	handling.Wait()
	for n := range claims {
		if got := claims[n].Load(); got != 1 {
			t.Errorf("%d replicas have claimed refusal %d", got, n)
		}
	}
}
