package queue

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"enjobridge/enjo"
)

// published are Enjo's limits, and margin is the default for the network's jitter.
var published = []enjo.Limit{{Calls: 10, Per: 5 * time.Second}, {Calls: 20, Per: time.Minute}}

const margin = 500 * time.Millisecond

// MustTake takes a call.
func mustTake(t *testing.T, l *Limiter) *Call {
	t.Helper()
	taken, err := l.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// Ensure that 10,000 calls over a bad network, from a slow disk, are never refused, and
// take little longer than the limits require.
func TestLimiter_UsesTheLimitsAndBreaksNone(t *testing.T) {
	const calls = 10_000
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(1)
		l := NewLimiter(published, margin, nil)
		began := time.Now()
		for range calls {
			net.call(mustTake(t, l))
		}
		net.under.Wait()
		took, least := net.left[calls-1].Sub(began), leastTime(published, calls)
		utilisation := 100 * least.Seconds() / took.Seconds()
		refused := net.refusals(published)
		t.Logf("%d calls: utilisation %.2f %% (%v, at least %v), %d refusals", calls, utilisation, took.Round(time.Second), least, refused)
		if utilisation < 98 || refused > 0 {
			t.Error("want at least 98 %, and no refusal")
		}
		if kept := len(l.calls); kept > 100 {
			t.Errorf("the limiter remembers %d calls", kept)
		}
	})
}

// Ensure that the test's server refuses calls: with no margin the network's jitter
// breaks the limits.
func TestLimiter_WithoutAMargin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(1)
		l := NewLimiter(published, 0, nil)
		for range 200 {
			net.call(mustTake(t, l))
		}
		net.under.Wait()
		if net.refusals(published) == 0 {
			t.Error("no call is refused")
		}
	})
}

func TestLimiter_IdleMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(published, margin, nil)
		for range 2 {
			began := time.Now()
			for i := range 21 {
				want := []time.Duration{0, 5500 * time.Millisecond, 60500 * time.Millisecond}[i/10]
				mustTake(t, l).Left()
				if took := time.Since(began); took != want {
					t.Errorf("call %d comes after %v, want %v", i, took, want)
				}
			}
			time.Sleep(time.Minute + margin)
		}
	})
}

// Ensure that a process that restarts repeatedly continues where the previous one was
// cut off.
func TestLimiter_Restarts(t *testing.T) {
	const calls = 500
	synctest.Test(t, func(t *testing.T) {
		net := newNetwork(2)
		began := time.Now()
		var recorded []time.Time
		for len(recorded) < calls {
			l := NewLimiter(published, margin, recorded)
			for range min(1+net.random.IntN(25), calls-len(recorded)) {
				taken := mustTake(t, l)
				recorded = append(recorded, time.Now())
				net.call(taken)
			}
		}
		net.under.Wait()
		if refused := net.refusals(published); refused > 0 {
			t.Errorf("%d calls are refused", refused)
		}
		// Each start waits a while for calls that the previous process may have sent
		// late.
		if took, least := time.Since(began), leastTime(published, calls); took.Seconds()*0.8 > least.Seconds() {
			t.Errorf("it took %v, at least %v", took, least)
		}
	})
}

// Ensure that a call of an earlier process counts from the latest time when it can have
// left: 12 s after its record, or when the process had ended. A call that was recorded
// before the clock was set back counts as made at the start.
func TestLimiter_EarlierCalls(t *testing.T) {
	for name, tt := range map[string]struct{ recorded, want time.Duration }{
		"recorded just now":        {0, 10 * time.Second},
		"recorded a second ago":    {-time.Second, 10 * time.Second},
		"recorded 12 s ago":        {-12 * time.Second, 10 * time.Second},
		"recorded 15 s ago":        {-15 * time.Second, 7 * time.Second},
		"recorded long ago":        {-22 * time.Second, 0},
		"recorded in the future":   {time.Hour, 10 * time.Second},
		"recorded in another year": {-1e5 * time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				limits := []enjo.Limit{{Calls: 1, Per: 10 * time.Second}}
				mustTake(t, NewLimiter(limits, 0, []time.Time{began.Add(tt.recorded)}))
				if took := time.Since(began); took != tt.want {
					t.Errorf("the next call comes after %v, want %v", took, tt.want)
				}
			})
		})
	}
}

// Ensure that a returned call does not count, that the next caller in the queue gets it,
// and that a call that has left cannot be returned.
func TestLimiter_GiveBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter([]enjo.Limit{{Calls: 1, Per: time.Minute}}, 0, nil)
		began := time.Now()
		first := mustTake(t, l)
		time.AfterFunc(time.Second, func() { first.GiveBack(); first.GiveBack() })
		second := mustTake(t, l)
		if took := time.Since(began); took != time.Second {
			t.Errorf("the returned call comes after %v, want 1s", took)
		}
		second.Left()
		second.GiveBack()
		mustTake(t, l)
		if took := time.Since(began); took != time.Second+time.Minute {
			t.Errorf("the next call comes after %v, want 61s", took)
		}
	})
}

// Ensure that a call that leaves again, over another connection, counts from then on.
func TestCall_LeavesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter([]enjo.Limit{{Calls: 1, Per: time.Minute}}, 0, nil)
		began := time.Now()
		first := mustTake(t, l)
		first.Left()
		time.Sleep(10 * time.Second)
		first.Left()
		mustTake(t, l)
		if took := time.Since(began); took != time.Minute+10*time.Second {
			t.Errorf("the next call comes after %v, want 70s", took)
		}
	})
}

// Ensure that a limiter remembers no call longer than it matters, and that it gets the
// calls of earlier processes that matter.
func TestCallsMatterFor(t *testing.T) {
	if got, want := CallsMatterFor(published, margin), 2*time.Minute+12*time.Second; got != want {
		t.Errorf("calls matter for %v, want %v", got, want)
	}
	if got := CallsMatterFor([]enjo.Limit{{Calls: 1, Per: math.MaxInt64}}, 0); got < 100*365*24*time.Hour {
		t.Errorf("calls of an infinite period matter for %v", got)
	}
}

// Ensure that a refusal pauses all calls for its Retry-After. Without one, the pause
// starts at the shortest limit's period, and grows up to the longest.
func TestLimiter_Refused(t *testing.T) {
	for name, tt := range map[string]struct{ refusals, want []time.Duration }{
		"with a time": {
			[]time.Duration{7 * time.Second, 90 * time.Second, time.Second},
			[]time.Duration{7 * time.Second, 90 * time.Second, time.Second},
		},
		"without a time": {
			make([]time.Duration, 6),
			[]time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute, time.Minute},
		},
		"with a time in between": {
			[]time.Duration{0, 2 * time.Second, 0},
			[]time.Duration{5 * time.Second, 2 * time.Second, 10 * time.Second},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := NewLimiter(published, 0, nil)
				for i, retryAfter := range tt.refusals {
					mustTake(t, l).Left()
					refused := time.Now()
					l.Refused(refused, retryAfter)
					l.margin = 0 // which is tested below
					if first := l.Ahead(refused, 1)[0].Sub(refused); first != tt.want[i] {
						t.Errorf("after refusal %d the next call is scheduled for %v, want %v", i, first, tt.want[i])
					}
					mustTake(t, l).Left()
					if waited := time.Since(refused); waited != tt.want[i] {
						t.Errorf("after refusal %d the next call comes after %v, want %v", i, waited, tt.want[i])
					}
				}
			})
		})
	}
}

// Ensure that concurrent calls count as one refusal, and that none of them shortens the
// pause.
func TestLimiter_RefusedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(published, 0, nil)
		refused := time.Now()
		for range 10 {
			mustTake(t, l).Left()
		}
		for range 5 {
			l.Refused(time.Now(), 0)
			l.Refused(time.Now(), time.Millisecond)
			time.Sleep(time.Second / 2)
		}
		l.margin = 0
		if first := l.Ahead(time.Now(), 1)[0].Sub(refused); first != 5*time.Second {
			t.Errorf("the next call is scheduled for %v, want 5s", first)
		}
	})
}

// Ensure that the pauses restart at the shortest after a calm period.
func TestLimiter_CalmShortensThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(published, margin, nil)
		pause := func(want time.Duration) {
			t.Helper()
			l.Refused(time.Now(), 0)
			if got := time.Until(l.paused); got != want {
				t.Errorf("the pause is %v, want %v", got, want)
			}
			time.Sleep(want)
		}
		pause(5 * time.Second)
		pause(10 * time.Second)
		time.Sleep(calmFor*time.Minute - 10*time.Second)
		pause(20 * time.Second)
		time.Sleep(calmFor * time.Minute)
		pause(5 * time.Second)
	})
}

// Ensure that the limiter soon respects a server that is stricter than documented, or
// farther away: refusals widen the margin until they stop.
func TestLimiter_MarginAdapts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(published, margin, nil)
		wide := func(want time.Duration) {
			t.Helper()
			if got := l.budget(time.Now()).Keep() - time.Minute; got != want {
				t.Errorf("the margin is %v, want %v", got, want)
			}
		}
		wide(margin)
		for range 20 {
			l.Refused(time.Now(), time.Second)
		}
		wide(time.Minute)
		calm := func(want time.Duration) {
			t.Helper()
			time.Sleep(calmFor * time.Minute)
			wide(l.margin)
			time.Sleep(time.Nanosecond)
			wide(want)
		}
		calm(30 * time.Second)
		calm(15 * time.Second)
		l.Refused(time.Now(), time.Second)
		wide(30 * time.Second)
		for want := 15 * time.Second; want > margin; want /= 2 {
			calm(want)
		}
		calm(margin)
		calm(margin)
	})
}

// Ensure that a margin of zero widens as well.
func TestLimiter_NoMarginAdapts(t *testing.T) {
	l := NewLimiter(published, 0, nil)
	l.Refused(noon, time.Second)
	l.Refused(noon, time.Second)
	if l.margin != 2*time.Millisecond {
		t.Errorf("the margin is %v", l.margin)
	}
}

// Ensure that a server with a stricter limit than the published one refuses a few calls
// at first and hardly any later.
func TestLimiter_LearnsFromRefusals(t *testing.T) {
	strict := []enjo.Limit{{Calls: 20, Per: 70 * time.Second}}
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(published, margin, nil)
		var accepted []time.Time
		budget := enjo.NewBudget(strict, 0)
		refused := 0
		for range 1000 {
			mustTake(t, l).Left()
			if now := time.Now(); budget.Next(now, accepted).After(now) {
				l.Refused(now, 0)
				refused++
			} else {
				accepted = append(accepted, now)
			}
		}
		t.Logf("%d of 1000 calls are refused", refused)
		if refused > 20 {
			t.Error("want at most one in 50")
		}
	})
}

// Ensure that calls come at the announced times, if nobody else asks.
func TestLimiter_CallsComeWhenAnnounced(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, seed))
			l := NewLimiter(published, margin, nil)
			for range random.IntN(40) {
				mustTake(t, l).Left()
				time.Sleep(time.Duration(random.Int64N(int64(6 * time.Second))))
			}
			if random.IntN(3) == 0 {
				l.Refused(time.Now(), time.Duration(random.Int64N(int64(time.Minute))))
			}
			for i, announced := range l.Ahead(time.Now(), 50) {
				mustTake(t, l).Left()
				if late := time.Since(announced); late != 0 {
					t.Fatalf("seed %d: call %d comes %v after the announced time", seed, i, late)
				}
			}
		})
	}
}

// Ensure these laws of the scheduled times after any calls: they ascend, keep every
// limit and the pause, and none could be earlier.
func TestLimiter_AheadLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := NewLimiter(published, margin, nil)
		for range rapid.IntRange(0, 40).Draw(t, "calls") {
			l.calls = append(l.calls, &Call{of: l, left: noon.Add(-time.Duration(rapid.Int64Range(0, int64(2*time.Minute)).Draw(t, "ago")))})
		}
		l.paused = noon.Add(time.Duration(rapid.Int64Range(-1, int64(time.Minute)).Draw(t, "closed for")))
		made := l.times(noon)

		earliest := latest(noon, l.paused)
		for i, at := range l.Ahead(noon, rapid.IntRange(0, 60).Draw(t, "n")) {
			if at.Before(earliest) || !allowed(at, made) {
				t.Fatalf("call %d is scheduled for %v", i, at.Sub(noon))
			}
			if at.After(earliest) && allowed(at.Add(-1), made) {
				t.Fatalf("call %d is scheduled for %v, and could come earlier", i, at.Sub(noon))
			}
			made, earliest = append(made, at), at
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

// Ensure that a caller who waits for a call can give up, and uses none.
func TestLimiter_WaitCanBeGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter([]enjo.Limit{{Calls: 1, Per: time.Minute}}, 0, nil)
		mustTake(t, l).Left()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Take(ctx); err == nil {
			t.Error("a second call came within a second")
		}
		l.Refused(time.Now(), 2*time.Minute)
		if _, err := l.Take(ctx); err == nil {
			t.Error("a call came during the pause")
		}
	})
}

// Ensure that a call that has not left yet counts as leaving now.
func TestLimiter_CallThatIsStillToLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter([]enjo.Limit{{Calls: 1, Per: time.Minute}}, 0, nil)
		first := mustTake(t, l)
		time.AfterFunc(90*time.Second, first.Left)
		began := time.Now()
		mustTake(t, l)
		if waited := time.Since(began); waited != 150*time.Second {
			t.Errorf("the second call comes after %v", waited)
		}
		if wait := time.Until(l.Ahead(time.Now(), 1)[0]); wait != time.Minute {
			t.Errorf("the third call comes in %v", wait)
		}
	})
}

// BenchmarkLimiter_Ahead measures how long it takes to compute when the last of so many
// questions can be asked.
func BenchmarkLimiter_Ahead(b *testing.B) {
	for _, n := range []int{500, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l := NewLimiter(published, margin, slices.Repeat([]time.Time{time.Now()}, 20))
			for b.Loop() {
				l.Ahead(time.Now(), n)
			}
		})
	}
}
