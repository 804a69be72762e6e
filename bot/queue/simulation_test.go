package queue

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"enjobridge/enjo"
)

// network is the path from taking a call to the server. Each call gets new random
// delays, as long as those of a slow disk and a bad network.
type network struct {
	random   *rand.Rand
	under    sync.WaitGroup // calls that have not ended
	mu       sync.Mutex
	left     []time.Time
	arrivals []time.Time
}

const (
	slowestClaim  = 20 * time.Millisecond
	slowestTravel = 400 * time.Millisecond
)

func newNetwork(seed uint64) *network { return &network{random: rand.New(rand.NewPCG(seed, seed))} }

// call makes a taken call: it leaves once its question is claimed, and arrives later.
func (n *network) call(taken *Call) {
	claim, travel := n.upTo(slowestClaim), n.upTo(slowestTravel)
	n.under.Go(func() {
		time.Sleep(claim)
		taken.Left()
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

// refusals returns how many calls some servers would have refused: one with sliding
// windows, and some with fixed windows of different phases.
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

// leastTime returns the least time that n calls take: from the first to the last, each
// as soon as the limits allow.
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
