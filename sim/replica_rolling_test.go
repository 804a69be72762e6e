package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/enjo"
)

const (
	// rollingLatency is how long the agent takes to answer in TestChaos/Restart.
	rollingLatency = 800 * time.Millisecond
	// rollingPhase is how long people ask without a restart, and how long with restarts at least.
	rollingPhase = 20 * time.Second
	// rollingLater is how much later an answer may come because of the restarts.
	rollingLater = 5 * time.Second
	// rollingGap is the time from one restart to the next.
	rollingGap = 2 * time.Second
)

// Ensure that people notice little of a restart of all replicas, one after the other, while they
// use half of the agent's limits.
func testReplicaRestart(t *testing.T) {
	replicasFor(t)
	c := newReplicaChaos(t, 1, rollingLimits(), rollingLatency)
	c.begin()
	quiet := c.askEvenly(func() bool { return true })
	restarted := make(chan error, 1)
	over := false
	go func() { restarted <- c.restartAll() }()
	busy := c.askEvenly(func() bool {
		select {
		case err := <-restarted:
			over = true
			if err != nil {
				t.Error(err)
			}
		default:
		}
		return over
	})
	c.judge()
	before, after := c.latencies(quiet), c.latencies(busy)
	t.Logf("without restarts: %s", describe(before))
	t.Logf("with restarts: %s", describe(after))
	if len(before) < len(quiet) || len(after) < len(busy) {
		t.Errorf("%d of %d and %d of %d questions are answered", len(before), len(quiet), len(after), len(busy))
	}
	for _, of := range []float64{0.5, 0.9, 0.99, 1} {
		if quantile(after, of) > quantile(before, of)+rollingLater {
			t.Errorf("%v of all answers come within %v, and without restarts within %v", of, quantile(after, of), quantile(before, of))
		}
	}
	if t.Failed() {
		c.explain(busy)
	}
}

// explain logs what the replicas did about the questions that were answered late.
func (c *replicaChaos) explain(questions []*asked) {
	log := c.textOf(c.logs())
	for _, q := range questions {
		if took := c.latencies([]*asked{q}); len(took) == 0 || took[0] > rollingLater/2 {
			id := fmt.Sprintf("%s/%s/%s", c.slack.TeamID(), q.talk.channel, q.ts)
			c.t.Logf("asked at %s, answered after %v:\n%s", q.at.Format(clock), took, linesAbout(log, id))
		}
	}
	c.t.Logf("%s\n%s\n%s", strings.Join(c.notes, "\n"), c.lease, linesAbout(log, "replica: "))
}

// rollingLimits are the published limits, for ten times as many calls.
func rollingLimits() (limits []enjo.Limit) {
	for _, l := range published {
		limits = append(limits, enjo.Limit{Calls: 10 * l.Calls, Per: l.Per})
	}
	return limits
}

// askEvenly asks in new threads for the time of a phase, and until done returns true: both
// phases use half of what the agent allows a minute. It returns the questions.
func (c *replicaChaos) askEvenly(done func() bool) (asked []*asked) {
	limit := c.limits[len(c.limits)-1]
	pace := time.NewTicker(2 * rollingPhase / time.Duration(limit.Calls/2))
	defer pace.Stop()
	for begin := time.Now(); time.Since(begin) < rollingPhase || !done(); <-pace.C {
		asked = append(asked, c.crowd.mention())
	}
	return asked
}

// restartAll restarts all replicas, one after the other, and waits until each is connected.
func (c *replicaChaos) restartAll() error {
	for _, r := range c.replicas {
		c.note("%s is asked to exit", r.name)
		if err := r.end(30 * time.Second); err != nil {
			return fmt.Errorf("%s did not exit cleanly: %w", r.name, err)
		}
		before := len(r.slack.noted("socket"))
		c.startAgain(r)
		for begin := time.Now(); len(r.slack.noted("socket")) == before; <-time.After(20 * time.Millisecond) {
			if time.Since(begin) > chaosPatience {
				return fmt.Errorf("%s has no connection", r.name)
			}
		}
		c.note("%s is connected", r.name)
		<-time.After(rollingGap)
	}
	return nil
}

// latencies returns how long the answers to questions took, the shortest first.
func (c *replicaChaos) latencies(questions []*asked) (all []time.Duration) {
	sent := c.sentPosts()
	for _, q := range questions {
		of := fmt.Sprintf("part 0 of %s/%s/%s", c.slack.TeamID(), q.talk.channel, q.ts)
		if posts := sent[of]; len(posts) > 0 {
			all = append(all, posts[0].sent.Sub(q.at))
		}
	}
	slices.Sort(all)
	return all
}

// quantile returns the duration that a share of sorted ones does not exceed.
func quantile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(share*float64(len(sorted)-1))]
}

// describe describes a distribution.
func describe(sorted []time.Duration) string {
	round := func(share float64) time.Duration { return quantile(sorted, share).Round(10 * time.Millisecond) }
	return fmt.Sprintf("%d answers, half of them within %v, 99%% within %v, all within %v", len(sorted), round(0.5), round(0.99), round(1))
}
