package storagetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"enjobridge/storage"
)

// limit returns a function for TakeCall that allows some calls per time.
func limit(now time.Time, calls int, per time.Duration) func([]time.Time) time.Time {
	return func(made []time.Time) time.Time {
		if len(made) < calls {
			return now
		}
		if free := made[len(made)-calls].Add(per); free.After(now) {
			return free
		}
		return now
	}
}

// take takes a call, within a limit of 2 per 10 seconds.
func (s *store) take(now time.Time) time.Time {
	s.t.Helper()
	when, err := s.TakeCall(background, now, 10*time.Second, limit(now, 2, 10*time.Second))
	s.must(err)
	return when
}

// calls returns the recorded calls within 10 seconds before now, and records none.
func (s *store) calls(now time.Time) []time.Time {
	s.t.Helper()
	var recorded []time.Time
	_, err := s.TakeCall(background, now, 10*time.Second, func(calls []time.Time) time.Time {
		recorded = calls
		return now.Add(time.Second)
	})
	s.must(err)
	return recorded
}

func testTakeCall(t *testing.T, f *fixture) {
	t.Run("records what is allowed only", func(t *testing.T) {
		s := f.open(t)
		equal(t, "first", s.take(at(0)), at(0))
		equal(t, "second", s.take(at(4)), at(4))
		equal(t, "third", s.take(at(5)), at(10))
		equal(t, "recorded", s.calls(at(5)), []time.Time{at(0), at(4)})
		equal(t, "third, when it is time", s.take(at(10)), at(10))
		equal(t, "fourth", s.take(at(10)), at(14))
	})

	t.Run("returns now if next is before", func(t *testing.T) {
		s := f.open(t)
		when, err := s.TakeCall(background, at(5), time.Minute, func([]time.Time) time.Time { return at(0) })
		s.must(err)
		equal(t, "time", when, at(5))
		equal(t, "recorded", s.calls(at(5)), []time.Time{at(5)})
	})

	t.Run("knows calls as long as asked to", func(t *testing.T) {
		s := f.open(t)
		s.take(at(0))
		s.take(at(1))
		equal(t, "at the end of keep", s.calls(at(10)), []time.Time{at(0), at(1)})
		equal(t, "after it", s.calls(at(11)), []time.Time{at(1)})
	})

	t.Run("counts calls at the same time", func(t *testing.T) {
		s := f.open(t)
		s.take(at(0))
		s.take(at(0))
		equal(t, "recorded", s.calls(at(0)), []time.Time{at(0), at(0)})
	})

	t.Run("clock set back", func(t *testing.T) {
		s := f.open(t)
		s.take(at(3600))
		s.take(at(3601))
		equal(t, "refused", s.take(at(0)), at(10))
		equal(t, "recorded", s.calls(at(0)), []time.Time{at(0), at(0)})
		equal(t, "still as of then", s.calls(at(5)), []time.Time{at(0), at(0)})
		equal(t, "allowed", s.take(at(10)), at(10))
	})

	t.Run("a panic in next is the caller's", func(t *testing.T) {
		s := f.open(t)
		func() {
			// A Store may return it as an error, or let it through.
			defer func() { _ = recover() }()
			_, err := s.TakeCall(background, at(0), time.Minute, func([]time.Time) time.Time { panic("no") })
			if err == nil || errors.Is(err, storage.ErrCorrupt) {
				t.Errorf("error %v, want one that tells of the panic", err)
			}
		}()
		equal(t, "afterwards", s.take(at(0)), at(0))
	})

	t.Run("many at once stay within the limit", func(t *testing.T) {
		s := f.open(t)
		for round := range 3 {
			now := at(10 * round)
			equal(t, "taken", s.takeAtOnce(50, now), 2)
		}
	})
}

// takeAtOnce tries to take as many calls at once, and returns how many were allowed.
func (s *store) takeAtOnce(callers int, now time.Time) (allowed int) {
	var mu sync.Mutex
	together(callers, func(int) {
		when, err := s.TakeCall(background, now, 10*time.Second, limit(now, 2, 10*time.Second))
		if err != nil {
			s.t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if when.Equal(now) {
			allowed++
		}
	})
	return allowed
}

// together runs do in goroutines that start at the same time, and waits for them.
func together(goroutines int, do func(i int)) {
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
