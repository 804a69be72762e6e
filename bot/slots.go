package bot

import (
	"context"
	"slices"
	"sync"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// calmFor is how many of the longest windows pass without a refusal until the
// margin narrows again.
const calmFor = 5

// slots gives out the calls that the agent's limits allow.
//
// A slot is recorded in the store before the call is made, so that a process
// that starts after a crash counts it. The call itself leaves a little later,
// after a commit or two; what counts for this process is when it left.
//
// The margin for the network's jitter adapts: a refusal doubles it and closes
// the tap, and calm halves it again, down to what is configured.
type slots struct {
	store  storage.Store
	limits []enjo.Limit
	least  time.Duration // the margin that is configured
	window time.Duration // the longest limit's

	born time.Time // when all earlier processes had ended

	mu     sync.Mutex
	margin time.Duration
	closed time.Time   // no call before
	calm   time.Time   // since when there was no refusal, or the margin last changed
	calls  []*slot     // of this process, that may still count
	last   []time.Time // the calls that count, as of the latest slot, ascending
}

// slot is one call that may be made, now.
type slot struct {
	of    *slots
	taken time.Time
	left  time.Time // zero until the call has left
}

// lag is how long after its recording a call of an earlier process may have left:
// nobody recorded that. The wait for a slow disk lies between.
const lag = 2 * time.Second

func newSlots(store storage.Store, limits []enjo.Limit, margin time.Duration) *slots {
	s := &slots{store: store, limits: limits, least: margin, margin: margin, born: time.Now()}
	for _, limit := range limits {
		s.window = max(s.window, limit.Per)
	}
	return s
}

// take waits for a slot and takes it. It returns the cause if ctx ends before,
// and the store's error if the slot could not be recorded.
func (s *slots) take(ctx context.Context) (*slot, error) {
	for {
		now := time.Now()
		if wait := s.closedFor(now); wait > 0 {
			if err := backoff.Sleep(ctx, wait); err != nil {
				return nil, err
			}
			continue
		}
		budget := s.budget(now)
		at, err := s.store.TakeCall(ctx, now, budget.Keep()+lag, func(recorded []time.Time) time.Time {
			return budget.Next(now, s.asLeft(recorded, now))
		})
		if err != nil {
			return nil, err
		}
		if !at.After(now) {
			return s.add(at), nil
		}
		if err := backoff.Sleep(ctx, time.Until(at)); err != nil {
			return nil, err
		}
	}
}

// closedFor returns how long the tap stays closed.
func (s *slots) closedFor(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed.Sub(now)
}

// budget returns the limits with the margin of the moment.
func (s *slots) budget(now time.Time) enjo.Budget {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.margin > s.least && now.Sub(s.calm) > calmFor*s.window {
		s.margin, s.calm = max(s.least, s.margin/2), now
	}
	return enjo.NewBudget(s.limits, s.margin)
}

// refused says that the API refused a call for its rate, with the time to wait
// that it told, if any: without one, a whole window passes before the next call.
func (s *slots) refused(now time.Time, retryAfter time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if retryAfter <= 0 {
		retryAfter = s.window
	}
	if until := now.Add(retryAfter); until.After(s.closed) {
		s.closed = until
	}
	s.margin, s.calm = min(max(2*s.margin, time.Millisecond), s.window), now
}

// add remembers a slot that was recorded, and forgets those that count no more.
func (s *slots) add(recorded time.Time) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = slices.DeleteFunc(s.calls, func(old *slot) bool {
		return !old.left.IsZero() && recorded.Sub(old.left) > 2*s.window+s.margin
	})
	taken := &slot{of: s, taken: recorded}
	s.calls = append(s.calls, taken)
	s.last = append(s.last, recorded)
	return taken
}

// asLeft returns the calls by the times when they left: those of this process
// that are still to leave count as leaving now, those of earlier ones as leaving
// a [lag] after they were recorded, if there was so much time. Its own count even
// if they left so late that the store has forgotten them.
func (s *slots) asLeft(recorded []time.Time, now time.Time) []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.Clone(recorded)
	for _, own := range s.calls {
		if i, found := slices.BinarySearchFunc(left, own.taken, time.Time.Compare); found {
			left = slices.Delete(left, i, i+1)
		}
	}
	for i, at := range left {
		if at.Before(s.born) {
			left[i] = earliest(at.Add(lag), s.born)
		}
	}
	for _, own := range s.calls {
		if own.left.IsZero() {
			left = append(left, now)
		} else {
			left = append(left, own.left)
		}
	}
	slices.SortFunc(left, time.Time.Compare)
	s.last = left
	return left
}

// leaves says that the slot's call is made now, or not at all.
func (s *slot) leaves() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.left.IsZero() {
		s.left = time.Now()
	}
}

// ahead returns when each of the next n calls can be made, first one first, if
// they are made as soon as they can.
func (s *slots) ahead(now time.Time, n int) []time.Time {
	budget := s.budget(now)
	s.mu.Lock()
	calls := slices.Clone(s.last)
	at := latest(now, s.closed)
	s.mu.Unlock()

	times := make([]time.Time, n)
	for i := range times {
		at = budget.Next(at, calls)
		times[i] = at
		calls = append(calls, at)
		for at.Sub(calls[0]) > budget.Keep() {
			calls = calls[1:]
		}
	}
	return times
}

// use returns how many calls count against each limit at the moment.
func (s *slots) use(now time.Time) []limitUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	uses := make([]limitUse, len(s.limits))
	for i, limit := range s.limits {
		uses[i] = limitUse{limit: limit}
		for _, call := range s.last {
			if now.Sub(call) < limit.Per {
				uses[i].made++
			}
		}
	}
	return uses
}

// limitUse is how much of a limit is used, as far as was known at the latest call.
type limitUse struct {
	limit enjo.Limit
	made  int
}

// latest returns the later of two times.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// earliest returns the earlier of two times.
func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
