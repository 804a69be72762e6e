package storagetest

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/storage"
)

// RunReplicated tests a store that replicas share. The function open returns connections of
// three replicas to one new empty database. RunReplicated closes them.
func RunReplicated(t *testing.T, open func(t *testing.T) []storage.Replicated) {
	tests := map[string]func(*testing.T, *replicas){
		"Decide/AcceptsOnce":            testDecideOnce,
		"Decide/LimitOfPerson":          testDecideLimit,
		"Decide/SeesItsWrites":          testDecideSees,
		"Lease/OneHolder":               testLeaseHeld,
		"Lease/Race":                    testLeaseRace,
		"Lease/Ends":                    testLeaseEnds,
		"Lease/Renew":                   testLeaseRenew,
		"Lease/Release":                 testLeaseRelease,
		"Lease/SameOwner":               testLeaseSameOwner,
		"Fenced/LateWrites":             testFencedLate,
		"Fenced/Decide":                 testFencedDecide,
		"Announcements/OfChanges":       testAnnounced,
		"Announcements/NotOfFailures":   testAnnouncedFailures,
		"Announcements/NotOfTheHolder":  testAnnouncedFenced,
		"Announcements/Others":          testAnnounce,
		"Announcements/End":             testEndAnnouncements,
		"Announcements/NoneIsLost":      testAnnouncementsAll,
		"Announcements/Listen":          testListen,
		"Announcements/ListenToRelease": testListenRelease,
		"Register/InOrder":              testRegister,
		"Register/Together":             testRegisterTogether,
		"Register/Gone":                 testRegisterGone,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := &replicas{t: t, all: open(t)}
			r.a, r.b = r.all[0], r.all[1]
			t.Cleanup(r.close)
			test(t, r)
		})
	}
}

// replicas are the connections of replicas to a database.
type replicas struct {
	t    *testing.T
	all  []storage.Replicated
	a, b storage.Replicated // the first two
}

func (r *replicas) close() {
	for _, replica := range r.all {
		if err := replica.Close(); err != nil {
			r.t.Errorf("Close: %v", err)
		}
	}
}

// must ends the test if there is an error.
func (r *replicas) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// acquire acquires the lease, which nobody may have.
func (r *replicas) acquire(replica storage.Replicated, owner string, length time.Duration) storage.Lease {
	r.t.Helper()
	lease, err := replica.AcquireLease(background, owner, length)
	r.must(err)
	return lease
}

// takeOver acquires the lease as soon as that of another owner has ended.
func (r *replicas) takeOver(replica storage.Replicated, owner string) storage.Lease {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		lease, err := replica.AcquireLease(background, owner, time.Hour)
		if !errors.Is(err, storage.ErrLeaseHeld) {
			r.must(err)
			return lease
		}
	}
	r.t.Fatal("the lease does not end")
	return storage.Lease{}
}

// holds fails the test unless everybody knows that an owner has the lease for an hour.
func (r *replicas) holds(want string) {
	r.t.Helper()
	for i, replica := range r.all {
		owner, until, err := replica.Holder(background)
		r.must(err)
		left := time.Until(until)
		if owner != want || want != "" && (left < 59*time.Minute || left > time.Hour) {
			r.t.Errorf("replica %d knows that %q has the lease for %v, want %q for an hour", i, owner, left, want)
		}
	}
}

func testLeaseHeld(t *testing.T, r *replicas) {
	r.holds("")
	r.acquire(r.a, "a", time.Hour)
	r.holds("a")
	if _, err := r.b.AcquireLease(background, "b", time.Hour); !errors.Is(err, storage.ErrLeaseHeld) {
		t.Errorf("AcquireLease of another: %v, want ErrLeaseHeld", err)
	}
	r.holds("a")
}

func testLeaseRace(t *testing.T, r *replicas) {
	var acquired atomic.Int32
	concurrently(10*len(r.all), func(i int) {
		owner := string(rune('a' + i))
		switch _, err := r.all[i%len(r.all)].AcquireLease(background, owner, time.Hour); {
		case err == nil:
			acquired.Add(1)
		case !errors.Is(err, storage.ErrLeaseHeld):
			t.Error(err)
		}
	})
	equal(t, "replicas with the lease", acquired.Load(), 1)
}

func testLeaseEnds(t *testing.T, r *replicas) {
	before := r.acquire(r.a, "a", time.Millisecond)
	after := r.takeOver(r.b, "b")
	if after.Token <= before.Token {
		t.Errorf("the token is %d, and was %d before", after.Token, before.Token)
	}
	if err := r.a.RenewLease(background, before, time.Hour); !errors.Is(err, storage.ErrLeaseLost) {
		t.Errorf("RenewLease of the lost lease: %v, want ErrLeaseLost", err)
	}
	r.must(r.a.ReleaseLease(background, before))
	r.holds("b")
}

func testLeaseRenew(t *testing.T, r *replicas) {
	lease := r.acquire(r.a, "a", time.Minute)
	r.must(r.a.RenewLease(background, lease, time.Hour))
	r.holds("a")
	r.must(r.a.RenewLease(background, lease, time.Millisecond))
	for owner := "a"; owner != ""; {
		var err error
		owner, _, err = r.b.Holder(background)
		r.must(err)
	}
	if err := r.a.RenewLease(background, lease, time.Hour); !errors.Is(err, storage.ErrLeaseLost) {
		t.Errorf("RenewLease after the end: %v, want ErrLeaseLost, although nobody else has it", err)
	}
	r.holds("")
}

func testLeaseRelease(t *testing.T, r *replicas) {
	lease := r.acquire(r.a, "a", time.Hour)
	r.must(r.a.ReleaseLease(background, lease))
	r.holds("")
	if err := r.a.RenewLease(background, lease, time.Hour); !errors.Is(err, storage.ErrLeaseLost) {
		t.Errorf("RenewLease after the release: %v, want ErrLeaseLost", err)
	}
	next := r.acquire(r.b, "b", time.Hour)
	if next.Token <= lease.Token {
		t.Errorf("the token is %d, and was %d before", next.Token, lease.Token)
	}
	r.must(r.a.ReleaseLease(background, lease))
	r.holds("b")
}

// testLeaseSameOwner checks that an owner that has forgotten its lease gets a new one.
func testLeaseSameOwner(t *testing.T, r *replicas) {
	before := r.acquire(r.a, "a", time.Hour)
	after := r.acquire(r.b, "a", time.Hour)
	if after.Token <= before.Token {
		t.Errorf("the token is %d, and was %d before", after.Token, before.Token)
	}
	if err := r.a.RenewLease(background, before, time.Hour); !errors.Is(err, storage.ErrLeaseLost) {
		t.Errorf("RenewLease of the earlier lease: %v, want ErrLeaseLost", err)
	}
	if err := r.a.Fenced(before, nil).Probe(background); !errors.Is(err, storage.ErrLeaseLost) {
		t.Errorf("write with the earlier lease: %v, want ErrLeaseLost", err)
	}
	r.must(r.b.Fenced(after, nil).Probe(background))
}

// register registers a replica, and returns the IDs of all.
func (r *replicas) register(replica storage.Replicated, id string, sockets int, within time.Duration) []storage.Replica {
	r.t.Helper()
	all, err := replica.Register(background, storage.Replica{ID: id, Sockets: sockets}, within)
	r.must(err)
	return all
}

func testRegister(t *testing.T, r *replicas) {
	r.register(r.b, "z", 2, time.Hour)
	r.register(r.a, "a", 2, time.Hour)
	r.register(r.a, "m", 1, time.Hour)
	want := []storage.Replica{{ID: "z", Sockets: 1}, {ID: "a", Sockets: 2}, {ID: "m", Sockets: 1}}
	equal(t, "replicas", r.register(r.b, "z", 1, time.Hour), want)
	r.must(r.a.Deregister(background, "a"))
	r.must(r.a.Deregister(background, "unknown"))
	equal(t, "replicas", r.register(r.a, "z", 1, time.Hour), []storage.Replica{want[0], want[2]})
}

// testRegisterTogether checks that of replicas that register at once, the last one sees all.
func testRegisterTogether(t *testing.T, r *replicas) {
	const count = 9
	var most atomic.Int32
	concurrently(count, func(i int) {
		all, err := r.all[i%len(r.all)].Register(background, storage.Replica{ID: string(rune('a' + i))}, time.Hour)
		if err != nil {
			t.Error(err)
		}
		for seen := most.Load(); int(seen) < len(all) && !most.CompareAndSwap(seen, int32(len(all))); {
			seen = most.Load()
		}
	})
	equal(t, "replicas that one sees", most.Load(), count)
}

func testRegisterGone(t *testing.T, r *replicas) {
	registered := func(all []storage.Replica) bool {
		return slices.ContainsFunc(all, func(known storage.Replica) bool { return known.ID == "a" })
	}
	r.register(r.a, "a", 2, time.Hour)
	for deadline := time.Now().Add(time.Minute); registered(r.register(r.b, "b", 2, time.Millisecond)); {
		if time.Now().After(deadline) {
			t.Fatal("a replica that is gone stays registered")
		}
	}
	if all := r.register(r.a, "a", 2, time.Hour); !registered(all) {
		t.Errorf("after it has come back, the replicas are %v", all)
	}
}
