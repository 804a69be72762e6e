package bot

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// network is the way from taking a slot to the server. Its times are drawn
// anew for each call, and are as long as those of a slow disk and a bad network.
type network struct {
	random   *rand.Rand
	under    sync.WaitGroup // calls under way
	mu       sync.Mutex
	left     []time.Time
	arrivals []time.Time
}

const (
	slowestClaim  = 20 * time.Millisecond
	slowestTravel = 400 * time.Millisecond
)

func newNetwork(seed uint64) *network { return &network{random: rand.New(rand.NewPCG(seed, seed))} }

// call makes the call of a slot: it leaves once its question is claimed, and
// arrives later.
func (n *network) call(slot *slot) {
	claim, travel := n.upTo(slowestClaim), n.upTo(slowestTravel)
	n.under.Go(func() {
		time.Sleep(claim)
		slot.leaves()
		n.note(&n.left)
		time.Sleep(travel)
		n.note(&n.arrivals)
	})
}

func (n *network) upTo(most time.Duration) time.Duration {
	return time.Duration(n.random.Int64N(int64(most) + 1))
}

func (n *network) note(times *[]time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	*times = append(*times, time.Now())
}

// refusals returns how many calls some servers would have refused: one with
// windows that slide, and some with fixed windows of different phases.
func (n *network) refusals(limits []enjo.Limit) int {
	refused := 0
	for _, limit := range limits {
		for i := limit.Calls; i < len(n.arrivals); i++ {
			if n.arrivals[i].Sub(n.arrivals[i-limit.Calls]) < limit.Per {
				refused++
			}
		}
		for range 20 {
			phase := n.upTo(limit.Per)
			in := make(map[time.Time]int)
			for _, at := range n.arrivals {
				window := at.Add(phase).Truncate(limit.Per)
				if in[window]++; in[window] > limit.Calls {
					refused++
				}
			}
		}
	}
	return refused
}

// leastTime returns how long n calls take at least: from the first to the last,
// each as soon as the limits allow.
func leastTime(limits []enjo.Limit, n int) time.Duration {
	budget := enjo.NewBudget(limits, 0)
	at := noon
	var calls []time.Time
	for range n {
		at = budget.Next(at, calls)
		calls = slices.DeleteFunc(calls, func(call time.Time) bool { return at.Sub(call) > budget.Keep() })
		calls = append(calls, at)
	}
	return at.Sub(noon)
}

// disk is a store whose transactions take some time.
type disk struct {
	storage.Store
	random *rand.Rand
}

const slowestCommit = 10 * time.Millisecond

func (d disk) TakeCall(ctx context.Context, now time.Time, keep time.Duration, next func([]time.Time) time.Time) (time.Time, error) {
	defer time.Sleep(time.Duration(d.random.Int64N(int64(slowestCommit))))
	return d.Store.TakeCall(ctx, now, keep, next)
}

// openStore opens the store in a file.
func openStore(t *testing.T, path string) *storage.Bolt {
	t.Helper()
	store, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// memoryFile returns the path of a file that does not exist yet, in memory if
// the machine has a file system there: 20,000 commits take half a second on it.
func memoryFile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "enjobridge-")
	if err != nil {
		return filepath.Join(t.TempDir(), "bot.db")
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "bot.db")
}

// simulate runs a test with a store in a bubble, in which time is not waited for.
func simulate(t *testing.T, test func(*testing.T, storage.Store)) {
	t.Helper()
	path := memoryFile(t)
	synctest.Test(t, func(t *testing.T) {
		store := openStore(t, path)
		defer store.Close()
		test(t, store)
	})
}
