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

var simNight = flag.Duration("sim.night", 0, "how long TestNight runs, such as 30m; 0 skips it")

// Ensure that a night of random runs finds nothing: hours with all faults, and stories with
// two crashes, or with one crash and one fault. The night also fails if it never observed
// something that it should test.
func TestNight(t *testing.T) {
	if *simNight == 0 {
		t.Skip("go test ./sim -run Night -sim.night=30m -timeout 1h runs it for half an hour")
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

// night records the runs and observations of a night.
type night struct {
	until time.Time
	seen  observations

	mu        sync.Mutex
	points    map[string][]point // by story
	kinds     map[string]int     // the number of runs of each kind
	hours     float64            // simulated
	questions int
	crashes   int
}

// play runs one simulation, which the seed chooses.
func (n *night) play(t *testing.T, seed uint64) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("go test ./sim -run Night -sim.night=1s -sim.seed=%d runs this first", seed)
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

// note records a run.
func (n *night) note(kind string, w *world) {
	n.seen.merge(w.seen)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.kinds[kind]++
	n.hours += w.lasted.Hours()
	n.questions += len(w.crowd.questions)
	n.crashes += w.crashCount
}

// hour simulates hours with faults.
func (n *night) hour(t *testing.T, seed uint64, length float64) {
	t.Run(fmt.Sprint("hours of seed ", seed), func(t *testing.T) {
		n.note("hours", hours(t, seed, length, faults()))
	})
}

// someStory returns a random story and two of its points.
func (n *night) someStory(t *testing.T, random *rand.Rand, all []story) (s story, one, other point) {
	s = all[random.IntN(len(all))]
	n.mu.Lock()
	points := n.points[s.name]
	n.mu.Unlock()
	if points == nil {
		t.Run(s.name+" without crashes", func(t *testing.T) { points = playStory(t, 1, s).points.all() })
		points = slices.DeleteFunc(points, func(p point) bool { return !p.canCrash() })
		n.mu.Lock()
		n.points[s.name] = points
		n.mu.Unlock()
	}
	return s, points[random.IntN(len(points))], points[random.IntN(len(points))]
}

// twoCrashes plays a story in which the bot crashes twice.
func (n *night) twoCrashes(t *testing.T, seed uint64, random *rand.Rand) {
	s, one, other := n.someStory(t, random, slices.Concat(stories(), promises()))
	s.setup.crashAt = []point{one, other}
	t.Run(fmt.Sprintf("%s, seed %d, crashes %s and %s", s.name, seed, one, other), func(t *testing.T) {
		n.note("stories with two crashes", playStory(t, seed, s))
	})
}

// crashAndFault plays a story with a crash and another fault. It plays no promises, because
// these assume that nothing else fails.
func (n *night) crashAndFault(t *testing.T, seed uint64, random *rand.Rand) {
	s, at, _ := n.someStory(t, random, stories())
	s.setup.crashAt = []point{at}
	plain := s.play
	wait := time.Duration(random.Int64N(int64(20 * time.Second)))
	s.play = func(w *world) {
		w.later(wait, "a fault", func() { w.injectFault(faults()) })
		plain(w)
	}
	t.Run(fmt.Sprintf("%s, seed %d, a crash %s and a fault", s.name, seed, at), func(t *testing.T) {
		n.note("stories with a crash and a fault", playStory(t, seed, s))
	})
}

// judge logs what was played, and fails if something was never observed.
func (n *night) judge(t *testing.T) {
	n.mu.Lock()
	defer n.mu.Unlock()
	t.Logf("played: %v; %.1f simulated hours, %d questions, %d crashes", n.kinds, n.hours, n.questions, n.crashes)
	var never []string
	for _, what := range expected() {
		if n.seen.count(what) == 0 {
			never = append(never, what)
		}
	}
	switch {
	case len(never) == 0:
	case *simNight < enoughTime:
		t.Logf("never observed: %q", never)
	default:
		t.Errorf("never observed in the whole night: %q", never)
	}
}

// enoughTime is the minimum length of a night that must observe everything.
const enoughTime = 20 * time.Minute

// expected returns everything that a night must observe.
func expected() []string {
	all := []string{
		"instance crashes", "instance stops", "store locked", "end delivered", "end failed", "end cancelled",
		privateShown, privateDirect, privateShared,
	}
	for _, group := range faults() {
		for _, one := range group {
			if !strings.HasPrefix(one.name, "instance: ") {
				all = append(all, one.name)
			}
		}
	}
	for _, failure := range []string{
		string(enjo.OutcomeUnknown), string(enjo.BadResponse), string(enjo.Rejected),
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

// branches are log messages of the different paths of a question.
var branches = []string{
	"ticket: editing a card failed, posting it again",
	"dispatch: agent did not answer",
	"dispatch: agent is back",
	"dispatch: agent is down",
	"deliver: answer to a deleted question deleted",
	"backfill: reading history failed, trying again",
	"dispatch: resuming unfinished questions",
	"receive: acknowledging an event failed, Slack will send it again",
	"receive: storing an event failed, Slack will send it again",
	"deliver: posting an outcome failed",
	"interact: people called into the thread",
	"slackapi: call failed, retrying",
	"dispatch: claiming the question failed, retrying",
	"dispatch: question was stopped before it was asked",
	"dispatch: question stopped",
	"deliver: slack refused a message, using a simpler rendering",
	"deliver: slack refused every rendering of an answer",
	"socketmode: socket could not be opened, trying again",
	"dispatch: resuming an orphaned question",
}
