package storagetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// testStateMachine checks that for any sequence of operations a store behaves like the
// model.
func testStateMachine(t *testing.T, f *fixture) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{store: f.openStore(t), model: newModel(), now: at(0)}
		defer func() {
			if err := m.store.Close(); err != nil {
				rt.Errorf("Close: %v", err)
			}
		}()
		actions := rapid.StateMachineActions(m)
		actions["Reopen"] = func(*rapid.T) { m.store = f.reopenStore(t, m.store) }
		rt.Repeat(actions)
	})
}

// machine runs the same operations on a store and on the model. It uses few identities, so
// that many operations use the same records.
type machine struct {
	store storage.Store
	model *model
	now   time.Time
}

var (
	someTS     = rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6", "7", "8"})
	someThread = rapid.SampledFrom([]string{"", "1", "10", "2"})
	someTicket = rapid.SampledFrom([]string{"", "IT-1", "IT-10"})
	someText   = rapid.StringOfN(rapid.SampledFrom([]rune("ab <@>&\"'\\\n\té日🙂")), 0, 8, -1)
	someEnd    = rapid.SampledFrom([]storage.State{
		storage.Delivered, storage.Failed, storage.Cancelled, storage.Merged, storage.Queued,
	})
	someOrigin = rapid.SampledFrom([]storage.Origin{storage.Mention, storage.FollowUp})
)

func someMessage(t *rapid.T) storage.MessageID { return message(someTS.Draw(t, "ts")) }

func drawThread(t *rapid.T) storage.ThreadID {
	return storage.ThreadID{Team: "T1", Channel: "C1", Root: someThread.Draw(t, "root")}
}

// Tick advances the time.
func (m *machine) Tick(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.IntRange(1, 8).Draw(t, "seconds")) * time.Second)
}

func (m *machine) Accept(t *rapid.T) {
	q := storage.Question{
		ID:          someMessage(t),
		Thread:      drawThread(t),
		Asker:       rapid.SampledFrom([]string{"U1", "U2"}).Draw(t, "asker"),
		Origin:      someOrigin.Draw(t, "origin"),
		ByBot:       rapid.Bool().Draw(t, "by a bot"),
		Text:        someText.Draw(t, "text"),
		MakesTicket: rapid.Bool().Draw(t, "makes ticket"),
		State:       storage.Queued,
		AcceptedAt:  m.now,
	}
	// The order of questions with the same time is undefined.
	m.now = m.now.Add(time.Millisecond)
	fresh, err := m.store.Accept(background, q, threadOf(q))
	same(t, "fresh", fresh, m.model.accept(q), err)
}

// AcceptDirect accepts a direct message at the top, and merges earlier ones.
func (m *machine) AcceptDirect(t *rapid.T) {
	q := direct(someTS.Draw(t, "ts"), someText.Draw(t, "text"), 0)
	q.Asker, q.AcceptedAt = rapid.SampledFrom([]string{"U1", "U2"}).Draw(t, "asker"), m.now
	q.WantsPerson = rapid.IntRange(0, 3).Draw(t, "wants a person") == 0
	m.now = m.now.Add(time.Millisecond)
	accepted, merged, fresh, err := m.store.AcceptDirect(background, q, threadOf(q))
	wantMerged, wantFresh := m.model.acceptDirect(q)
	same(t, "fresh", fresh, wantFresh, err)
	same(t, "merged", merged, wantMerged, err)
	if fresh {
		same(t, "accepted", accepted, *m.model.question(q.ID), err)
	}
}

// Decide makes a decision with several operations, which see what the ones before have written.
func (m *machine) Decide(t *rapid.T) {
	operations := map[string]func(*rapid.T){
		"Accept": m.Accept, "AcceptDirect": m.AcceptDirect, "FirstTime": m.FirstTime, "Claim": m.Claim, "Requeue": m.Requeue,
		"SetOutcome": m.SetOutcome, "StopThread": m.StopThread, "End": m.End, "LinkThread": m.LinkThread,
		"SetCard": m.SetCard, "UpdateTicket": m.UpdateTicket, "SetMuted": m.SetMuted, "Forget": m.Forget,
	}
	scope := storage.Scope{Team: "T1", Channel: "C1", Person: "U1"}
	for range rapid.IntRange(0, 2).Draw(t, "declared") {
		scope.Questions, scope.Threads = append(scope.Questions, someMessage(t)), append(scope.Threads, drawThread(t))
	}
	outside := m.store
	err := outside.Decide(background, scope, func(s storage.Store) error {
		m.store = s
		defer func() { m.store = outside }()
		names := rapid.SliceOfN(rapid.SampledFrom(slices.Sorted(maps.Keys(operations))), 1, 6).Draw(t, "operations")
		for _, name := range names {
			operations[name](t)
		}
		if rapid.IntRange(0, 3).Draw(t, "reads") == 0 {
			m.Check(t)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (m *machine) LinkThread(t *rapid.T) {
	post, continues := drawThread(t), drawThread(t)
	agreed(t, m.store.LinkThread(background, post, continues, m.now), m.model.link(post, continues, m.now))
}

func (m *machine) FirstTime(t *rapid.T) {
	key := storage.Key(someTS.Draw(t, "key"))
	first, err := m.store.FirstTime(background, key, m.now)
	same(t, "first", first, m.model.firstTime(key, m.now), err)
}

func (m *machine) Claim(t *rapid.T) {
	id := someMessage(t)
	with := rapid.SliceOfN(rapid.Custom(someMessage), 0, 2).Draw(t, "with")
	claimed, err := m.store.Claim(background, id, with, m.now)
	if agreed(t, err, m.model.claim(id, with, m.now)) {
		same(t, "claimed", claimed, *m.model.question(id), nil)
	}
}

func (m *machine) Requeue(t *rapid.T) {
	id := someMessage(t)
	notBefore := m.now.Add(time.Minute)
	unknown := rapid.Bool().Draw(t, "outcome unknown")
	agreed(t, m.store.Requeue(background, id, notBefore, unknown), m.model.requeue(id, notBefore, unknown))
}

func (m *machine) SetOutcome(t *rapid.T) {
	id := someMessage(t)
	outcome := storage.Outcome{Failure: "x", Reference: "ref", Retracted: rapid.Bool().Draw(t, "retracted")}
	if rapid.Bool().Draw(t, "is a reply") {
		outcome = storage.Outcome{Reply: &enjo.Reply{Text: someText.Draw(t, "reply")}}
		outcome.Reply.ConversationID = rapid.SampledFrom([]string{"", "c1", "c2"}).Draw(t, "conversation")
	}
	outcome.SentUntil = rapid.SampledFrom([]string{"", "1.1", "1.2", "1.3"}).Draw(t, "sent until")
	outcome.UnreadFiles = rapid.SampledFrom([][]string{nil, {"VPN.png"}}).Draw(t, "unread files")
	if outcome.Reply != nil && rapid.Bool().Draw(t, "has a ticket") {
		outcome.Reply.Ticket = &enjo.Ticket{ID: someTicket.Draw(t, "ticket"), Status: someText.Draw(t, "status")}
	}
	agreed(t, m.store.SetOutcome(background, id, outcome, m.now), m.model.setOutcome(id, outcome, m.now))
}

func (m *machine) StopThread(t *rapid.T) {
	thread := drawThread(t)
	stopped, err := m.store.StopThread(background, thread)
	same(t, "stopped", stopped, m.model.stopThread(thread), err)
}

func (m *machine) End(t *rapid.T) {
	id, end := someMessage(t), someEnd.Draw(t, "end")
	posts := rapid.SliceOfN(someTS, 0, 2).Draw(t, "posts")
	agreed(t, m.store.End(background, id, end, posts, m.now), m.model.end(id, end, posts, m.now))
}

// EndAny ends any unfinished question, so that not all questions stay queued.
func (m *machine) EndAny(t *rapid.T) {
	unfinished := m.model.unfinished()
	if len(unfinished) == 0 {
		t.Skip("all have ended")
	}
	q := rapid.SampledFrom(unfinished).Draw(t, "question")
	end := storage.Cancelled
	if q.State == storage.Answered {
		end = storage.Delivered
	}
	agreed(t, m.store.End(background, q.ID, end, nil, m.now), m.model.end(q.ID, end, nil, m.now))
}

func (m *machine) SetCard(t *rapid.T) {
	thread, id, ts := drawThread(t), someTicket.Draw(t, "ticket"), someTS.Draw(t, "ts")
	shown := enjo.Ticket{ID: id, Status: ts}
	agreed(t, m.store.SetCard(background, thread, id, ts, shown), m.model.setCard(thread, id, ts, shown))
}

func (m *machine) UpdateTicket(t *rapid.T) {
	latest := enjo.Ticket{ID: someTicket.Draw(t, "ticket"), Priority: rapid.SampledFrom([]string{"Low", "High", ""}).Draw(t, "priority")}
	_, err := m.store.UpdateTicket(background, latest, m.now)
	agreed(t, err, m.model.updateTicket(latest, m.now))
}

func (m *machine) SetMuted(t *rapid.T) {
	thread, muted := drawThread(t), rapid.Bool().Draw(t, "muted")
	agreed(t, m.store.SetMuted(background, thread, muted), m.model.setMuted(thread, muted))
}

func (m *machine) Forget(t *rapid.T) {
	ago := rapid.IntRange(0, 30)
	seenBefore := m.now.Add(-time.Duration(ago.Draw(t, "seen")) * time.Second)
	idleBefore := m.now.Add(-time.Duration(ago.Draw(t, "idle")) * time.Second)
	if err := m.store.Forget(background, seenBefore, idleBefore); err != nil {
		t.Fatal(err)
	}
	m.model.forget(seenBefore, idleBefore)
}

// Check compares everything that can be read.
func (m *machine) Check(t *rapid.T) {
	unfinished, err := m.store.Unfinished(background)
	same(t, "unfinished", unfinished, m.model.unfinished(), err)
	calls, err := m.store.Calls(background, at(0))
	same(t, "calls", calls, m.model.calls, err)
	for i := range 8 {
		id := message(fmt.Sprint(i + 1))
		got, err := m.store.Question(background, id)
		if want := m.model.question(id); agreed(t, err, want != nil) {
			same(t, "question", got, *want, nil)
		}
	}
	for _, root := range []string{"", "1", "10", "2"} {
		id := storage.ThreadID{Team: "T1", Channel: "C1", Root: root}
		got, err := m.store.Thread(background, id)
		if want := m.model.threads[id]; agreed(t, err, want != nil) {
			same(t, "thread", got, *want, nil)
		}
		tickets, err := m.store.Tickets(background, id)
		var want []storage.Ticket
		for _, ticket := range m.model.ticketsOf(id) {
			want = append(want, *ticket)
		}
		same(t, "tickets", slices.Clip(tickets), want, err)
		unfinished, err := m.store.UnfinishedIn(background, id)
		same(t, "unfinished in thread", unfinished, m.model.unfinishedIn(id), err)
		waiting, err := m.store.Waiting(background, id, "U1")
		same(t, "waiting", waiting, m.model.waiting(id, "U1"), err)
	}
	outdated, err := m.store.OutdatedCards(background)
	same(t, "outdated cards", len(outdated), m.model.outdated(), err)
	for _, user := range []string{"U1", "U2"} {
		tickets, err := m.store.TicketsOf(background, user)
		same(t, "tickets of "+user, len(tickets), m.model.requested(user), err)
	}
}

// agreed fails the test unless the store and the model both succeeded or both refused, and
// reports whether they succeeded.
func agreed(t *rapid.T, err error, did bool) bool {
	t.Helper()
	refused := errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrState)
	if err != nil && !refused {
		t.Fatal(err)
	}
	if refused == did {
		t.Fatalf("store: %v; model succeeded: %v", err, did)
	}
	return did
}

// same fails the test unless the store and the model return the same.
func same[T any](t *rapid.T, what string, got, want T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-model +store):\n%s", what, diff)
	}
}
