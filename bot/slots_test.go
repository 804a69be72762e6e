package bot

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// published are Enjo's limits, and margin is the default for the network's jitter.
var published = []enjo.Limit{{Calls: 10, Per: 5 * time.Second}, {Calls: 20, Per: time.Minute}}

const margin = 500 * time.Millisecond

// mustTake takes a slot.
func mustTake(t *testing.T, s *slots) *slot {
	t.Helper()
	taken, err := s.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// Ensure that 10,000 calls over a bad network, from a slow disk, are never
// refused, and take little longer than the limits ask for.
func TestSlotsUseTheLimitsAndBreakNone(t *testing.T) {
	const calls = 10_000
	simulate(t, func(t *testing.T, store storage.Store) {
		net := newNetwork(1)
		s := newSlots(disk{store, net.random}, published, margin)
		began := time.Now()
		for range calls {
			net.call(mustTake(t, s))
		}
		net.under.Wait()
		took, least := net.left[calls-1].Sub(began), leastTime(published, calls)
		utilisation := 100 * least.Seconds() / took.Seconds()
		refused := net.refusals(published)
		t.Logf("%d calls: utilisation %.2f %% (%v, at least %v), %d refusals", calls, utilisation, took.Round(time.Second), least, refused)
		if utilisation < 98 || refused > 0 {
			t.Error("want at least 98 %, and no refusal")
		}
		if kept := len(s.calls); kept > 100 {
			t.Errorf("%d calls are remembered", kept)
		}
	})
}

// Ensure that the test's own server refuses: with no margin the network's jitter
// breaks the limits.
func TestWithoutAMarginCallsAreRefused(t *testing.T) {
	simulate(t, func(t *testing.T, store storage.Store) {
		net := newNetwork(1)
		s := newSlots(store, published, 0)
		for range 200 {
			net.call(mustTake(t, s))
		}
		net.under.Wait()
		if net.refusals(published) == 0 {
			t.Error("no call is refused")
		}
	})
}

func TestSlotsOfAnIdleMinuteGoAtOnce(t *testing.T) {
	simulate(t, func(t *testing.T, store storage.Store) {
		s := newSlots(store, published, margin)
		for range 2 {
			began := time.Now()
			for i := range 21 {
				want := []time.Duration{0, 5500 * time.Millisecond, 60500 * time.Millisecond}[i/10]
				mustTake(t, s).leaves()
				if took := time.Since(began); took != want {
					t.Errorf("slot %d comes after %v, want %v", i, took, want)
				}
			}
			time.Sleep(time.Minute + margin)
		}
	})
}

// Ensure that a process which starts again and again goes on where the earlier
// one was cut off.
func TestSlotsOutliveARestart(t *testing.T) {
	const calls = 500
	path := memoryFile(t)
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(2)
		began := time.Now()
		for made := 0; made < calls; {
			store := openStore(t, path)
			s := newSlots(disk{store, net.random}, published, margin)
			for range min(1+net.random.IntN(25), calls-made) {
				net.call(mustTake(t, s))
				made++
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
		}
		net.under.Wait()
		if refused := net.refusals(published); refused > 0 {
			t.Errorf("%d calls are refused", refused)
		}
		// Each start waits a lag for what the one before may have sent late.
		if took, least := time.Since(began), leastTime(published, calls); took.Seconds()*0.95 > least.Seconds() {
			t.Errorf("it took %v, at least %v", took, least)
		}
	})
}

// Ensure that a call which an earlier process may have sent just before it died
// counts from then on, however long before that it was recorded.
func TestSlotsCountWhatAnEarlierProcessSentLate(t *testing.T) {
	simulate(t, func(t *testing.T, store storage.Store) {
		limits := []enjo.Limit{{Calls: 1, Per: 10 * time.Second}}
		mustTake(t, newSlots(store, limits, 0))
		time.Sleep(time.Second) // the call leaves only now, and the process dies
		died := time.Now()
		mustTake(t, newSlots(store, limits, 0)).leaves()
		if took := time.Since(died); took < 10*time.Second {
			t.Errorf("the next call leaves after %v", took)
		}
	})
}

// Ensure that processes that share a store share the limits, and each gets slots.
func TestSlotsOfTwoProcessesShareTheLimits(t *testing.T) {
	const calls = 1000
	simulate(t, func(t *testing.T, store storage.Store) {
		nets := []*network{newNetwork(3), newNetwork(4)}
		var takers sync.WaitGroup
		stop, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, net := range nets {
			takers.Go(func() {
				s := newSlots(disk{store, net.random}, published, margin)
				for range calls {
					taken, err := s.take(stop)
					if err != nil {
						return
					}
					net.call(taken)
				}
				cancel()
			})
		}
		takers.Wait()
		both := newNetwork(5)
		for _, net := range nets {
			net.under.Wait()
			both.arrivals = append(both.arrivals, net.arrivals...)
		}
		slices.SortFunc(both.arrivals, time.Time.Compare)
		t.Logf("%d and %d calls", len(nets[0].arrivals), len(nets[1].arrivals))
		if refused := both.refusals(published); refused > 0 {
			t.Errorf("%d of %d calls are refused", refused, len(both.arrivals))
		}
		for i, net := range nets {
			if got := len(net.arrivals); got < calls/4 {
				t.Errorf("process %d gets %d calls, the other %d", i, got, calls)
			}
		}
	})
}

func TestARefusalClosesTheTap(t *testing.T) {
	for name, tt := range map[string]struct{ retryAfter, want time.Duration }{
		"for as long as it says": {7 * time.Second, 7 * time.Second},
		"for a window":           {0, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(t *testing.T, store storage.Store) {
				s := newSlots(store, published, margin)
				mustTake(t, s).leaves()
				refused := time.Now()
				s.refused(refused, tt.retryAfter)
				// One that came with an earlier end does not open it.
				s.refused(refused, time.Second)
				if first := s.ahead(refused, 1)[0].Sub(refused); first != tt.want {
					t.Errorf("the next slot is told for %v, want %v", first, tt.want)
				}
				mustTake(t, s).leaves()
				if waited := time.Since(refused); waited != tt.want {
					t.Errorf("the next slot comes after %v, want %v", waited, tt.want)
				}
			})
		})
	}
}

// Ensure that a server that is stricter than it says, or farther away, is
// obeyed before long: refusals widen the margin until there are none.
func TestRefusalsWidenTheMarginAndCalmNarrowsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(nil, published, margin)
		wide := func(want time.Duration) {
			t.Helper()
			if got := s.budget(time.Now()).Keep() - time.Minute; got != want {
				t.Errorf("the margin is %v, want %v", got, want)
			}
		}
		wide(margin)
		for range 20 {
			s.refused(time.Now(), time.Second)
		}
		wide(time.Minute)
		calm := func(want time.Duration) {
			t.Helper()
			time.Sleep(calmFor * time.Minute)
			wide(s.margin)
			time.Sleep(time.Nanosecond)
			wide(want)
		}
		calm(30 * time.Second)
		calm(15 * time.Second)
		s.refused(time.Now(), time.Second)
		wide(30 * time.Second)
		for want := 15 * time.Second; want > margin; want /= 2 {
			calm(want)
		}
		calm(margin)
		calm(margin)
	})
}

// Ensure that a margin of nothing widens as well.
func TestRefusalsWidenNoMargin(t *testing.T) {
	s := newSlots(nil, published, 0)
	s.refused(noon, time.Second)
	s.refused(noon, time.Second)
	if s.margin != 2*time.Millisecond {
		t.Errorf("the margin is %v", s.margin)
	}
}

// Ensure that a server with a stricter limit than is published refuses a few
// calls at first and hardly any later.
func TestSlotsLearnFromRefusals(t *testing.T) {
	strict := []enjo.Limit{{Calls: 20, Per: 70 * time.Second}}
	simulate(t, func(t *testing.T, store storage.Store) {
		s := newSlots(store, published, margin)
		var accepted []time.Time
		budget := enjo.NewBudget(strict, 0)
		refused := 0
		for range 1000 {
			mustTake(t, s).leaves()
			if now := time.Now(); budget.Next(now, accepted).After(now) {
				s.refused(now, 0)
				refused++
			} else {
				accepted = append(accepted, now)
			}
		}
		t.Logf("%d of 1000 calls are refused", refused)
		if refused > 20 {
			t.Error("want at most one of 50")
		}
	})
}

// Ensure that slots come when they were told, if nobody else asks.
func TestSlotsComeWhenTold(t *testing.T) {
	for seed := range uint64(20) {
		simulate(t, func(t *testing.T, store storage.Store) {
			random := rand.New(rand.NewPCG(seed, seed))
			s := newSlots(store, published, margin)
			for range random.IntN(40) {
				mustTake(t, s).leaves()
				time.Sleep(time.Duration(random.Int64N(int64(6 * time.Second))))
			}
			if random.IntN(3) == 0 {
				s.refused(time.Now(), time.Duration(random.Int64N(int64(time.Minute))))
			}
			for i, told := range s.ahead(time.Now(), 50) {
				mustTake(t, s).leaves()
				if late := time.Since(told); late != 0 {
					t.Fatalf("seed %d: slot %d comes %v after the time that was told", seed, i, late)
				}
			}
		})
	}
}

// Ensure what holds of the times ahead after any calls: they ascend, keep every
// limit and the closed tap, and none could be earlier.
func TestSlotsAheadLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSlots(nil, published, margin)
		for range rapid.IntRange(0, 40).Draw(t, "calls") {
			s.last = append(s.last, noon.Add(-time.Duration(rapid.Int64Range(0, int64(2*time.Minute)).Draw(t, "ago"))))
		}
		slices.SortFunc(s.last, time.Time.Compare)
		s.closed = noon.Add(time.Duration(rapid.Int64Range(-1, int64(time.Minute)).Draw(t, "closed for")))
		made := slices.Clone(s.last)

		earliest := latest(noon, s.closed)
		for i, at := range s.ahead(noon, rapid.IntRange(0, 60).Draw(t, "n")) {
			if at.Before(earliest) || !allowed(at, made) {
				t.Fatalf("slot %d is told for %v", i, at.Sub(noon))
			}
			if at.After(earliest) && allowed(at.Add(-1), made) {
				t.Fatalf("slot %d is told for %v, and could come earlier", i, at.Sub(noon))
			}
			made, earliest = append(made, at), at
		}
		if !slices.IsSortedFunc(s.last, time.Time.Compare) || len(s.last) > len(made) {
			t.Fatal("asking for times changed what is remembered")
		}
	})
}

// allowed reports whether a call keeps the published limits with the margin.
func allowed(at time.Time, made []time.Time) bool {
	for _, limit := range published {
		within := 0
		for _, call := range made {
			if at.Sub(call) < limit.Per+margin {
				within++
			}
		}
		if within >= limit.Calls {
			return false
		}
	}
	return true
}

// Ensure that who waits for a slot can give up, and uses none.
func TestSlotsCanBeGivenUp(t *testing.T) {
	simulate(t, func(t *testing.T, store storage.Store) {
		s := newSlots(store, []enjo.Limit{{Calls: 1, Per: time.Minute}}, 0)
		mustTake(t, s).leaves()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.take(ctx); err == nil {
			t.Error("a second slot came within a second")
		}
		s.refused(time.Now(), 2*time.Minute)
		if _, err := s.take(ctx); err == nil {
			t.Error("a slot came through the closed tap")
		}
	})
}

// Ensure that a slot whose call has not left yet counts as leaving now.
func TestACallThatIsStillToLeaveCounts(t *testing.T) {
	simulate(t, func(t *testing.T, store storage.Store) {
		s := newSlots(store, []enjo.Limit{{Calls: 1, Per: time.Minute}}, 0)
		first := mustTake(t, s)
		time.AfterFunc(90*time.Second, first.leaves)
		began := time.Now()
		mustTake(t, s)
		if waited := time.Since(began); waited != 150*time.Second {
			t.Errorf("the second slot comes after %v", waited)
		}
		if use := s.use(time.Now()); len(use) != 1 || use[0].made != 1 {
			t.Errorf("in use: %+v", use)
		}
	})
}
