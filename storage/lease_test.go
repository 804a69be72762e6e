package storage_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// leaseMachine takes steps in the model of the lease, in any order.
type leaseMachine struct{ *leaseWorld }

func newLeaseMachine(t *rapid.T, faults leaseFaults) leaseMachine {
	w := &leaseWorld{faults: faults, ended: make(map[int]bool)}
	for range 2 {
		w.replicas = append(w.replicas, &leaseReplica{
			rate:     rapid.SampledFrom([]float64{1, 0.95, 1.05}).Draw(t, "rate"),
			offset:   rapid.SampledFrom([]time.Duration{0, -time.Hour, time.Hour}).Draw(t, "offset"),
			suspends: rapid.Bool().Draw(t, "suspends"),
		})
	}
	return leaseMachine{w}
}

// some takes a step with a replica for which it is possible, if there is one.
func (m leaseMachine) some(t *rapid.T, possible func(*leaseReplica) bool, step func(*leaseReplica)) {
	var all []*leaseReplica
	for _, r := range m.replicas {
		if possible(r) {
			all = append(all, r)
		}
	}
	if len(all) > 0 {
		step(all[rapid.IntRange(0, len(all)-1).Draw(t, "replica")])
	}
}

// Tick lets some time pass.
func (m leaseMachine) Tick(t *rapid.T) {
	m.advance(rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, writesAborted, leaseLength}).Draw(t, "time"))
}

// TickToDeadline lets time pass until just before a replica stops.
func (m leaseMachine) TickToDeadline(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return r.holds }, func(r *leaseReplica) {
		if left := time.Duration(float64(r.deadline.monotonic-m.clock(r).monotonic)/r.rate) - time.Millisecond; left > 0 {
			m.advance(left)
		}
	})
}

// SetBack sets the time of day of a replica back.
func (m leaseMachine) SetBack(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return !r.suspends }, func(r *leaseReplica) { r.offset -= time.Minute })
}

// Ask makes a replica acquire or renew the lease.
func (m leaseMachine) Ask(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return !r.frozen && r.call == nil }, m.ask)
}

// GiveUp makes a replica wait for a response no longer; the call can still be handled.
func (m leaseMachine) GiveUp(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return !r.frozen && r.call != nil }, func(r *leaseReplica) { r.call = nil })
}

// Handle makes the database handle one of the calls that have been sent.
func (m leaseMachine) Handle(t *rapid.T) {
	if len(m.calls) == 0 {
		return
	}
	n := rapid.IntRange(0, len(m.calls)-1).Draw(t, "call")
	if m.handle(m.calls[n]) {
		m.calls = slices.Delete(m.calls, n, n+1)
	}
}

// Respond gives a replica the response to its call.
func (m leaseMachine) Respond(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return !r.frozen && r.call != nil && r.call.handled }, m.respond)
}

// BeginWrite makes a replica begin a write, also if it knows that its lease has ended.
func (m leaseMachine) BeginWrite(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return !r.frozen && r.term > 0 && r.write == nil }, m.beginWrite)
}

// Commit makes a replica commit its write.
func (m leaseMachine) Commit(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return !r.frozen && r.write != nil }, m.commit)
}

// BeginRequest makes a replica begin a request.
func (m leaseMachine) BeginRequest(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return !r.frozen && r.holds && len(r.requests) < 3 }, m.beginRequest)
}

// Arrive makes a request arrive, or fail.
func (m leaseMachine) Arrive(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return !r.frozen && len(r.requests) > 0 }, func(r *leaseReplica) {
		m.arrive(r, rapid.IntRange(0, len(r.requests)-1).Draw(t, "request"), rapid.Bool().Draw(t, "fails"))
	})
}

// Freeze freezes a replica.
func (m leaseMachine) Freeze(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return !r.frozen }, func(r *leaseReplica) {
		r.frozen = true
		for _, request := range r.requests {
			request.wasFrozen = true
		}
	})
}

// Resume lets a frozen replica go on.
func (m leaseMachine) Resume(t *rapid.T) {
	m.some(t, func(r *leaseReplica) bool { return r.frozen }, func(r *leaseReplica) {
		r.frozen = false
		m.lose(r)
	})
}

// Check is called after each step.
func (m leaseMachine) Check(*rapid.T) { m.check() }

// Ensure that under the rules of the lease, whatever happens in whatever order: a write is
// accepted only of the latest holder; a request is begun only by the holder; one arrives late
// only if it was in flight when its replica froze, and once; an ended lease does not go on;
// and no frozen replica keeps the lease from being taken.
func TestLease(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newLeaseMachine(t, leaseFaults{})
		actions := rapid.StateMachineActions(m)
		check := actions[""]
		actions[""] = func(t *rapid.T) {
			check(t)
			if m.violation != "" {
				t.Fatal(m.violation)
			}
		}
		t.Repeat(actions)
	})
}

// leaseAttempts is how many random runs are enough to notice each broken rule.
const leaseAttempts = 10_000

// Ensure that nothing is noticed in so many runs unless a rule is broken.
func TestLease_KeptRules(t *testing.T) {
	for seed := range leaseAttempts {
		if violation := leaseViolation(leaseFaults{}, seed); violation != "" {
			t.Fatalf("attempt %d: %s", seed, violation)
		}
	}
}

// Ensure that the model notices when a rule of the lease is broken.
func TestLease_BrokenRules(t *testing.T) {
	for name, faults := range map[string]leaseFaults{
		"a write is not fenced":                             {writesUnfenced: true},
		"the lease is taken during a write":                 {writesUnlocked: true},
		"a frozen transaction stays open":                   {writesNotAborted: true},
		"the token stays":                                   {tokenKept: true},
		"an ended lease is renewed":                         {renewedAfterEnd: true},
		"the holder has no margin":                          {noMargin: true},
		"the holder counts from the response":               {fromResponse: true},
		"the holder trusts its monotonic clock":             {onlyMonotonic: true},
		"the holder trusts its time of day":                 {onlyTimeOfDay: true},
		"a request is repeated without a look at the lease": {unguardedRetry: true},
		"a request has no deadline":                         {noDeadline: true},
	} {
		t.Run(name, func(t *testing.T) {
			seed := 0
			for ; leaseViolation(faults, seed) == ""; seed++ {
				if seed == leaseAttempts {
					t.Fatal("the model does not notice")
				}
			}
			t.Logf("attempt %d: %s", seed, leaseViolation(faults, seed))
		})
	}
}

// leaseViolation returns which promise is broken in the random steps with a seed; empty for
// none.
func leaseViolation(faults leaseFaults, seed int) string {
	return rapid.Custom(func(t *rapid.T) string {
		m := newLeaseMachine(t, faults)
		t.Repeat(rapid.StateMachineActions(m))
		return m.violation
	}).Example(seed)
}
