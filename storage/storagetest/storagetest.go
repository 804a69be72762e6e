// Package storagetest tests implementations of [storage.Store]: each must pass [Run].
package storagetest

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// Run tests a Store. The function open returns a new empty store, and reopen closes a
// store and opens it again. Run closes the stores that they return. With names, it runs only
// the tests that have them.
func Run(
	t *testing.T,
	open func(t *testing.T) storage.Store,
	reopen func(t *testing.T, s storage.Store) storage.Store,
	names ...string,
) {
	tests := map[string]func(*testing.T, *fixture){
		"Accept":            testAccept,
		"AcceptDirect":      testAcceptDirect,
		"Decide":            testDecide,
		"Waiting":           testWaiting,
		"LinkThread":        testLinkThread,
		"Private":           testPrivate,
		"Publish":           testPublish,
		"FirstTime":         testFirstTime,
		"FirstTimeSince":    testFirstTimeSince,
		"Increment":         testIncrement,
		"Presses":           testPresses,
		"Copies":            testCopies,
		"Watermark":         testWatermark,
		"ResetConversation": testResetConversation,
		"MoveChannel":       testMoveChannel,
		"ActiveThreads":     testActiveThreads,
		"Edit":              testEdit,
		"Claim":             testClaim,
		"Transitions":       testTransitions,
		"SetOutcome":        testSetOutcome,
		"StopThread":        testStopThread,
		"End":               testEnd,
		"Unfinished":        testUnfinished,
		"Backlog":           testBacklog,
		"Probe":             testProbe,
		"Threads":           testThreads,
		"Tickets":           testTickets,
		"TicketNews":        testTicketNews,
		"Feedback":          testFeedback,
		"Each":              testEach,
		"Preferences":       testPreferences,
		"Tokens":            testTokens,
		"Calls":             testCalls,
		"Forget":            testForget,
		"ForgetPerson":      testForgetPerson,
		"Identities":        testIdentities,
		"Context":           testContext,
		"Close":             testClose,
		"Observe":           testObserve,
		"Durability":        testDurability,
		"Concurrency":       testConcurrency,
		"StateMachine":      testStateMachine,
		"NothingStored":     testNothingStored,
	}
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(tests))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) { tests[name](t, &fixture{open, reopen}) })
	}
}

// fixture opens stores for a test.
type fixture struct {
	openStore   func(*testing.T) storage.Store
	reopenStore func(*testing.T, storage.Store) storage.Store
}

// open returns a new empty store, which is closed at the end of the test.
func (f *fixture) open(t *testing.T) *store {
	t.Helper()
	s := &store{Store: f.openStore(t), t: t, reopenStore: f.reopenStore}
	t.Cleanup(s.close)
	return s
}

// store is a Store with methods that end the test on an error.
type store struct {
	storage.Store
	t           *testing.T
	reopenStore func(*testing.T, storage.Store) storage.Store
}

func (s *store) close() {
	s.t.Helper()
	if err := s.Close(); err != nil {
		s.t.Errorf("Close: %v", err)
	}
}

// reopen closes the store and opens it again.
func (s *store) reopen() { s.Store = s.reopenStore(s.t, s.Store) }

// accept stores a question, which must be new.
func (s *store) accept(q storage.Question) storage.Question {
	s.t.Helper()
	fresh, err := s.Accept(background, q, threadOf(q))
	if err != nil || !fresh {
		s.t.Fatalf("Accept(%s) = %v, %v; want true", q.ID, fresh, err)
	}
	return q
}

func (s *store) claim(id storage.MessageID, with ...storage.MessageID) storage.Question {
	s.t.Helper()
	q, err := s.Claim(background, id, with, at(10))
	s.must(err)
	return q
}

func (s *store) setOutcome(id storage.MessageID, outcome storage.Outcome) {
	s.t.Helper()
	s.must(s.SetOutcome(background, id, outcome, at(20)))
}

func (s *store) end(id storage.MessageID, end storage.State, posts ...string) {
	s.t.Helper()
	s.must(s.End(background, id, end, posts, at(30)))
}

func (s *store) question(id storage.MessageID) storage.Question {
	s.t.Helper()
	q, err := s.Question(background, id)
	s.must(err)
	return q
}

func (s *store) thread(id storage.ThreadID) storage.Thread {
	s.t.Helper()
	thread, err := s.Thread(background, id)
	s.must(err)
	return thread
}

func (s *store) tickets(id storage.ThreadID) []storage.Ticket {
	s.t.Helper()
	tickets, err := s.Tickets(background, id)
	s.must(err)
	return tickets
}

func (s *store) unfinished() []storage.Question {
	s.t.Helper()
	questions, err := s.Unfinished(background)
	s.must(err)
	return questions
}

// must ends the test if there is an error.
func (s *store) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

var background = context.Background()

// at returns the time that is so many seconds after the start of a test.
func at(seconds int) time.Time {
	return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
}

// message returns the identity of the message with a timestamp.
func message(ts string) storage.MessageID {
	return storage.MessageID{Team: "T1", Channel: "C1", TS: ts}
}

// ask returns a question that starts a thread.
func ask(ts, text string) storage.Question {
	return storage.Question{
		ID:         message(ts),
		Thread:     storage.ThreadID{Team: "T1", Channel: "C1", Root: ts},
		Asker:      "U1",
		Agent:      "it",
		Origin:     storage.Mention,
		Text:       text,
		State:      storage.Queued,
		AcceptedAt: at(0),
	}
}

// threadOf returns the new thread of a question.
func threadOf(q storage.Question) storage.Thread {
	return storage.Thread{ID: q.Thread, Agent: q.Agent, LastActive: q.AcceptedAt}
}

// storedThread returns the new thread of a person's question, as it is stored.
func storedThread(q storage.Question) storage.Thread {
	thread := threadOf(q)
	thread.Askers = map[string]string{q.Asker: q.ID.TS}
	return thread
}

// reply returns an outcome that is an answer.
func reply(text string) storage.Outcome {
	return storage.Outcome{Reply: &enjo.Reply{Text: text, ConversationID: "conversation-1"}}
}

// replyWithTicket returns an outcome with a ticket.
func replyWithTicket(id, status string) storage.Outcome {
	outcome := reply("I made a ticket.")
	outcome.Reply.Ticket = &enjo.Ticket{ID: id, Status: status}
	return outcome
}

// equal fails the test unless both values are equal. Nil and empty slices are equal.
func equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
