package enjo

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var published = []Limit{{10, 5 * time.Second}, {20, time.Minute}}

const margin = 500 * time.Millisecond

// seconds returns times at these offsets, in seconds, from noon.
func seconds(offsets ...float64) []time.Time {
	var times []time.Time
	for _, s := range offsets {
		times = append(times, noon.Add(time.Duration(s*float64(time.Second))))
	}
	return times
}

func TestBudgetNext(t *testing.T) {
	burst := func(n int, at float64) []float64 { return slices.Repeat([]float64{at}, n) }
	tests := []struct {
		name  string
		calls []float64 // offsets from now, in seconds
		want  float64
	}{
		{"idle", nil, 0},
		{"one call less than the short limit", burst(9, 0), 0},
		{"the short limit", burst(10, 0), 5.5},
		{"the short limit, used a while ago", burst(10, -2), 3.5},
		{"the short limit is over just now", burst(10, -5.5), 0},
		{"the long limit", append(burst(10, -30), burst(10, -20)...), 30.5},
		{"the long limit is over just now", append(burst(10, -60.5), burst(10, -20)...), 0},
		{"both limits", append(burst(10, -58), burst(10, -2)...), 3.5},
		{"the oldest call leaves the window, and the next one does not", append([]float64{-50}, burst(19, -40)...), 10.5},
		{"more calls than any limit allows", burst(25, -10), 50.5},

		{"unsorted", append(burst(9, 0), -50), 0},
		{"unsorted, and the limit", append(burst(10, -1), -50), 4.5},
		{"a clock set back a little", burst(10, 2), 7.5},
		{"a clock set back by an hour", burst(20, 3600), 0},
		{"a clock set back by an hour, and calls since", append(burst(10, -1), burst(20, 3600)...), 4.5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := NewBudget(published, margin).Next(noon, seconds(tt.calls...))
			if want := seconds(tt.want)[0]; !got.Equal(want) {
				t.Errorf("got %v after now, want %v", got.Sub(noon), want.Sub(noon))
			}
		})
	}
}

func TestBudgetOfAnIdleMinute(t *testing.T) {
	b := NewBudget(published, margin)
	var calls []time.Time
	for range 20 {
		calls = append(calls, b.Next(noon, calls))
	}
	want := append(slices.Repeat([]float64{0}, 10), slices.Repeat([]float64{5.5}, 10)...)
	if !slices.EqualFunc(calls, seconds(want...), time.Time.Equal) {
		t.Errorf("got %v", calls)
	}
	if next := b.Next(noon, calls); next.Sub(noon) != 60500*time.Millisecond {
		t.Errorf("the next one is %v later", next.Sub(noon))
	}
}

// Ensure that a schedule is what one call after the other gets, whatever was called
// before, also after the clock was set back.
func TestBudgetScheduleIsNextAgainAndAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBudget(published, margin)
		var calls []time.Time
		for _, ms := range rapid.SliceOfN(rapid.Int64Range(-90_000, 90_000), 0, 40).Draw(t, "calls") {
			calls = append(calls, noon.Add(time.Duration(ms)*time.Millisecond))
		}
		before := slices.Clone(calls)
		made, at := slices.Clone(calls), noon
		for i, got := range b.Schedule(noon, calls, 60) {
			at = b.Next(at, made)
			made = append(made, at)
			if !got.Equal(at) {
				t.Fatalf("call %d is scheduled %v after now, want %v", i, got.Sub(noon), at.Sub(noon))
			}
		}
		if !slices.Equal(calls, before) {
			t.Fatal("the earlier calls were changed")
		}
	})
}

func TestBudgetKeep(t *testing.T) {
	if got, want := NewBudget(published, margin).Keep(), 60500*time.Millisecond; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := NewBudget([]Limit{{1, math.MaxInt64}}, margin).Keep(); got != math.MaxInt64 {
		t.Errorf("of an endless limit: got %v", got)
	}
}

func TestZeroBudgetAllowsAll(t *testing.T) {
	var b Budget
	if got := b.Next(noon, seconds(0, 0, 0)); !got.Equal(noon) || b.Keep() != 0 {
		t.Errorf("got %v, %v", got, b.Keep())
	}
}

func TestBudgetOfNonsense(t *testing.T) {
	tests := []struct {
		limit  Limit
		margin time.Duration
	}{
		{Limit{0, time.Minute}, 0},
		{Limit{-1, time.Minute}, 0},
		{Limit{1, 0}, 0},
		{Limit{1, -time.Minute}, time.Hour},
		{Limit{1, time.Minute}, -1},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.limit, tt.margin), func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			NewBudget([]Limit{tt.limit}, tt.margin)
		})
	}
}

// window is one limit as a server might enforce it.
type window struct {
	Limit
	phase   time.Duration // of fixed windows; negative for a sliding window
	entered []time.Time   // accepted calls; with fixed windows, those of the current one
}

// accept reports whether a call that arrives at this time is within the limit.
// Calls arrive in order.
func (w *window) accept(at time.Time) bool {
	start := at.Add(-w.Per + 1)
	if w.phase >= 0 {
		start = at.Add(-w.phase).Truncate(w.Per).Add(w.phase)
	}
	w.entered = slices.DeleteFunc(w.entered, func(c time.Time) bool { return c.Before(start) })
	w.entered = append(w.entered, at)
	return len(w.entered) <= w.Calls
}

func drawLimits(t *rapid.T) []Limit {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Limit {
		return Limit{
			Calls: rapid.IntRange(1, 12).Draw(t, "calls"),
			Per:   time.Duration(rapid.IntRange(1, 20_000).Draw(t, "ms")) * time.Millisecond,
		}
	}), 1, 3).Draw(t, "limits")
}

// Ensure that no server refuses a call, with sliding windows or fixed ones of
// any phase, if calls arrive at most the margin after they were sent.
func TestNoCallIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := drawLimits(t)
		m := time.Duration(rapid.IntRange(0, 3000).Draw(t, "margin ms")) * time.Millisecond
		b := NewBudget(limits, m)

		// Send calls, some after a pause, and delete those that no longer matter.
		var arrivals, calls []time.Time
		now := noon
		for i := range rapid.IntRange(1, 150).Draw(t, "n") {
			if rapid.IntRange(0, 9).Draw(t, "pauses") == 0 {
				now = now.Add(time.Duration(rapid.IntRange(0, 30_000).Draw(t, "pause ms")) * time.Millisecond)
			}
			now = b.Next(now, calls)
			calls = slices.DeleteFunc(calls, func(c time.Time) bool { return now.Sub(c) > b.Keep() })
			calls = append(calls, now)
			delay := time.Duration(rapid.Int64Range(0, int64(m)).Draw(t, fmt.Sprint("delay ", i)))
			arrivals = append(arrivals, now.Add(delay))
		}

		// Calls may overtake each other on their way.
		slices.SortFunc(arrivals, time.Time.Compare)
		var windows []*window
		for _, l := range limits {
			phase := time.Duration(rapid.Int64Range(0, int64(l.Per)-1).Draw(t, "phase"))
			windows = append(windows, &window{Limit: l, phase: -1}, &window{Limit: l, phase: phase})
		}
		for i, at := range arrivals {
			for _, w := range windows {
				if !w.accept(at) {
					t.Fatalf("call %d is refused by %v (phase %v)", i, w.Limit, w.phase)
				}
			}
		}
	})
}

// Ensure that the budget does not wait longer than the limits require: under
// steady load, at least 98 of 100 allowed calls are made, with a margin of at
// most 1 %.
func TestBudgetIsUsed(t *testing.T) {
	check := func(t rapid.TB, limits []Limit, m time.Duration) {
		b := NewBudget(limits, m)
		span := 300 * b.Keep()
		allowed := math.Inf(1)
		for _, l := range limits {
			allowed = min(allowed, float64(l.Calls)*float64(span)/float64(l.Per))
		}

		made := 0
		var calls []time.Time
		for now := b.Next(noon, nil); now.Sub(noon) < span; now = b.Next(now, calls) {
			calls = slices.DeleteFunc(calls, func(c time.Time) bool { return now.Sub(c) > b.Keep() })
			calls = append(calls, now)
			made++
		}
		if float64(made) < 0.98*allowed {
			t.Errorf("made %d calls of %.1f in %v", made, allowed, span)
		}
	}
	check(t, published, margin)
	rapid.Check(t, func(t *rapid.T) {
		limits := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Limit {
			return Limit{
				Calls: rapid.IntRange(1, 8).Draw(t, "calls"),
				Per:   time.Duration(rapid.IntRange(1000, 5000).Draw(t, "ms")) * time.Millisecond,
			}
		}), 1, 3).Draw(t, "limits")
		check(t, limits, 10*time.Millisecond)
	})
}

// Ensure that the laws of a budget hold for any record of calls, in any order
// and with any clock.
func TestBudgetLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBudget(drawLimits(t), margin)
		calls := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Time {
			return noon.Add(time.Duration(rapid.Int64Range(-60_000, 60_000).Draw(t, "ms")) * time.Millisecond)
		}), 0, 40).Draw(t, "calls")
		given := slices.Clone(calls)

		next := b.Next(noon, calls)

		if next.Before(noon) || next.Sub(noon) > 2*b.Keep() {
			t.Errorf("it is %v from now", next.Sub(noon))
		}
		if !slices.Equal(calls, given) {
			t.Error("the record was changed")
		}
		sorted := slices.SortedFunc(slices.Values(calls), time.Time.Compare)
		if got := b.Next(noon, sorted); !got.Equal(next) {
			t.Errorf("sorted, it is %v later", got.Sub(next))
		}
		recent := slices.DeleteFunc(slices.Clone(calls), func(c time.Time) bool { return noon.Sub(c) > b.Keep() })
		if got := b.Next(noon, recent); !got.Equal(next) {
			t.Errorf("without the calls that do not matter, it is %v later", got.Sub(next))
		}
		if got := b.Next(noon, append(calls, noon)); got.Before(next) {
			t.Errorf("after one more call, it is %v earlier", next.Sub(got))
		}
		// A call that is too far ahead now may count at that time.
		near := slices.DeleteFunc(sorted, func(c time.Time) bool { return c.Sub(noon) > b.Keep() })
		if got := b.Next(next, near); !got.Equal(next) {
			t.Errorf("asked again then, it is %v later", got.Sub(next))
		}
	})
}
