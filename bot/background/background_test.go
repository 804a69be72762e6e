package background

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
)

// limits of a small pool.
var limits = Limits{Running: 3, RunningEach: 2, Waiting: 10, WaitingEach: 4, Timeout: time.Minute}

// record is what ran, in the order of the ends.
type record struct {
	mu    sync.Mutex
	ended []string
}

// slow returns a task that takes a second.
func (r *record) slow(what string) func(context.Context) {
	return func(context.Context) {
		time.Sleep(time.Second) // in the bubble's time
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ended = append(r.ended, what)
	}
}

// Ensure that people take turns, and that one person's tasks do not use the whole pool.
func TestPool_RoundRobin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(t.Context(), Limits{Running: 2, RunningEach: 1, Waiting: 10, WaitingEach: 4, Timeout: time.Minute}, supervise.New(telemetry.NewRegistry(), zerolog.Nop()), zerolog.Nop())
		var r record
		for _, what := range []string{"a1", "a2", "a3", "b1", "c1", "c2"} {
			if !p.Start(what[:1], what, r.slow(what)) {
				t.Errorf("%s is not taken", what)
			}
			time.Sleep(time.Millisecond)
		}
		begin := time.Now()
		p.Wait()
		if diff := cmp.Diff([]string{"a1", "b1", "a2", "c1", "a3", "c2"}, r.ended); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(begin); took > 4*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// Ensure that tasks beyond the limits are not taken, and that a person's limits are not
// those of others.
func TestPool_Limits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(t.Context(), limits, supervise.New(telemetry.NewRegistry(), zerolog.Nop()), zerolog.Nop())
		var r record
		taken := func(who string, n int) (taken int) {
			for range n {
				if p.Start(who, who, r.slow(who)) {
					taken++
				}
			}
			return taken
		}
		got := []int{taken("a", 100), taken("b", 100), taken("c", 100)}
		if diff := cmp.Diff([]int{6, 5, 2}, got); diff != "" { // 3 run, and 10 wait
			t.Error(diff)
		}
		p.Close()
		if len(r.ended) != 13 || p.Start("d", "d", r.slow("d")) {
			t.Errorf("%d tasks ran, want those that were taken before the end", len(r.ended))
		}
	})
}

// Ensure that a person's tasks keep to a pace, and that others have their own.
func TestPool_Pace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		paced := limits
		paced.Burst, paced.Every = 2, 10*time.Second
		p := New(t.Context(), paced, supervise.New(telemetry.NewRegistry(), zerolog.Nop()), zerolog.Nop())
		nothing := func(context.Context) {}
		start := func(who string) bool { defer p.Wait(); return p.Start(who, "task", nothing) }
		got := []bool{start("a"), start("a"), start("a"), start("b")}
		time.Sleep(10 * time.Second)
		got = append(got, start("a"), start("a"))
		if diff := cmp.Diff([]bool{true, true, false, true, true, false}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Ensure that people who do nothing any more are forgotten.
func TestPool_ForgetsPeople(t *testing.T) {
	p := New(t.Context(), limits, supervise.New(telemetry.NewRegistry(), zerolog.Nop()), zerolog.Nop())
	for n := range 3 * maxPeople {
		p.Start(time.Duration(n).String(), "task", func(context.Context) {})
		p.Wait()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.people) > maxPeople {
		t.Errorf("%d people are remembered", len(p.people))
	}
}

// Ensure that a task that panics is logged, and harms no other.
func TestPool_Panic(t *testing.T) {
	var log strings.Builder
	p := New(t.Context(), limits, supervise.New(telemetry.NewRegistry(), zerolog.Nop()), zerolog.New(&log))
	ran := false
	for _, do := range []func(context.Context){func(context.Context) { panic("it does") }, func(context.Context) { ran = true }} {
		p.Start("a", "task", do)
		p.Wait()
	}
	if !ran || !strings.Contains(log.String(), "it does") {
		t.Errorf("the next task ran: %v; the log is %s", ran, log.String())
	}
}
