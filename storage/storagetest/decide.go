package storagetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// errUndecided is an error of a decision.
var errUndecided = errors.New("undecided")

// scope is the scope of a decision on the question of a person.
func scope(q storage.Question) storage.Scope {
	return storage.Scope{
		Team: q.ID.Team, Channel: q.ID.Channel, Person: q.Asker,
		Questions: []storage.MessageID{q.ID}, Threads: []storage.ThreadID{q.Thread}, Keys: []storage.Key{"refused/1"},
	}
}

func testDecide(t *testing.T, f *fixture) {
	t.Run("reads what it has written", func(t *testing.T) {
		for name, scope := range map[string]storage.Scope{"declared": scope(ask("1.1", "")), "not declared": {Team: "T1", Channel: "C1"}} {
			t.Run(name, func(t *testing.T) {
				s := f.open(t)
				s.must(s.Decide(background, scope, decideAll))
				s.reopen()
				equal(t, "after the decision", s.question(message("1.1")).Outcome, &storage.Outcome{Failure: storage.FailureStopped})
				equal(t, "unfinished", len(s.unfinished()), 2)
			})
		}
	})

	t.Run("goes on after an answer that is an error", func(t *testing.T) {
		s := f.open(t)
		q := ask("1.1", "Why?")
		s.must(s.Decide(background, scope(q), func(s storage.Store) error {
			if _, err := s.Question(background, q.ID); !errors.Is(err, storage.ErrNotFound) {
				return fmt.Errorf("question: %v, want ErrNotFound", err)
			}
			if err := s.SetMuted(background, q.Thread, true); !errors.Is(err, storage.ErrNotFound) {
				return fmt.Errorf("mute: %v, want ErrNotFound", err)
			}
			_, err := s.Accept(background, q, threadOf(q))
			return err
		}))
		equal(t, "unfinished", s.unfinished(), []storage.Question{q})
	})

	t.Run("returns its error", func(t *testing.T) {
		s := f.open(t)
		if err := s.Decide(background, scope(ask("1.1", "")), func(storage.Store) error { return errUndecided }); !errors.Is(err, errUndecided) {
			t.Errorf("error %v, want that of the decision", err)
		}
	})

	t.Run("can be made within another one", func(t *testing.T) {
		s := f.open(t)
		q := ask("1.1", "Why?")
		s.must(s.Decide(background, scope(q), func(s storage.Store) error {
			return s.Decide(background, scope(q), func(s storage.Store) error {
				_, err := s.Accept(background, q, threadOf(q))
				return err
			})
		}))
		equal(t, "unfinished", s.unfinished(), []storage.Question{q})
	})

	t.Run("is made after another one", func(t *testing.T) {
		if _, ok := f.open(t).Store.(storage.Replicated); !ok {
			t.Skip("one process leaves the order of its decisions to its callers")
		}
		testDecideInOrder(t, f)
	})
}

// decideAll calls methods that read what others have written.
func decideAll(s storage.Store) error {
	q, later := ask("1.1", "Why?"), direct("2.1", "hi", 1)
	later.Asker = "U2"
	next := direct("2.2", "my laptop", 2)
	next.Asker = "U2"
	var errs []error
	expect := func(what string, err error, got, want any) {
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			errs = append(errs, fmt.Errorf("%s: %v (-want +got): %s", what, err, diff))
		}
	}
	fresh, err := s.Accept(background, q, threadOf(q))
	expect("accept", err, fresh, true)
	fresh, err = s.Accept(background, q, threadOf(q))
	expect("accept again", err, fresh, false)
	first, err := s.FirstTime(background, "refused/1", at(0))
	expect("first time", err, first, true)
	first, err = s.MuteOnce(background, q.Thread, "refused/1", at(0))
	expect("mute", err, first, false)
	seen, err := s.Seen(background, "refused/1")
	expect("seen", err, seen, true)
	n, err := s.Increment(background, "asked/1", at(0))
	expect("increment", err, n, 1)
	n, err = s.Count(background, "asked/1")
	expect("count", err, n, 1)
	expect("press", s.AddPress(background, storage.Press{Message: q.ID, Action: "share", At: at(0)}), nil, nil)
	presses, err := s.Presses(background)
	expect("presses", err, len(presses), 1)

	_, _, fresh, err = s.AcceptDirect(background, later, threadOf(later))
	expect("accept direct message", err, fresh, true)
	_, merged, _, err := s.AcceptDirect(background, next, threadOf(next))
	expect("merged", err, len(merged), 1)
	waiting, err := s.Waiting(background, next.Thread, "U2")
	expect("waiting", err, waiting, storage.Waiting{InThread: 1, OfAsker: 1, All: 2})
	edited, err := s.Edit(background, later.ID, "hello")
	expect("edit", err, edited.Again, []storage.MessageID{next.ID, later.ID})
	expect("outcome", s.SetOutcome(background, next.ID, replyWithTicket("IT-1", "Open"), at(20)), nil, nil)
	updated, err := s.UpdateTicket(background, enjo.Ticket{ID: "IT-1", Status: "Closed"}, at(30))
	expect("ticket", err, len(updated), 1)
	tickets, err := s.Tickets(background, next.Thread)
	expect("tickets", err, tickets, updated)

	stopped, err := s.StopThread(background, q.Thread)
	expect("stop", err, len(stopped), 1)
	stopped, err = s.UnfinishedIn(background, q.Thread)
	expect("stopped", err, stopped[0].State, storage.Answered)
	waiting, err = s.Waiting(background, q.Thread, "U1")
	expect("waiting after the stop", err, waiting, storage.Waiting{InThread: 1})
	return errors.Join(errs...)
}

// RunUndone tests that the error of a decision undoes it. A [storage.Replicated] store must pass
// it, unless it is only for tests.
func RunUndone(t *testing.T, open func(t *testing.T) storage.Store) {
	s := (&fixture{openStore: open}).open(t)
	known := s.accept(ask("1.1", "Why?"))
	q := followUp(known, "1.2", 1)
	err := s.Decide(background, scope(q), func(s storage.Store) error {
		_, err := s.Accept(background, q, threadOf(q))
		_, keyErr := s.FirstTime(background, "refused/1", at(0))
		_, stopErr := s.StopThread(background, q.Thread)
		return errors.Join(err, keyErr, stopErr, errUndecided)
	})
	if !errors.Is(err, errUndecided) {
		t.Errorf("error %v, want that of the decision", err)
	}
	equal(t, "unfinished", s.unfinished(), []storage.Question{known})
	equal(t, "thread", s.thread(known.Thread), storedThread(known))
	seen, err := s.Seen(background, "refused/1")
	s.must(err)
	equal(t, "seen", seen, false)
}

// testDecideInOrder checks that decisions with the same channel, or the same person, see what
// the ones before have written.
func testDecideInOrder(t *testing.T, f *fixture) {
	const limit = 3
	for name, of := range map[string]struct {
		change func(q *storage.Question, i int)
		count  func(storage.Waiting) int
	}{
		"in a channel": {func(q *storage.Question, i int) { q.Asker = fmt.Sprint("U", i) }, func(w storage.Waiting) int { return w.InThread }},
		"of a person": {func(q *storage.Question, i int) {
			q.ID.Channel = fmt.Sprint("C", i)
			q.Thread.Channel = q.ID.Channel
		}, func(w storage.Waiting) int { return w.OfAsker }},
	} {
		t.Run(name, func(t *testing.T) {
			s := f.open(t)
			concurrently(30, func(i int) {
				q := followUp(ask("1.1", ""), fmt.Sprint("2.", i), i)
				of.change(&q, i)
				err := s.Decide(background, scope(q), func(s storage.Store) error {
					waiting, err := s.Waiting(background, q.Thread, q.Asker)
					if err != nil || of.count(waiting) >= limit {
						return err
					}
					_, err = s.Accept(background, q, threadOf(q))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
			equal(t, "accepted", len(s.unfinished()), limit)
		})
	}
}

func testWaiting(t *testing.T, f *fixture) {
	s := f.open(t)
	first := s.accept(ask("1.1", "Why?"))
	second := followUp(first, "1.2", 1)
	second.Asker = "U2"
	s.accept(second)
	s.accept(ask("2.1", "How?"))
	s.accept(ask("3.1", "When?"))
	equal(t, "queued", s.waiting(first.Thread, "U1"), storage.Waiting{InThread: 2, OfAsker: 3, All: 4})
	equal(t, "of another person, elsewhere", s.waiting(ask("2.1", "").Thread, "U2"), storage.Waiting{InThread: 1, OfAsker: 1, All: 4})
	equal(t, "of nobody, nowhere", s.waiting(ask("9.9", "").Thread, ""), storage.Waiting{All: 4})

	s.claim(first.ID)
	s.setOutcome(second.ID, reply("yes"))
	s.end(message("2.1"), storage.Cancelled)
	equal(t, "later", s.waiting(first.Thread, "U1"), storage.Waiting{InThread: 2, OfAsker: 1, All: 1})
	s.end(second.ID, storage.Delivered)
	s.must(s.Requeue(background, first.ID, at(11), false))
	equal(t, "at last", s.waiting(first.Thread, "U1"), storage.Waiting{InThread: 1, OfAsker: 2, All: 2})
}

func (s *store) waiting(thread storage.ThreadID, asker string) storage.Waiting {
	s.t.Helper()
	w, err := s.Waiting(background, thread, asker)
	s.must(err)
	return w
}
