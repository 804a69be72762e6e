package storage_test

import (
	"fmt"
	"slices"
	"time"
)

// The model of the lease has a database, replicas with clocks that are wrong, and messages
// between them that take any time. A replica can freeze at any moment, and go on later. Each
// step of the model is atomic in reality, too; what is not, has several steps.

// The times of the model, which are those of the bot and of package postgres.
const (
	leaseLength   = 10 * time.Second
	leaseMargin   = 2 * time.Second
	writesAborted = 3 * time.Second // when the database aborts a transaction that is idle
)

// leaseFaults break the rules of the lease, to show that the model notices.
type leaseFaults struct {
	writesUnfenced   bool // the database does not check the token of a write
	writesUnlocked   bool // the lease can be taken between the check and the commit of a write
	writesNotAborted bool // the transaction of a frozen replica stays open
	tokenKept        bool // the next holder gets the token of the one before
	renewedAfterEnd  bool // a lease that has ended can be renewed
	noMargin         bool // a holder trusts the rate of its clock
	fromResponse     bool // a holder counts from the response to its renewal
	onlyMonotonic    bool // a holder does not look at its time of day, which goes on in a suspended machine
	onlyTimeOfDay    bool // a holder looks at nothing but its time of day, which can be set back
	unguardedRetry   bool // a holder sends a request again without looking at the lease
	noDeadline       bool // a request goes on when the lease has ended
}

// leaseWorld is the state of the model.
type leaseWorld struct {
	faults   leaseFaults
	now      time.Duration // by the clock of the database
	replicas []*leaseReplica
	calls    []*leaseCall // that the database has not handled

	// What the database stores.
	owner *leaseReplica
	token int
	ends  time.Duration

	// What only the model knows.
	term  int          // counts the holders
	ended map[int]bool // the terms whose lease has ended
	// violation says which promise was broken; empty for none.
	violation string
}

// leaseReplica is a replica in the model.
type leaseReplica struct {
	frozen bool
	rate   float64       // how fast its clocks go
	offset time.Duration // how far its time of day is wrong
	// suspends says that its machine is suspended when it freezes: its monotonic clock then
	// stands still, and is behind afterwards. The time of day of others can be set back.
	suspends bool
	behind   time.Duration

	call     *leaseCall // whose response it waits for
	holds    bool       // it believes that it has the lease
	token    int
	deadline leaseTime   // until when
	write    *leaseWrite // an open transaction
	requests []*leaseRequest

	term int // of its token
}

// leaseCall acquires or renews the lease.
type leaseCall struct {
	by      *leaseReplica
	renews  bool
	token   int // of the lease to renew
	sent    leaseTime
	handled bool
	granted bool
	term    int
}

// leaseTime is a time by the two clocks of a replica.
type leaseTime struct{ monotonic, day time.Duration }

func (t leaseTime) add(d time.Duration) leaseTime { return leaseTime{t.monotonic + d, t.day + d} }

// leaseWrite is a transaction whose lease the database has checked.
type leaseWrite struct {
	began   time.Duration
	aborted bool
}

// leaseRequest is a request to Slack or to an agent that was begun and has not arrived.
type leaseRequest struct {
	wasFrozen bool // it was in flight when the replica froze
	late      bool // it was sent before, and arrived late
}

// clock is the time by the clocks of a replica.
func (w *leaseWorld) clock(r *leaseReplica) leaseTime {
	passed := time.Duration(float64(w.now) * r.rate)
	return leaseTime{passed - r.behind, passed + r.offset}
}

func (w *leaseWorld) violated(format string, args ...any) {
	if w.violation == "" {
		w.violation = fmt.Sprintf(format, args...)
	}
}

// isHolder reports whether a replica has the lease.
func (w *leaseWorld) isHolder(r *leaseReplica) bool { return w.owner == r && w.now < w.ends }

// advance lets time pass.
func (w *leaseWorld) advance(d time.Duration) {
	w.now += d
	for _, r := range w.replicas {
		if r.frozen && r.suspends {
			r.behind += time.Duration(float64(d) * r.rate)
		}
		if r.write != nil && w.now-r.write.began >= writesAborted && !w.faults.writesNotAborted {
			r.write.aborted = true
		}
		w.lose(r)
	}
}

// lose makes a replica stop at the end of its lease, unless it is frozen.
func (w *leaseWorld) lose(r *leaseReplica) {
	if !r.frozen && r.holds && !w.mayWork(r) {
		w.stop(r)
	}
}

// stop makes a replica stop to work.
func (w *leaseWorld) stop(r *leaseReplica) {
	r.holds = false
	// A request that was in flight during a freeze can arrive before it is cancelled.
	r.requests = slices.DeleteFunc(r.requests, func(request *leaseRequest) bool { return !request.wasFrozen && !w.faults.noDeadline })
}

// mayWork reports whether a replica may begin a request.
func (w *leaseWorld) mayWork(r *leaseReplica) bool {
	now := w.clock(r)
	return (now.monotonic < r.deadline.monotonic || w.faults.onlyTimeOfDay) && (now.day < r.deadline.day || w.faults.onlyMonotonic)
}

// ask makes a replica acquire or renew the lease.
func (w *leaseWorld) ask(r *leaseReplica) {
	r.call = &leaseCall{by: r, renews: r.holds, token: r.token, sent: w.clock(r)}
	w.calls = append(w.calls, r.call)
}

// handle makes the database handle a call. It stays in the queue as long as a write is open.
func (w *leaseWorld) handle(c *leaseCall) (handled bool) {
	switch {
	case c.renews:
		c.granted = w.owner == c.by && w.token == c.token && (w.now < w.ends || w.faults.renewedAfterEnd)
	case w.now >= w.ends || w.owner == c.by:
		if w.blocked() {
			return false
		}
		c.granted = true
		w.term++
		if !w.faults.tokenKept {
			w.token++
		}
		w.owner = c.by
	}
	if c.granted {
		w.ends = w.now + leaseLength
		c.token, c.term = w.token, w.term
	}
	c.handled = true
	return true
}

// blocked reports whether an open write keeps the lease from being taken.
func (w *leaseWorld) blocked() bool {
	if w.faults.writesUnlocked || w.faults.writesUnfenced {
		return false
	}
	for _, r := range w.replicas {
		if r.write == nil || r.write.aborted {
			continue
		}
		if w.now-r.write.began >= writesAborted {
			w.violated("a write has kept the lease from being taken for %v", w.now-r.write.began)
		}
		return true
	}
	return false
}

// respond gives a replica the response to its call.
func (w *leaseWorld) respond(r *leaseReplica) {
	c := r.call
	r.call = nil
	switch {
	case c.granted:
		w.take(r, c)
	case c.renews:
		w.stop(r)
	}
}

// take makes a replica work with a lease that it has been granted.
func (w *leaseWorld) take(r *leaseReplica, c *leaseCall) {
	r.holds, r.token, r.term = true, c.token, c.term
	from := c.sent
	if w.faults.fromResponse {
		from = w.clock(r)
	}
	r.deadline = from.add(leaseLength)
	if !w.faults.noMargin {
		r.deadline = r.deadline.add(-leaseMargin)
	}
	w.lose(r)
}

// beginWrite makes the database check the lease of a write.
func (w *leaseWorld) beginWrite(r *leaseReplica) {
	if w.faults.writesUnfenced || w.token == r.token && w.now < w.ends {
		r.write = &leaseWrite{began: w.now}
	}
}

// commit ends a write.
func (w *leaseWorld) commit(r *leaseReplica) {
	if !r.write.aborted && r.term != w.term {
		w.violated("a write of term %d was accepted in term %d", r.term, w.term)
	}
	r.write = nil
}

// beginRequest makes a replica begin a request, unless its lease has ended.
func (w *leaseWorld) beginRequest(r *leaseReplica) {
	if !r.holds || !w.mayWork(r) {
		return
	}
	if !w.isHolder(r) {
		w.violated("a request was begun by a replica without the lease")
	}
	r.requests = append(r.requests, new(leaseRequest))
}

// arrive makes a request arrive. If it fails, the replica sends it again.
func (w *leaseWorld) arrive(r *leaseReplica, n int, fails bool) {
	request := r.requests[n]
	r.requests = slices.Delete(r.requests, n, n+1)
	if !w.isHolder(r) {
		if !request.wasFrozen || request.late {
			w.violated("a request arrived late that was not in flight when its replica froze, or for the second time")
		}
		request.late = true
	}
	switch {
	case !fails:
	case w.faults.unguardedRetry:
		r.requests = append(r.requests, request)
	default:
		w.beginRequest(r)
	}
}

// check checks that a lease that has ended does not go on, because its holder has stopped.
func (w *leaseWorld) check() {
	switch valid := w.now < w.ends; {
	case !valid:
		w.ended[w.term] = true
	case w.ended[w.term]:
		w.violated("the lease of term %d goes on after its end", w.term)
	}
}
