package queue

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/enjo"
)

// slowCall is a call that waits for a connection and then leaves or is given back.
type slowCall struct{ left, back time.Time } // zero until then

// slowCalls are such calls in a bubble of fake time.
type slowCalls struct {
	net *network
	mu  sync.Mutex
	all []*slowCall
}

// make makes a call whose connection takes up to [enjo.ConnectTimeout]. Many calls get it
// at the same moments, and some never do.
func (s *slowCalls) make(taken *Call) {
	const together = 7 * time.Second
	wait, travel, fails, call := time.Duration(0), s.net.upTo(slowestTravel), s.net.random.IntN(5) == 0, new(slowCall)
	switch s.net.random.IntN(4) {
	case 0:
		wait = s.net.upTo(enjo.ConnectTimeout)
	case 1:
		wait = time.Until(time.Now().Truncate(together).Add(together))
	}
	s.all = append(s.all, call)
	s.net.under.Go(func() {
		time.Sleep(wait)
		if fails {
			s.note(&call.back)
			taken.GiveBack()
			return
		}
		s.note(&call.left)
		taken.Left()
		time.Sleep(travel)
		s.net.note(&s.net.arrivals)
	})
}

func (s *slowCalls) note(at *time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*at = time.Now()
}

// madeBy returns the times of the calls that count at a time.
func (s *slowCalls) madeBy(at time.Time) (made []time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.all {
		switch {
		case !c.left.IsZero():
			made = append(made, earliest(c.left, at))
		case c.back.IsZero() || c.back.After(at):
			made = append(made, at)
		}
	}
	return made
}

// Ensure that the limits are kept although calls wait for a connection and then leave
// together, or fail, and that none of the calls comes later than that requires.
func TestLimiter_CallsThatWaitForAConnection(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			calls := &slowCalls{net: newNetwork(seed)}
			l := NewLimiter(published, margin, nil)
			before, late := time.Now(), 0
			for range 300 {
				taken := mustTake(t, l)
				now := time.Now()
				if now.After(before) && allowed(now.Add(-1), calls.madeBy(now.Add(-1))) {
					late++
				}
				before = now
				calls.make(taken)
			}
			calls.net.under.Wait()
			if refused := calls.net.refusals(published); refused > 0 || late > 0 {
				t.Errorf("seed %d: %d calls are refused, and %d could have come earlier", seed, refused, late)
			}
			if !slices.ContainsFunc(calls.all, func(c *slowCall) bool { return !c.back.IsZero() }) {
				t.Error("no call was given back")
			}
		})
	}
}
