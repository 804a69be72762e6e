package sim_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"enjobridge/internal/smalldisk"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

var (
	chaosMinutes = flag.Float64("chaos.minutes", 0, "how long TestChaos/Alone runs; 0 means one round with ENJOBRIDGE_CI=1, otherwise the test is skipped")
	chaosSeed    = flag.Uint64("chaos.seed", 0, "the seed of the first round of TestChaos/Alone; 0 means a random seed")
	chaosLose    = flag.Bool("chaos.lose", false, "let TestChaos/Alone lose events, too")
)

const (
	// chaosSpeed is the factor by which the workspace is faster than Slack.
	chaosSpeed = 20
	// chaosTokenLife is how long Slack's tokens are valid in every fourth round, and
	// chaosGrace how long a used refresh token works then.
	chaosTokenLife = 10 * time.Second
	chaosGrace     = time.Minute
	// chaosRound is how long a round injects faults before it judges the bot.
	chaosRound = 30 * time.Second
	// chaosMargin is the maximum difference of the delays of two calls to the agent.
	chaosMargin = time.Second
	// chaosLatency is how long the agent takes to answer.
	chaosLatency = 50 * time.Millisecond
	// chaosPatience is how long the bot may take afterwards: a call to Slack that hangs
	// takes 30 seconds, and the back-off grows to the same.
	chaosPatience = 4 * time.Minute
)

// TestChaos tests processes under random faults. They mostly wait, so its tests run side by
// side, but not beside tests in simulated time: a process that is being started holds the locks
// of their files for a moment.
func TestChaos(t *testing.T) {
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{{"Replicas", testReplicaChaos}, {"Alone", testChaos}, {"Restart", testReplicaRestart}} { // the longest first
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t)
		})
	}
}

// Ensure that despite all faults each question has one visible end, in its thread and in
// order, that the limits are respected, that no status remains, and that the log contains
// no message text.
func testChaos(t *testing.T) {
	length := chaosFor(t, *chaosMinutes, "chaos.minutes")
	seed := *chaosSeed
	if seed == 0 {
		seed = rand.Uint64N(1_000_000) + 1
	}
	total := 0
	for begin := time.Now(); time.Since(begin) < length && !t.Failed(); seed++ {
		total += newChaos(t, seed, 400).round()
		t.Logf("%d questions after %v", total, time.Since(begin).Round(time.Second))
	}
}

// chaosFor returns how long a test runs at least for which a flag gives the minutes: one round
// in CI. Otherwise it skips the test.
func chaosFor(t *testing.T, minutes float64, flag string) time.Duration {
	t.Helper()
	length := time.Duration(minutes * float64(time.Minute))
	if length == 0 && os.Getenv("ENJOBRIDGE_CI") == "1" {
		length = time.Second
	}
	if length == 0 {
		t.Skip("go test ./sim -run Chaos -" + flag + "=1 runs it")
	}
	return length
}

// chaos is one round: the bot as a process, with faults everywhere.
type chaos struct {
	*stage
	process *process
	kills   int
}

// newChaos returns a round whose agent allows perMinute calls a minute.
func newChaos(t *testing.T, seed uint64, perMinute int) *chaos {
	t.Helper()
	c := &chaos{stage: newStage(t, seed, chaosLimits(perMinute), chaosLatency)}
	dir := t.ArtifactDir() // -artifacts preserves it
	given := c.settings()
	given.Store = filepath.Join(dir, "bot.db")
	if small, err := smalldisk.Mount(t, 64); err == nil {
		given.Store, c.faults.disk = small.Path("bot.db"), &small
	} else {
		t.Logf("the disk cannot be filled, because mounting a small one failed: %v", err)
	}
	c.process = &process{t: t, log: newLog(t, dir, "log"), settings: given}
	return c
}

// begin starts the process and waits until it has a connection: the bot ignores messages
// from before its first start.
func (c *chaos) begin() {
	c.t.Helper()
	c.process.start()
	for begin := time.Now(); c.slack.Sockets() == 0; <-time.After(20 * time.Millisecond) {
		if time.Since(begin) > chaosPatience {
			c.t.Fatalf("the bot has no connection after %v", chaosPatience)
		}
	}
}

// round injects faults for some time, and judges the bot. It returns the number of
// questions.
func (c *chaos) round() int {
	c.process.settings.Steps = clockSteps(c.random, chaosRound, chaosMargin/2)
	c.begin()
	for begin := time.Now(); time.Since(begin) < chaosRound; {
		c.step()
		<-time.After(time.Duration(c.random.Int64N(int64(150 * time.Millisecond))))
	}
	c.faults.clear()
	c.judge()
	return len(c.crowd.questions)
}

// judge waits until the bot has finished all work, judges it, and closes everything.
func (c *chaos) judge() {
	defer c.close()
	j := c.newJudge()
	c.drain(j)
	if err := c.process.end(30 * time.Second); err != nil {
		j.report("the process did not exit cleanly: %v", err)
	}
	c.verdict(j, c.process.log)
	c.t.Logf("%v, %d kills", c.stage, c.kills)
}

// step runs one random action.
func (c *chaos) step() {
	switch n := c.random.IntN(1000); {
	case n < 12:
		c.kills++
		c.process.kill()
		<-time.After(time.Duration(c.random.Int64N(int64(time.Second))))
		c.faults.empty() // a process that cannot write does not start
		c.process.start()
	case n < 17:
		if err := c.process.end(30 * time.Second); err != nil {
			c.t.Errorf("seed %d: the process did not exit cleanly: %v", c.seed, err)
		}
		c.faults.empty()
		c.process.start()
	case n < 150:
		c.faults.inject()
	default:
		c.faults.revive()
		c.crowd.act()
	}
}

// drain waits until the bot has finished all work.
func (c *chaos) drain(j *judge) {
	ctx, cancel := context.WithTimeout(c.t.Context(), chaosPatience)
	defer cancel()
	c.awaitDeliveries(ctx, j)
	if *chaosLose {
		// At its start the bot finds lost messages.
		c.process.kill()
		c.process.start()
	}
	c.awaitEnds(ctx, j)
	c.finished(ctx, j)
}

// finished waits until the store contains no unfinished questions.
func (c *chaos) finished(ctx context.Context, j *judge) {
	for {
		if err := c.process.end(30 * time.Second); err != nil {
			j.report("the process did not exit cleanly: %v", err)
		}
		store, err := storage.OpenBolt(c.process.settings.Store, storage.BoltOptions{})
		if err != nil {
			c.t.Fatal(err)
		}
		left, err := store.Unfinished(c.t.Context())
		if err != nil {
			c.t.Error(err)
		}
		if err := store.Close(); err != nil {
			c.t.Error(err)
		}
		c.process.start()
		if len(left) == 0 {
			_ = c.slack.Await(ctx, func(v slacksandbox.View) bool { return v.Sockets() > 0 })
			return
		}
		select {
		case <-ctx.Done():
			for _, q := range left {
				j.report("%s is unfinished: %s", q.ID, q.State)
			}
			return
		case <-time.After(5 * time.Second):
		}
	}
}

// close closes everything.
func (c *chaos) close() {
	if err := c.process.log.Close(); err != nil {
		c.t.Error(err)
	}
	c.stage.close()
}
