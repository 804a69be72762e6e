package storagetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"enjobridge/storage"
)

// calls returns the recorded calls since a second of the test.
func (s *store) calls(since int) []time.Time {
	s.t.Helper()
	calls, err := s.Calls(background, at(since))
	s.must(err)
	return calls
}

// call accepts a question and claims it at a second of the test.
func (s *store) call(ts string, second int) {
	s.t.Helper()
	q := s.accept(ask(ts, "Why?"))
	_, err := s.Claim(background, q.ID, nil, at(second))
	s.must(err)
}

func testCalls(t *testing.T, f *fixture) {
	t.Run("claims record calls, which are sorted by time", func(t *testing.T) {
		s := f.open(t)
		equal(t, "before", s.calls(0), nil)
		s.call("1.1", 4)
		s.call("1.2", 0)
		s.call("1.3", 4)
		equal(t, "all", s.calls(0), []time.Time{at(0), at(4), at(4)})
		equal(t, "at or after a time", s.calls(4), []time.Time{at(4), at(4)})
		equal(t, "after", s.calls(5), nil)
		s.reopen()
		equal(t, "after a restart", s.calls(0), []time.Time{at(0), at(4), at(4)})
	})

	t.Run("each attempt is one call, even with merged questions", func(t *testing.T) {
		s := f.open(t)
		for _, ts := range []string{"1.1", "1.2"} {
			s.accept(ask(ts, "Why?"))
		}
		s.claim(message("1.1"), message("1.2"))
		s.must(s.Requeue(background, message("1.1"), at(11), true))
		s.claim(message("1.1"))
		equal(t, "calls", s.calls(0), []time.Time{at(10), at(10)})
	})

	t.Run("a failed claim records no call", func(t *testing.T) {
		s := f.open(t)
		q := s.accept(ask("1.1", "Why?"))
		for _, with := range [][]storage.MessageID{{message("9.9")}, {q.ID}} {
			if _, err := s.Claim(background, q.ID, with, at(1)); err == nil {
				t.Errorf("Claim with %v succeeded", with)
			}
		}
		s.end(q.ID, storage.Cancelled)
		if _, err := s.Claim(background, q.ID, nil, at(1)); err == nil {
			t.Error("Claim of an ended question succeeded")
		}
		equal(t, "calls", s.calls(0), nil)
	})

	t.Run("old calls are forgotten", func(t *testing.T) { testForgetCalls(t, f.open(t)) })
	t.Run("all concurrent calls are recorded", func(t *testing.T) { testConcurrentCalls(t, f.open(t)) })
}

func testForgetCalls(t *testing.T, s *store) {
	for i := range 3 {
		s.call(fmt.Sprint("1.", i), i)
	}
	s.forget(1, 1000)
	equal(t, "calls", s.calls(0), []time.Time{at(1), at(2)})
	s.forget(0, 1000)
	equal(t, "calls", s.calls(0), []time.Time{at(1), at(2)})
}

func testConcurrentCalls(t *testing.T, s *store) {
	concurrently(50, func(i int) {
		q := ask(fmt.Sprint("1.", i), "Why?")
		if _, err := s.Accept(background, q, threadOf(q)); err != nil {
			t.Error(err)
		}
		if _, err := s.Claim(background, q.ID, nil, at(3)); err != nil {
			t.Error(err)
		}
	})
	equal(t, "calls", len(s.calls(0)), 50)
}

// concurrently runs do in goroutines that start at the same time, and waits for them.
func concurrently(goroutines int, do func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range goroutines {
		all.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	all.Wait()
}
