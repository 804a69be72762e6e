package sim_test

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	kills     = flag.Int("kills", 5, "how often TestKilledAtRandomMoments kills the bot under load")
	killsSeed = flag.Uint64("kills.seed", 0, "the seed of TestKilledAtRandomMoments; 0 means a random seed")
)

// Ensure that nothing is lost or duplicated when the process is killed repeatedly at random
// moments under load.
func TestKilledAtRandomMoments(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	seed := *killsSeed
	if seed == 0 {
		seed = rand.Uint64N(1_000_000) + 1
	}
	c := newChaos(t, seed, 2_000)
	c.begin()
	c.killRepeatedly()
	c.judge()
}

// killRepeatedly kills and restarts the process while users ask.
func (c *chaos) killRepeatedly() {
	for c.kills < *kills {
		alive := time.After(time.Duration(c.random.Int64N(int64(1500 * time.Millisecond))))
		for killed := false; !killed; {
			select {
			case <-alive:
				c.process.kill()
				c.kills++
				c.process.start()
				killed = true
			case <-time.After(time.Duration(c.random.Int64N(int64(150 * time.Millisecond)))):
				c.crowd.question()
			}
		}
	}
}
