package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// each returns what one of the methods EachEnded, EachFeedback and EachEvent
// visits between two seconds of the test.
func each[T any](
	s *store, method func(ctx context.Context, from, until time.Time, visit func(T) error) error, from, until int,
) (visited []T) {
	s.t.Helper()
	s.must(method(background, at(from), at(until), func(v T) error {
		visited = append(visited, v)
		return nil
	}))
	return visited
}

func testEach(t *testing.T, f *fixture) {
	t.Run("ended question by its end", func(t *testing.T) { testEachEnded(t, f.open(t)) })
	t.Run("ended question of more than one page", func(t *testing.T) { testEachMany(t, f.open(t)) })
	t.Run("ended question until an error", func(t *testing.T) { testEachError(t, f.open(t)) })
	t.Run("feedback by its latest time", func(t *testing.T) { testEachFeedback(t, f.open(t)) })
	t.Run("ticket that was created", func(t *testing.T) { testTicketed(t, f.open(t)) })
	t.Run("event", func(t *testing.T) { testEachEvent(t, f.open(t)) })
}

func testEachEnded(t *testing.T, s *store) {
	var want []storage.Question
	for i, second := range []int{30, 10, 20, 40} {
		q := s.accept(ask(fmt.Sprintf("%d.1", i+1), "Why?"))
		s.must(s.End(background, q.ID, storage.Cancelled, nil, at(second)))
		if second == 20 || second == 30 {
			want = append([]storage.Question{s.question(q.ID)}, want...)
		}
	}
	s.accept(ask("9.1", "Why?"))
	equal(t, "from 20 until before 40", each(s, s.EachEnded, 20, 40), want)
	equal(t, "nothing", each(s, s.EachEnded, 41, 1000), nil)
	s.moveChannel()
	equal(t, "in the new channel", len(each(s, s.EachEnded, 20, 40)), 2)
}

func testEachMany(t *testing.T, s *store) {
	const many = 1_300
	concurrently(many, func(i int) {
		q := ask(fmt.Sprintf("%d.1", i+1), "Why?")
		_, err := s.Accept(background, q, threadOf(q))
		if err := errors.Join(err, s.End(background, q.ID, storage.Cancelled, nil, at(i/2))); err != nil {
			t.Error(err)
		}
	})
	seen := make(map[storage.MessageID]bool)
	last := at(0)
	s.must(s.EachEnded(background, at(0), at(many), func(q storage.Question) error {
		if q.EndedAt.Before(last) {
			t.Errorf("%s is visited after a later one", q.ID)
		}
		last, seen[q.ID] = q.EndedAt, true
		if len(seen)%100 != 0 {
			return nil
		}
		return s.SetFeedback(background, storage.Feedback{Question: q.ID, User: "U1", At: at(1)}) // it can call the store
	}))
	equal(t, "visited", len(seen), many)
}

func testEachError(t *testing.T, s *store) {
	for _, ts := range []string{"1.1", "2.1"} {
		s.end(s.accept(ask(ts, "Why?")).ID, storage.Cancelled)
	}
	enough, visits := errors.New("enough"), 0
	err := s.EachEnded(background, at(0), at(100), func(storage.Question) error { visits++; return enough })
	if !errors.Is(err, enough) || visits != 1 {
		t.Errorf("error %v after %d visits", err, visits)
	}
}

func testEachFeedback(t *testing.T, s *store) {
	bad := storage.Feedback{Question: message("1.1"), User: "U1", Reasons: []string{"wrong"}, Comment: "No.", At: at(10)}
	good := storage.Feedback{Question: message("1.1"), User: "U2", Good: true, At: at(20)}
	s.must(s.SetFeedback(background, bad))
	s.must(s.SetFeedback(background, good))
	equal(t, "feedback", each(s, s.EachFeedback, 10, 20), []storage.Feedback{bad})
	bad.At = at(30)
	s.must(s.SetFeedback(background, bad))
	equal(t, "changed feedback", each(s, s.EachFeedback, 10, 100), []storage.Feedback{good, bad})
}

func testTicketed(t *testing.T, s *store) {
	answered := func(q storage.Question, ticket enjo.Ticket, second int) {
		outcome := reply("I made a ticket.")
		outcome.Reply.Ticket = &ticket
		s.must(s.SetOutcome(background, s.accept(q).ID, outcome, at(second)))
	}
	answered(ask("1.1", "Why?"), enjo.Ticket{ID: "IT-1"}, 10)
	answered(ask("2.1", "How is IT-1?"), enjo.Ticket{ID: "IT-1"}, 20) // known from another thread
	status := ask("3.1", "How is IT-2?")
	status.Ticket = "IT-2"
	answered(status, enjo.Ticket{ID: "IT-2"}, 20)
	answered(ask("4.1", "How is IT-3?"), enjo.Ticket{ID: "IT-3", Created: enjo.Time{At: at(0).AddDate(0, 0, -2)}}, 20)
	answered(ask("5.1", "Why?"), enjo.Ticket{ID: "IT-4", Created: enjo.Time{At: at(0).Add(-time.Hour)}}, 30)
	equal(t, "events", each(s, s.EachEvent, 0, 100), []storage.Event{
		{Kind: storage.Ticketed, Question: message("1.1"), At: at(10)}, {Kind: storage.Ticketed, Question: message("5.1"), At: at(30)},
	})
}

func testEachEvent(t *testing.T, s *store) {
	q := s.accept(private("a"))
	s.setOutcome(q.ID, reply("yes"))
	s.end(q.ID, storage.Delivered)
	direct := inThread
	direct.Channel = "D1"
	s.must(s.Publish(background, q.ID, direct, at(35)))
	for _, second := range []int{40, 50} { // only the first time counts
		s.must(s.Publish(background, q.ID, inThread, at(second)))
		_, err := s.FirstTime(background, storage.CalledKey(message("1.1")), at(second+20))
		s.must(err)
	}
	_, err := s.FirstTime(background, storage.RefusedKey(message("2.1")), at(45))
	s.must(err)
	shared := storage.Event{Kind: storage.Shared, Question: q.ID, At: at(40)}
	called := storage.Event{Kind: storage.Called, Question: message("1.1"), At: at(60)}
	s.reopen()
	equal(t, "events", each(s, s.EachEvent, 0, 100), []storage.Event{shared, called})
	equal(t, "events of a time", each(s, s.EachEvent, 41, 61), []storage.Event{called})

	s.forget(1000, 41)
	equal(t, "events after Forget", each(s, s.EachEvent, 0, 100), []storage.Event{called})
	s.moveChannel()
	called.Question.Channel = "C9"
	equal(t, "events of a channel with another ID", each(s, s.EachEvent, 0, 100), []storage.Event{called})
	s.forget(0, 1000)
	equal(t, "events that are young enough as keys", each(s, s.EachEvent, 0, 100), []storage.Event{called})
	s.forget(1000, 1000)
	equal(t, "events that are old", each(s, s.EachEvent, 0, 100), nil)
}
