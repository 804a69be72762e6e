package storagetest

import (
	"errors"
	"fmt"
	"testing"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// forget forgets everything older than two seconds of the test.
func (s *store) forget(seenBefore, idleBefore int) {
	s.t.Helper()
	s.must(s.Forget(background, at(seenBefore), at(idleBefore)))
}

// notFound fails the test unless the error is ErrNotFound.
func notFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("%s: error %v, want ErrNotFound", what, err)
	}
}

func testForget(t *testing.T, f *fixture) {
	t.Run("an empty store", func(t *testing.T) { f.open(t).forget(100, 100) })
	t.Run("seen keys", func(t *testing.T) { testForgetSeen(t, f.open(t)) })
	t.Run("an ended question", func(t *testing.T) { testForgetEnded(t, f.open(t)) })
	t.Run("no unfinished question", func(t *testing.T) { testForgetUnfinished(t, f.open(t)) })
	t.Run("threads and tickets by their activity", func(t *testing.T) { testForgetThreads(t, f.open(t)) })
	t.Run("no ticket that was updated", func(t *testing.T) { testForgetTicket(t, f.open(t)) })
	t.Run("more than one batch", func(t *testing.T) { testForgetMany(t, f.open(t)) })
}

func testForgetSeen(t *testing.T, s *store) {
	for _, second := range []int{10, 20} {
		_, err := s.FirstTime(background, storage.Key(fmt.Sprint(second)), at(second))
		s.must(err)
	}
	s.forget(20, 0)
	welcome, report := storage.WelcomeKey("T1", "C1"), storage.ReportKey("C1", at(0))
	for _, key := range []storage.Key{welcome, report} {
		_, err := s.FirstTime(background, key, at(0))
		s.must(err)
	}
	s.forget(20, 0)
	for key, want := range map[storage.Key]bool{"10": true, "20": false, welcome: false, report: false} {
		first, err := s.FirstTime(background, key, at(30))
		s.must(err)
		equal(t, "FirstTime after Forget, "+string(key), first, want)
	}
}

func testForgetEnded(t *testing.T, s *store) {
	q := s.accept(ask("1.1", "Why?"))
	s.end(q.ID, storage.Cancelled) // at 30
	s.forget(1000, 30)
	equal(t, "not old enough", s.question(q.ID).State, storage.Cancelled)
	s.forget(0, 31)
	_, err := s.Question(background, q.ID)
	notFound(t, "question", err)
	s.accept(q)
}

func testForgetUnfinished(t *testing.T, s *store) {
	// Each unfinished question shares its thread with an ended one.
	for i, state := range unfinished {
		q := s.accept(ask(fmt.Sprintf("1.%d", i), "Why?"))
		ended := s.accept(followUp(q, fmt.Sprintf("2.%d", i), 0))
		s.end(ended.ID, storage.Cancelled)
		states[state](s, q.ID)
	}
	before := s.unfinished()
	s.forget(1000, 1000)
	equal(t, "unfinished", s.unfinished(), before)
	for i, q := range before {
		s.thread(q.Thread)
		_, err := s.Question(background, message(fmt.Sprintf("2.%d", i)))
		notFound(t, "the ended question of the thread", err)
	}
	for _, q := range before {
		s.end(q.ID, storage.Cancelled)
	}
	s.forget(1000, 1000)
	for _, q := range before {
		_, err := s.Thread(background, q.Thread)
		notFound(t, "thread", err)
	}
}

func testForgetThreads(t *testing.T, s *store) {
	q := s.accept(ask("1.1", "Why?"))
	s.setOutcome(q.ID, replyWithTicket("IT-1", "Open")) // at 20
	s.end(q.ID, storage.Delivered)                      // at 30
	next := s.accept(followUp(q, "1.2", 40))
	s.end(next.ID, storage.Cancelled)

	s.forget(1000, 20)
	equal(t, "tickets", len(s.tickets(q.Thread)), 1)
	s.forget(1000, 40)
	equal(t, "tickets", len(s.tickets(q.Thread)), 0)
	notFound(t, "ticket", s.SetCard(background, q.Thread, "IT-1", "8.1", enjo.Ticket{}))
	equal(t, "conversation", s.thread(q.Thread).Conversation, "conversation-1")
	s.forget(1000, 41)
	_, err := s.Thread(background, q.Thread)
	notFound(t, "thread", err)

	// A forgotten message can be accepted again.
	again := s.accept(ask("1.1", "Why?"))
	equal(t, "thread", s.thread(q.Thread), storedThread(again))
}

func testForgetTicket(t *testing.T, s *store) {
	first := s.accept(ask("1.1", "Why?"))
	second := s.accept(followUp(first, "1.2", 1))
	s.setOutcome(first.ID, replyWithTicket("IT-1", "Open")) // at 20
	s.must(s.SetOutcome(background, second.ID, replyWithTicket("IT-1", "Closed"), at(60)))
	s.forget(1000, 60)
	equal(t, "tickets", len(s.tickets(first.Thread)), 1)
	s.forget(1000, 61)
	equal(t, "tickets", len(s.tickets(first.Thread)), 0)
}

// testForgetMany forgets more than one batch, between records that must stay.
func testForgetMany(t *testing.T, s *store) {
	const many = 1300
	stays := func(i int) bool { return i%2 == 0 }
	concurrently(many, func(i int) {
		q := ask(fmt.Sprintf("%d.%d", i%7, i), "Why?")
		if _, err := s.Accept(background, q, threadOf(q)); err != nil {
			t.Error(err)
		}
		if stays(i) {
			return
		}
		if err := s.End(background, q.ID, storage.Cancelled, nil, at(30)); err != nil {
			t.Error(err)
		}
	})
	s.forget(1000, 1000)
	concurrently(many, func(i int) {
		q := ask(fmt.Sprintf("%d.%d", i%7, i), "Why?")
		_, questionErr := s.Question(background, q.ID)
		_, threadErr := s.Thread(background, q.Thread)
		for _, err := range []error{questionErr, threadErr} {
			if !stays(i) {
				notFound(t, q.ID.String(), err)
			} else if err != nil {
				t.Error(err)
			}
		}
	})
}
