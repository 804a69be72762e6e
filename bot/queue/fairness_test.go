package queue

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/storage"
)

// office is people who ask, their queue, and the calls that they get: everything between
// intake and the agent, in simulated time, over a bad network.
type office struct {
	t       *testing.T
	limiter *Limiter
	net     *network
	wake    chan struct{}
	began   time.Time

	mu     sync.Mutex
	queue  *Queue
	people []*colleague
	asked  map[storage.MessageID]*inquiry
	taken  []*inquiry               // in the order of their calls
	back   map[behind]time.Duration // by how much an announced time has moved back, at most
}

// colleague is a person who asks some questions, at most five of which may wait.
type colleague struct {
	name, channel string
	load          int
	tokens        chan struct{} // one for each question that waits

	// got is how many calls the person got. equal and promised are the person's shares
	// of the calls in the same time: see [office.share].
	got             int
	equal, promised float64
}

// inquiry is a question of a colleague.
type inquiry struct {
	by    *colleague
	came  time.Time
	first int // number of calls made by the time it came
	call  int // number of calls made before its call
	asked time.Time
	// firstAnnounced is the first announced time of its call, and announced the last;
	// turn reports whether its asker was in the round at first.
	firstAnnounced, announced time.Time
	turn                      bool
	position                  Position // the last one
}

const (
	maxWaitingOfPerson = 5
	slowestAnswer      = 8 * time.Second
)

func newOffice(t *testing.T) *office {
	net := newNetwork(7)
	return &office{
		t: t, limiter: NewLimiter(published, margin, nil), net: net, began: time.Now(),
		wake: make(chan struct{}, 1), queue: New(), asked: make(map[storage.MessageID]*inquiry),
		back: make(map[behind]time.Duration),
	}
}

// employ lets a person ask from a time on, as fast as possible.
func (o *office) employ(channel string, load int, from time.Duration) *colleague {
	p := &colleague{
		name: fmt.Sprint("U", len(o.people)), channel: channel, load: load,
		tokens: make(chan struct{}, maxWaitingOfPerson),
	}
	o.people = append(o.people, p)
	o.net.under.Go(func() {
		time.Sleep(from)
		for range load {
			p.tokens <- struct{}{}
			o.ask(p)
		}
	})
	return p
}

// ask adds a question, in a separate thread.
func (o *office) ask(p *colleague) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := asked(p.name, "", len(o.asked))
	e.ID.Channel, e.Thread.Channel = p.channel, p.channel
	o.asked[e.ID] = &inquiry{by: p, came: time.Now(), first: len(o.taken)}
	o.queue.Add(e)
	o.stir()
}

func (o *office) stir() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// work asks so many questions, as the worker does: it waits for a call, and then takes
// the next question.
func (o *office) work(calls int) {
	for range calls {
		for o.empty() {
			<-o.wake
		}
		taken := mustTake(o.t, o.limiter)
		o.announce()
		o.give(taken)
	}
	o.net.under.Wait()
}

func (o *office) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	next, _ := o.queue.Next(time.Now())
	return next == nil
}

// give gives a call to the next question.
func (o *office) give(call *Call) {
	o.mu.Lock()
	o.share()
	taken := o.queue.Take(time.Now())
	q := o.asked[taken[0].ID]
	q.call, q.asked = len(o.taken), time.Now()
	q.by.got++
	o.taken = append(o.taken, q)
	o.mu.Unlock()

	<-q.by.tokens
	o.net.call(call)
	thinks := o.net.upTo(slowestAnswer)
	o.net.under.Go(func() {
		time.Sleep(slowestClaim + slowestTravel + thinks)
		o.mu.Lock()
		o.queue.Release(taken[0].Thread)
		o.mu.Unlock()
		o.stir()
	})
}

// share divides a call among those who wait for one. An equal share is the same for each
// of them. The queue promises equal shares, too, except that the people of one channel
// divide two shares if there are more than two.
func (o *office) share() {
	var waiting []*colleague
	of := make(map[string]int)
	for _, p := range o.people {
		if _, waits, _ := o.queue.Depth(storage.ThreadID{}, p.name); waits > 0 {
			waiting = append(waiting, p)
			of[p.channel]++
		}
	}
	places := 0.0
	for _, n := range of {
		places += float64(min(n, mostOfChannel))
	}
	for _, p := range waiting {
		p.equal += 1 / float64(len(waiting))
		n := of[p.channel]
		p.promised += float64(min(n, mostOfChannel)) / float64(n) / places
	}
}

// announce records the announced times of the calls of all who wait, and ensures that no
// position in the queue has moved back.
func (o *office) announce() {
	o.mu.Lock()
	defer o.mu.Unlock()
	positions := positionsIn(o.queue)
	// The call that was just taken belongs to the first one.
	times := append([]time.Time{time.Now()}, o.limiter.Ahead(time.Now(), len(positions))...)
	for id, p := range positions {
		q, at := o.asked[id], times[p.Calls]
		if q.firstAnnounced.IsZero() {
			q.firstAnnounced, q.turn = at, p.Behind == BehindRound
		} else if p.Behind == q.position.Behind {
			if p.Ahead > q.position.Ahead {
				o.t.Errorf("%v was behind %d of its %s, and is behind %d", id, q.position.Ahead, p.Behind, p.Ahead)
			}
			o.back[p.Behind] = max(o.back[p.Behind], at.Sub(q.announced))
		}
		q.announced, q.position = at, p
	}
}

// jain returns Jain's index of fairness: 1 if all get the same service, 1/n if only one
// of n gets any. https://arxiv.org/abs/cs/9809099
func jain(served []float64) float64 {
	sum, squares := 0.0, 0.0
	for _, x := range served {
		sum += x
		squares += x * x
	}
	return sum * sum / (float64(len(served)) * squares)
}

// fairness returns Jain's index of the calls that people got relative to their shares.
func (o *office) fairness() (equal, promised float64) {
	var ofEqual, ofPromised []float64
	for _, p := range o.people {
		ofEqual = append(ofEqual, float64(p.got)/p.equal)
		ofPromised = append(ofPromised, float64(p.got)/p.promised)
	}
	return jain(ofEqual), jain(ofPromised)
}

// longestWait returns the longest wait of the people with at most this load.
func (o *office) longestWait(load int) time.Duration {
	longest := time.Duration(0)
	for _, q := range o.taken {
		if q.by.load <= load {
			longest = max(longest, q.asked.Sub(q.came))
		}
	}
	return longest
}

// check ensures that the calls used the limits fully and broke none.
func (o *office) check() {
	o.t.Helper()
	took, least := o.taken[len(o.taken)-1].asked.Sub(o.taken[0].asked), leastTime(published, len(o.taken))
	refused := o.net.refusals(published)
	o.t.Logf("%d calls: utilisation %.2f %%, %d refusals", len(o.taken), 100*least.Seconds()/took.Seconds(), refused)
	if least.Seconds() < 0.98*took.Seconds() || refused > 0 {
		o.t.Error("want at least 98 %, and no refusal")
	}
}

// Ensure that 50 people of very unequal load, in five channels and in DMs, get the
// service that the queue promises, and that calls come at the announced times.
func TestFiftyPeopleAreServedFairly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		calls := 0
		for n := range 50 {
			channel := fmt.Sprint("C", n%10) // C0 to C4 have five people each
			if n%10 >= 5 {
				channel = fmt.Sprint("D", n)
			}
			p := o.employ(channel, 1+n*7%20, o.net.upTo(time.Minute))
			calls += p.load
		}
		o.work(calls)

		o.check()
		equal, promised := o.fairness()
		t.Logf("Jain's index: %.3f of what the queue promises, %.3f of equal shares", promised, equal)
		t.Logf("longest wait: %v, of people with one question %v", o.longestWait(20).Round(time.Second), o.longestWait(1).Round(time.Second))
		if promised < 0.95 {
			t.Error("the queue does not keep its promise")
		}
		o.checkAnnounced()
	})
}

// checkAnnounced ensures that no announced time of a person in the round has moved back,
// and that their calls come at the first announced time, or earlier.
func (o *office) checkAnnounced() {
	o.t.Helper()
	var late, lateTurn []time.Duration
	for _, q := range o.taken {
		late = append(late, q.asked.Sub(q.firstAnnounced))
		if q.turn {
			lateTurn = append(lateTurn, q.asked.Sub(q.firstAnnounced))
		}
	}
	slices.Sort(late)
	o.t.Logf("announced times moved back by at most: %v", o.back)
	o.t.Logf("the %d in the round were asked %v to %v later than first announced", len(lateTurn), slices.Min(lateTurn), slices.Max(lateTurn))
	o.t.Logf("all were asked %v to %v later, in the median %v", late[0], late[len(late)-1], late[len(late)/2])
	if slack := 100 * time.Millisecond; o.back[BehindRound] > slack || slices.Max(lateTurn) > slack {
		o.t.Error("want calls of people in the round at their announced times, except for the disk's latency")
	}
}

// Ensure that 300 questions in one channel, from few people or many, delay another
// person's single question by two calls at most.
func TestStormDelaysOthersByTwoCalls(t *testing.T) {
	const storm, others = 300, 8
	for _, people := range []int{1, 60, 300} {
		t.Run(fmt.Sprint(people), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t)
				for range people {
					o.employ("C1", storm/people, 0)
				}
				for n := range others {
					o.employ(fmt.Sprint("D", n), 1, time.Duration(2*n+1)*61*time.Second)
				}
				o.work(storm + others)

				o.check()
				most := 0
				for _, q := range o.taken {
					if q.by.channel != "C1" {
						most = max(most, q.call-q.first)
					}
				}
				t.Logf("at most %d calls came before the other person's question", most)
				if most > 2 {
					t.Error("want at most 2")
				}
			})
		})
	}
}

// Ensure that a person who waits for only one answer is served before those who joined
// later, regardless of how much others ask.
func TestASingleQuestionIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		calls := 0
		for n := range 20 {
			p := o.employ(fmt.Sprint("D", n), cmp.Or(n%4, 10), o.net.upTo(30*time.Second))
			calls += p.load
		}
		o.work(calls)
		for _, q := range o.taken {
			if q.by.load > 1 {
				continue
			}
			for _, other := range o.taken {
				if other.came.After(q.came) && other.call < q.call {
					t.Errorf("a question that came at %v was asked before a single one that came at %v", other.came.Sub(o.began), q.came.Sub(o.began))
				}
			}
		}
	})
}

func TestJain(t *testing.T) {
	for want, served := range map[float64]([]float64){1: {3, 3, 3}, 0.25: {0, 0, 5, 0}, 0.9: {1, 2}} {
		if got := jain(served); math.Abs(got-want) > 1e-9 {
			t.Errorf("of %v: got %v, want %v", served, got, want)
		}
	}
}
