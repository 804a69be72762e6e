package sim_test

import (
	"fmt"
	"slices"
	"time"
)

const (
	// frozenFor is how long a replica is frozen, and up to a half more: longer than a lease.
	frozenFor = 12 * time.Second
	// databaseDown is how long the database is down at most.
	databaseDown = 6 * time.Second
)

// plan schedules the faults that each round has: one of each kind that another replica has to
// take over from, or that stops all.
func (c *replicaChaos) plan() {
	for n, do := range []func(){
		func() { c.killOne(c.holder()) },
		func() { c.freezeOne(c.holder()) },
		c.killDatabase,
		func() { c.stopOne(c.holder()) },
	} {
		share := replicaRound / 4
		c.later(time.Duration(n)*share+c.faults.upTo(share), "planned", do)
	}
}

// step runs one random action, after what was due.
func (c *replicaChaos) step() {
	c.endFaults()
	switch n := c.random.IntN(1000); {
	case n < 12:
		c.killOne(c.oneUp())
	case n < 16:
		c.freezeOne(c.oneUp())
	case n < 19:
		c.killDatabase()
	case n < 25:
		c.stopOne(c.oneUp())
	case n < 45:
		c.linkFault()
	case n < 125:
		c.faults.inject()
	default:
		c.faults.revive()
		c.crowd.act()
	}
}

// note notes a fault for those who look for the cause of a failure.
func (c *replicaChaos) note(format string, values ...any) {
	c.notes = append(c.notes, time.Now().Format(clock)+" "+fmt.Sprintf(format, values...))
}

// later schedules the end of a fault.
func (c *replicaChaos) later(in time.Duration, what string, do func()) {
	c.due = append(c.due, scheduledEvent{time.Now().Add(in), what, do})
	slices.SortStableFunc(c.due, func(a, b scheduledEvent) int { return a.at.Compare(b.at) })
}

// endFaults ends the faults whose time is over.
func (c *replicaChaos) endFaults() {
	for len(c.due) > 0 && !c.due[0].at.After(time.Now()) {
		next := c.due[0]
		c.due = c.due[1:]
		next.do()
	}
	select {
	case err := <-c.restarted:
		c.afterRestart(err)
	default:
	}
}

// oneUp returns a replica that runs: in half of the cases the one with the lease. It returns
// nil if only one runs, most of the time.
func (c *replicaChaos) oneUp() *replica {
	var up []*replica
	for _, r := range c.replicas {
		if r.isUp {
			up = append(up, r)
		}
	}
	if len(up) == 0 || len(up) == 1 && c.random.IntN(4) > 0 {
		return nil
	}
	if r := c.holder(); r != nil && r.isUp && c.random.IntN(2) == 0 {
		return r
	}
	return one(c.random, up)
}

// holder returns the replica that has the lease, nil if none has it.
func (c *replicaChaos) holder() *replica {
	term, ok := c.lease.current()
	for _, r := range c.replicas {
		if ok && r.owns(term) {
			return r
		}
	}
	return nil
}

// failing notes that a replica fails, if it has the lease.
func (c *replicaChaos) failing(r *replica, how string) {
	c.note("%s is %s", r.name, how)
	if term, ok := c.lease.current(); ok && r.owns(term) {
		c.failures = append(c.failures, leaseFailure{at: time.Now(), token: term.token, how: r.name + " is " + how})
	}
}

// killOne kills a replica, and starts it again soon.
func (c *replicaChaos) killOne(r *replica) {
	if r == nil || !r.isUp {
		return
	}
	c.failing(r, "killed")
	c.kills++
	r.kill()
	c.later(c.faults.upTo(3*time.Second), "start", func() { c.startAgain(r) })
}

// freezeOne stops a replica for longer than a lease. It is killed afterwards, sometimes.
func (c *replicaChaos) freezeOne(r *replica) {
	if r == nil || !r.isUp {
		return
	}
	c.failing(r, "frozen")
	c.freezes++
	r.freeze()
	killed := c.random.IntN(4) == 0
	c.later(frozenFor+c.faults.upTo(frozenFor/2), "thaw", func() {
		c.note("%s goes on", r.name)
		r.thaw()
		if killed {
			c.note("%s is killed", r.name)
			c.kills++
			r.kill()
			c.startAgain(r)
		}
	})
}

func (c *replicaChaos) startAgain(r *replica) {
	c.note("%s is started", r.name)
	r.start()
}

// stopOne asks a replica to exit, and starts it again.
func (c *replicaChaos) stopOne(r *replica) {
	if r == nil || !r.isUp {
		return
	}
	c.note("%s is asked to exit", r.name)
	r.goesDown()
	ended := make(chan error, 1)
	go func() { ended <- r.end(30 * time.Second) }()
	c.later(4*time.Second, "start", func() {
		if err := <-ended; err != nil {
			c.t.Errorf("seed %d: %s did not exit cleanly: %v", c.seed, r.name, err)
		}
		c.startAgain(r)
	})
}

// killDatabase kills the database, and starts it again soon.
func (c *replicaChaos) killDatabase() {
	if c.isDown {
		return
	}
	c.note("the database is killed")
	c.isDown = true
	c.outages = append(c.outages, span{from: time.Now()})
	c.server.Kill()
	down := time.After(c.faults.upTo(databaseDown))
	go func() {
		<-down
		c.restarted <- c.server.Restart()
	}()
}

// afterRestart notes that the database is back.
func (c *replicaChaos) afterRestart(err error) {
	if err != nil {
		c.t.Fatalf("seed %d: %v", c.seed, err)
	}
	c.outages[len(c.outages)-1].until = time.Now()
	c.isDown = false
	c.note("the database is back")
}

// linkFault cuts the connections of a replica to a service, or delays everything on them.
func (c *replicaChaos) linkFault() {
	r := one(c.random, c.replicas)
	l := one(c.random, r.links())
	if c.random.IntN(2) == 0 {
		c.note("%s loses its connections to %s", r.name, l.target)
		l.cut()
		return
	}
	c.note("%s has slow connections to %s", r.name, l.target)
	l.slow(c.faults.upTo(300 * time.Millisecond))
	c.later(c.faults.upTo(4*time.Second), "not slow", func() { l.slow(0) })
}
