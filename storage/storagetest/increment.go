package storagetest

import (
	"errors"
	"testing"

	"enjobridge/storage"
)

func testIncrement(t *testing.T, f *fixture) {
	s := f.open(t)
	increment := func(key storage.Key, seconds int) int {
		t.Helper()
		n, err := s.Increment(background, key, at(seconds))
		s.must(err)
		return n
	}
	for want := 1; want <= 3; want++ {
		equal(t, "counter", increment("a", want), want)
	}
	equal(t, "another key", increment("b", 5), 1)
	count := func(key storage.Key) int {
		t.Helper()
		n, err := s.Count(background, key)
		s.must(err)
		return n
	}
	equal(t, "count", count("a"), 3)
	equal(t, "count of a key that is not counted", count("c"), 0)
	seen := func(key storage.Key) bool {
		t.Helper()
		was, err := s.Seen(background, key)
		s.must(err)
		return was
	}
	equal(t, "the key of a counter was seen", seen("a"), false)
	if first, err := s.FirstTime(background, "a", at(5)); err != nil || !first {
		t.Errorf("FirstTime of the key of a counter = %v, %v", first, err)
	}
	equal(t, "the key was seen", seen("a"), true)
	equal(t, "count of a key that was also seen", count("a"), 3)
	s.reopen()
	equal(t, "after reopening", increment("a", 6), 4)
	s.must(s.Forget(background, at(3), at(0)))
	equal(t, "count after it was forgotten", count("a"), 0)
	equal(t, "after it was forgotten", increment("a", 7), 1)
	equal(t, "the other key", increment("b", 7), 2)
}

func testEdit(t *testing.T, f *fixture) {
	s := f.open(t)
	q := s.accept(ask("1.1", "Wy?"))
	edited, err := s.Edit(background, q.ID, "Why?")
	s.must(err)
	q.Text = "Why?"
	equal(t, "edited", edited, q)
	equal(t, "stored", s.question(q.ID), q)

	if _, err := s.Edit(background, message("9.9"), "x"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("editing an unknown question: %v", err)
	}
	s.claim(q.ID)
	if _, err := s.Edit(background, q.ID, "x"); !errors.Is(err, storage.ErrState) {
		t.Errorf("editing an asking question: %v", err)
	}
	s.must(s.Requeue(background, q.ID, at(11), false))
	_, err = s.Edit(background, q.ID, "Why not?")
	s.must(err)
	s.claim(q.ID)
	s.must(s.Requeue(background, q.ID, at(11), true))
	if _, err := s.Edit(background, q.ID, "x"); !errors.Is(err, storage.ErrState) {
		t.Errorf("editing a question that the agent may have processed: %v", err)
	}
	equal(t, "text", s.question(q.ID).Text, "Why not?")

	merged := s.accept(ask("1.2", "How?"))
	lead := s.accept(ask("1.1.5", "What?"))
	s.claim(lead.ID, merged.ID)
	s.must(s.Requeue(background, lead.ID, at(11), false))
	for _, id := range []storage.MessageID{lead.ID, merged.ID} {
		edited, err := s.Edit(background, id, "x")
		s.must(err)
		lead = s.question(lead.ID)
		equal(t, "edited", edited, lead)
		equal(t, "text", lead.Text, "What?\n\nHow?")
		equal(t, "messages", lead.Again, []storage.MessageID{lead.ID, merged.ID})
	}
	s.claim(lead.ID)
	if _, err := s.Edit(background, merged.ID, "x"); !errors.Is(err, storage.ErrState) {
		t.Errorf("editing a merged question that is being asked: %v", err)
	}
}
