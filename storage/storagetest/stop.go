package storagetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"enjobridge/storage"
)

// stopThread stops the questions of a thread.
func (s *store) stopThread(thread storage.ThreadID) []storage.Question {
	s.t.Helper()
	stopped, err := s.StopThread(background, thread)
	s.must(err)
	return stopped
}

// unfinishedIn returns the unfinished questions of a thread.
func (s *store) unfinishedIn(thread storage.ThreadID) []storage.Question {
	s.t.Helper()
	questions, err := s.UnfinishedIn(background, thread)
	s.must(err)
	return questions
}

// stopped returns a question with the outcome of a stop.
func stopped(q storage.Question, failure storage.Failure) storage.Question {
	q.State, q.Outcome = storage.Answered, &storage.Outcome{Failure: failure}
	return q
}

func testStopThread(t *testing.T, f *fixture) {
	t.Run("stops the queued and asking questions of the thread only", func(t *testing.T) {
		s := f.open(t)
		// Questions are sorted by acceptance, not by message.
		waiting := s.accept(ask("1.5", "waiting"))
		asked, answered := s.accept(followUp(waiting, "1.4", 1)), s.accept(followUp(waiting, "1.3", 2))
		ended, last := s.accept(followUp(waiting, "1.2", 3)), s.accept(followUp(waiting, "1.1", 4))
		elsewhere := s.accept(ask("1.50", "in another thread"))
		asked = s.claim(asked.ID)
		s.setOutcome(answered.ID, storage.Outcome{Failure: storage.FailureRejected})
		answered = s.question(answered.ID)
		s.end(ended.ID, storage.Cancelled)
		thread := s.thread(waiting.Thread)
		equal(t, "before", s.unfinishedIn(waiting.Thread), []storage.Question{waiting, asked, answered, last})

		want := []storage.Question{
			stopped(waiting, storage.FailureStopped), stopped(asked, storage.FailureDropped), stopped(last, storage.FailureDropped),
		}
		equal(t, "stopped", s.stopThread(waiting.Thread), want)
		for range 2 {
			equal(t, "stored", s.unfinishedIn(waiting.Thread), []storage.Question{want[0], want[1], answered, want[2]})
			equal(t, "ended", s.question(ended.ID).State, storage.Cancelled)
			equal(t, "in another thread", s.unfinishedIn(elsewhere.Thread), []storage.Question{elsewhere})
			equal(t, "thread", s.thread(waiting.Thread), thread)
			equal(t, "stopped again", s.stopThread(waiting.Thread), nil)
			s.reopen()
		}
	})

	t.Run("stops nothing in an unknown thread", func(t *testing.T) {
		s := f.open(t)
		equal(t, "stopped", s.stopThread(ask("1.1", "").Thread), nil)
		equal(t, "unfinished", s.unfinishedIn(ask("1.1", "").Thread), nil)
	})

	t.Run("stops each question once", func(t *testing.T) {
		s := f.open(t)
		first := s.accept(ask("1.0", "Why?"))
		for i := range 9 {
			s.accept(followUp(first, fmt.Sprint("1.", i+1), i+1))
		}
		var mu sync.Mutex
		var all []storage.Question
		concurrently(50, func(int) {
			stopped, err := s.StopThread(background, first.Thread)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, stopped...)
		})
		slices.SortFunc(all, func(a, b storage.Question) int { return a.AcceptedAt.Compare(b.AcceptedAt) })
		equal(t, "stopped", all, s.unfinishedIn(first.Thread))
		equal(t, "questions", len(all), 10)
	})
}
