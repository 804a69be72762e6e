package storagetest

import (
	"testing"

	"enjobridge/storage"
)

func testBacklog(t *testing.T, f *fixture) {
	s := f.open(t)
	equal(t, "empty store", s.backlog(), storage.Backlog{})

	for i, ts := range []string{"1.1", "2.1", "3.1", "4.1"} {
		q := ask(ts, "Why?")
		q.AcceptedAt = at(9 - i)
		s.accept(q)
	}
	s.claim(message("2.1"))
	s.setOutcome(message("3.1"), replyWithTicket("IT-1", "Open"))
	want := storage.Backlog{Queued: 2, Asking: 1, Answered: 1, Oldest: at(6)}
	equal(t, "four questions", s.backlog(), want)

	s.end(message("4.1"), storage.Cancelled)
	s.end(message("3.1"), storage.Delivered, "9.9")
	equal(t, "after two ended", s.backlog(), storage.Backlog{Queued: 1, Asking: 1, Oldest: at(8)})
	s.reopen()
	equal(t, "after a restart", s.backlog(), storage.Backlog{Queued: 1, Asking: 1, Oldest: at(8)})
}

func (s *store) backlog() storage.Backlog {
	s.t.Helper()
	backlog, err := s.Backlog(background)
	s.must(err)
	return backlog
}

func testProbe(t *testing.T, f *fixture) {
	s := f.open(t)
	q := s.accept(ask("1.1", "Why?"))
	for range 3 {
		s.must(s.Probe(background))
	}
	s.reopen()
	s.must(s.Probe(background))
	equal(t, "question", s.question(q.ID), q)
}
