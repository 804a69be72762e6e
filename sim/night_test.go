package sim_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"enjobridge/enjo"
)

var simNight = flag.Duration("sim.night", 0, "how long TestNight plays, such as 30m; 0 means not at all")

// Ensure that nothing is found in a night of stories: hours in which everything
// goes wrong, and stories with two deaths, or with one death and one fault. A
// night in which something never happened has not looked at it, and fails too.
func TestNight(t *testing.T) {
	if *simNight == 0 {
		t.Skip("go test ./sim -run Night -sim.night=30m -timeout 1h plays for half an hour")
	}
	seed := *simSeed
	if seed == 0 {
		seed = rand.Uint64N(1_000_000_000) + 1
	}
	n := &night{until: time.Now().Add(*simNight), points: make(map[string][]point), kinds: make(map[string]int)}
	for worker := range uint64(2) {
		t.Run(fmt.Sprint("from ", seed+worker), func(t *testing.T) {
			t.Parallel()
			for s := seed + worker; time.Now().Before(n.until) && !t.Failed(); s += 2 {
				n.play(t, s)
			}
		})
	}
	t.Cleanup(func() { n.judge(t) })
}

// night is what a night has played and seen.
type night struct {
	until time.Time
	seen  observations

	mu        sync.Mutex
	points    map[string][]point // of each story
	kinds     map[string]int     // how often each kind of thing was played
	hours     float64            // simulated
	questions int
	crashes   int
}

// play plays one thing, which the seed chooses.
func (n *night) play(t *testing.T, seed uint64) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("go test ./sim -run Night -sim.night=1s -sim.seed=%d plays this first", seed)
		}
	}()
	random := rand.New(rand.NewPCG(seed, 2))
	switch kind := random.IntN(10); {
	case kind < 4:
		n.hour(t, seed, 1+2*random.Float64())
	case kind < 7:
		n.twoCrashes(t, seed, random)
	default:
		n.crashAndFault(t, seed, random)
	}
}

// note notes what was played.
func (n *night) note(kind string, w *world) {
	n.seen.merge(w.seen)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.kinds[kind]++
	n.hours += w.lasted.Hours()
	n.questions += len(w.crowd.questions)
	n.crashes += w.crashCount
}

// hour plays hours in which things go wrong.
func (n *night) hour(t *testing.T, seed uint64, length float64) {
	t.Run(fmt.Sprint("hours of seed ", seed), func(t *testing.T) {
		n.note("hours", hours(t, seed, length, faults()))
	})
}

// someStory returns one of the stories, and two of its points.
func (n *night) someStory(t *testing.T, random *rand.Rand, all []story) (s story, one, other point) {
	s = all[random.IntN(len(all))]
	n.mu.Lock()
	points := n.points[s.name]
	n.mu.Unlock()
	if points == nil {
		t.Run(s.name+" as it is", func(t *testing.T) { points = playStory(t, 1, s).points.all() })
		points = slices.DeleteFunc(points, func(p point) bool { return !p.canCrash() })
		n.mu.Lock()
		n.points[s.name] = points
		n.mu.Unlock()
	}
	return s, points[random.IntN(len(points))], points[random.IntN(len(points))]
}

// twoDeaths plays a story in which the bot dies twice.
func (n *night) twoCrashes(t *testing.T, seed uint64, random *rand.Rand) {
	s, one, other := n.someStory(t, random, slices.Concat(stories(), promises()))
	s.setup.crashAt = []point{one, other}
	t.Run(fmt.Sprintf("%s, seed %d, deaths %s and %s", s.name, seed, one, other), func(t *testing.T) {
		n.note("stories with two deaths", playStory(t, seed, s))
	})
}

// deathAndFault plays a story in which the bot dies, and something else goes wrong. What
// people are owed if nothing does is not asked for.
func (n *night) crashAndFault(t *testing.T, seed uint64, random *rand.Rand) {
	s, at, _ := n.someStory(t, random, stories())
	s.setup.crashAt = []point{at}
	plain := s.play
	wait := time.Duration(random.Int64N(int64(20 * time.Second)))
	s.play = func(w *world) {
		w.later(wait, "a fault", func() { w.injectFault(faults()) })
		plain(w)
	}
	t.Run(fmt.Sprintf("%s, seed %d, a death %s and a fault", s.name, seed, at), func(t *testing.T) {
		n.note("stories with a death and a fault", playStory(t, seed, s))
	})
}

// judge tells what was played, and says what was never seen.
func (n *night) judge(t *testing.T) {
	n.mu.Lock()
	defer n.mu.Unlock()
	t.Logf("played: %v; %.1f simulated hours, %d questions, %d deaths", n.kinds, n.hours, n.questions, n.crashes)
	var never []string
	for _, what := range wanted() {
		if n.seen.count(what) == 0 {
			never = append(never, what)
		}
	}
	switch {
	case len(never) == 0:
	case *simNight < enoughToSee:
		t.Logf("there was never: %q", never)
	default:
		t.Errorf("in all the night there was never: %q", never)
	}
}

// enoughToSee is how long a night lasts at least if it has to see everything.
const enoughToSee = 20 * time.Minute

// wanted is what a night has to see.
func wanted() []string {
	all := []string{"life dies", "life stops", "store locked", "end delivered", "end failed", "end cancelled"}
	for _, group := range faults() {
		for _, one := range group {
			if !strings.HasPrefix(one.name, "life: ") {
				all = append(all, one.name)
			}
		}
	}
	for _, failure := range []string{
		string(enjo.BadToken), string(enjo.InvalidBotID), string(enjo.OutcomeUnknown), string(enjo.BadResponse), string(enjo.Rejected),
		"answer", "unconfirmed", "stopped", "dropped",
	} {
		all = append(all, "outcome "+failure)
	}
	for _, line := range branches {
		all = append(all, "log: "+line)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// branches are lines of the log that tell which way a question went.
var branches = []string{
	"a ticket's card could not be edited; it is posted again",
	"agent did not answer",
	"agent is back",
	"agent is down",
	"answer to a deleted question taken down",
	"event could not be acknowledged, Slack will send it again",
	"event is not acknowledged, Slack will send it again",
	"going on with what was left",
	"history could not be read to its end",
	"outcome could not be posted",
	"people called into the thread",
	"posting again",
	"question could not be claimed",
	"question is not to be asked any more",
	"question stopped",
	"slack refused a message",
	"slack takes no rendering of an answer",
	"socket could not be opened, trying again",
	"stray question is taken up",
}
