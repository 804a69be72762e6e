package sim_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/internal/pgtest"
	"enjobridge/storage/postgres"
)

var (
	replicaMinutes = flag.Float64("replicas.minutes", 0, "how long TestChaos/Replicas runs; 0 means one round with ENJOBRIDGE_CI=1, otherwise the test is skipped")
	replicaSeed    = flag.Uint64("replicas.seed", 0, "the seed of the first round of TestChaos/Replicas; 0 means a random seed")
)

const (
	// replicaCount is how many processes share a database.
	replicaCount = 3
	// replicaRound is how long a round injects faults before it judges the bot.
	replicaRound = time.Minute
	// replicaSkew is how far the clock of a replica's machine is off at most.
	replicaSkew = 500 * time.Millisecond
	// longestTakeOver is how long it takes at most until a replica has the lease of one that was
	// killed or frozen, from when it can: a process needs startsWithin until it works.
	longestTakeOver = 15 * time.Second
	startsWithin    = 3 * time.Second
	// lateFor is how long a replica may send what it was about to send when it was frozen.
	lateFor = time.Second
	// lateShown is how long a post may be doubled, because it was sent so late.
	lateShown = 10 * time.Second
)

// Ensure that three processes over one database keep the promises of one, although they are
// killed and frozen, the database ends, and the ways to everything are cut and slow.
func testReplicaChaos(t *testing.T) {
	length := replicasFor(t)
	seed := *replicaSeed
	if seed == 0 {
		seed = rand.Uint64N(1_000_000) + 1
	}
	for begin := time.Now(); time.Since(begin) < length && !t.Failed(); seed++ {
		// What a round has started ends with it.
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { newReplicaChaos(t, seed, chaosLimits(800), chaosLatency).round() })
	}
}

// replicasFor returns how long a test of replicas runs at least, or skips it.
func replicasFor(t *testing.T) time.Duration {
	t.Helper()
	length := chaosFor(t, *replicaMinutes, "replicas.minutes")
	pgtest.Require(t)
	return length
}

// replicaChaos is a round with several processes over one database.
type replicaChaos struct {
	*stage
	server   *pgtest.Server
	store    *postgres.Store // for the end only
	replicas []*replica
	lease    *leaseWatch

	due       []scheduledEvent // ends of faults
	failures  []leaseFailure
	outages   []span // of the database
	isDown    bool   // whether the database is down
	restarted chan error
	kills     int
	freezes   int
	notes     []string // what was done to the replicas
}

// leaseFailure is a moment at which the replica that had the lease was killed or frozen.
type leaseFailure struct {
	at    time.Time
	token int64
	how   string
}

// newReplicaChaos returns a round whose agent has limits, and answers after a time.
func newReplicaChaos(t *testing.T, seed uint64, limits []enjo.Limit, latency time.Duration) *replicaChaos {
	t.Helper()
	dir := t.ArtifactDir()
	server, err := pgtest.Start(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	const database = "bridge"
	address, err := server.CreateDatabase(database)
	if err != nil {
		t.Fatal(err)
	}
	c := &replicaChaos{stage: newStage(t, seed, limits, latency), server: server, restarted: make(chan error, 1)}
	if c.store, err = postgres.Open(t.Context(), address, postgres.Options{}); err != nil {
		t.Fatal(err)
	}
	for n := range replicaCount {
		r := c.newReplica(t, n+1, server, database, dir)
		r.settings.Steps = []step{{By: c.faults.upTo(2*replicaSkew) - replicaSkew}}
		c.replicas = append(c.replicas, r)
	}
	c.lease = watchLease(t, address)
	return c
}

// begin starts all replicas, and waits until they have connections.
func (c *replicaChaos) begin() {
	c.t.Helper()
	for _, r := range c.replicas {
		r.start()
	}
	c.await("connections of all replicas", chaosPatience, func() bool {
		_, held := c.lease.current()
		return held && !slices.ContainsFunc(c.replicas, func(r *replica) bool { return len(r.slack.noted("socket")) == 0 })
	})
}

// await waits until a condition is true.
func (c *replicaChaos) await(what string, within time.Duration, condition func() bool) {
	c.t.Helper()
	for begin := time.Now(); !condition(); <-time.After(20 * time.Millisecond) {
		if time.Since(begin) > within {
			c.t.Fatalf("seed %d: no %s after %v", c.seed, what, within)
		}
	}
}

// round injects faults for some time, and judges the bot.
func (c *replicaChaos) round() {
	c.begin()
	c.plan()
	for begin := time.Now(); time.Since(begin) < replicaRound; {
		c.step()
		<-time.After(time.Duration(c.random.Int64N(int64(150 * time.Millisecond))))
	}
	c.repair()
	c.judge()
}

// repair ends all faults.
func (c *replicaChaos) repair() {
	for len(c.due) > 0 {
		next := c.due[0]
		c.due = c.due[1:]
		<-time.After(time.Until(next.at))
		next.do()
	}
	if c.isDown {
		c.afterRestart(<-c.restarted)
	}
	c.faults.clear()
}

// judge waits until the replicas have finished all work, judges them, and closes everything.
func (c *replicaChaos) judge() {
	defer c.close()
	j := c.newJudge()
	c.drain(j)
	for _, r := range c.replicas {
		if err := r.end(30 * time.Second); err != nil {
			j.report("%s did not exit cleanly: %v", r.name, err)
		}
	}
	late := c.lateRequests(j)
	j.mayBeLimited = func(at time.Time) bool {
		longest := c.limits[len(c.limits)-1].Per
		return slices.ContainsFunc(late, func(sent time.Time) bool { return !at.Before(sent) && at.Before(sent.Add(longest+chaosMargin)) })
	}
	taken, longest := c.judgeTakeOvers(j)
	deleted := c.judgeLatePosts(j)
	c.verdict(j, c.logs()...)
	if c.t.Failed() {
		c.t.Logf("%s\n%s", strings.Join(c.notes, "\n"), c.lease)
	}
	c.t.Logf("%v, %d kills, %d freezes, %d database restarts, %d take-overs in %v at most, %d late requests, %d late posts deleted",
		c.stage, c.kills, c.freezes, len(c.outages), taken, longest.Round(10*time.Millisecond), len(late), deleted)
}

// drain waits until the replicas have finished all work.
func (c *replicaChaos) drain(j *judge) {
	ctx, cancel := context.WithTimeout(c.t.Context(), chaosPatience)
	defer cancel()
	c.awaitDeliveries(ctx, j)
	c.awaitEnds(ctx, j)
	for {
		left, err := c.store.Unfinished(c.t.Context())
		if err == nil && len(left) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			if err != nil {
				j.report("reading the unfinished questions failed: %v; the log of the database:\n%s", err, c.server.Log())
			}
			for _, q := range left {
				j.report("%s is unfinished: %s", q.ID, q.State)
			}
			return
		case <-time.After(time.Second):
		}
	}
}

// logs returns the logs of the replicas.
func (c *replicaChaos) logs() (logs []*os.File) {
	for _, r := range c.replicas {
		logs = append(logs, r.log)
	}
	return logs
}

// close closes everything.
func (c *replicaChaos) close() {
	for _, log := range c.logs() {
		if err := log.Close(); err != nil {
			c.t.Error(err)
		}
	}
	if err := c.store.Close(); err != nil {
		c.t.Error(err)
	}
	c.stage.close()
}

// String names a failure.
func (f leaseFailure) String() string { return fmt.Sprintf("%s at %s", f.how, f.at.Format(clock)) }
