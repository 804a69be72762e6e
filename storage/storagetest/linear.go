package storagetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// Replicas are stores that share their data.
type Replicas struct {
	Stores []storage.Store
	// Disturb, unless it is nil, is called again and again. Calls can then fail.
	Disturb func()
}

const (
	// Of each round: how many threads, goroutines, and calls of each goroutine there are.
	linearPlaces, linearClients, linearCalls = 3, 6, 30
	// afterUnknown is the wait after a call without an answer: the store may be down.
	afterUnknown = 50 * time.Millisecond
	// disturbEvery is the time between two disturbances.
	disturbEvery = 8 * time.Millisecond
	// linearPatience bounds the search for an order of a round's calls.
	linearPatience = 30 * time.Second
)

// Linearizability checks for some time that calls of several goroutines answer as if each
// happened at one moment between its beginning and its end, through whichever store it is
// made: that the store is linearizable, https://doi.org/10.1145/78969.78972.
func Linearizability(t *testing.T, length time.Duration, r Replicas) {
	t.Helper()
	calls, unknown, rounds := 0, 0, 0
	for begin := time.Now(); rounds == 0 || time.Since(begin) < length && !t.Failed(); rounds++ {
		history := r.record(rand.Uint64(), rounds)
		for _, o := range history {
			if o.Output.(answer).unknown {
				unknown++
			}
		}
		calls += len(history)
		result, info := porcupine.CheckOperationsVerbose(linearModel, history, linearPatience)
		switch result {
		case porcupine.Illegal:
			path := filepath.Join(t.ArtifactDir(), fmt.Sprintf("history%d.html", rounds))
			err := porcupine.VisualizePath(linearModel, info, path)
			t.Errorf("no order of these calls has these answers; %s shows it (%v):\n%s", path, err, wrongPart(history))
		case porcupine.Unknown:
			t.Errorf("%d calls cannot be judged within %v", len(history), linearPatience)
		}
	}
	t.Logf("%d calls in %d rounds, %d with an unknown answer", calls, rounds, unknown)
	if calls-unknown < calls/10 {
		t.Errorf("only %d of %d calls have an answer", calls-unknown, calls)
	}
}

// wrongPart describes the first part of a history that is not linearizable.
func wrongPart(history []porcupine.Operation) string {
	var text strings.Builder
	for _, part := range partition(history) {
		if porcupine.CheckOperationsTimeout(linearModel, part, linearPatience) == porcupine.Ok {
			continue
		}
		slices.SortFunc(part, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
		for _, o := range part {
			fmt.Fprintf(&text, "%8d–%8d µs, client %d: %v → %v\n", o.Call/1000, o.Return/1000, o.ClientId, o.Input, o.Output)
		}
		break
	}
	return text.String()
}

// record runs a round with new threads and returns its history.
func (r Replicas) record(seed uint64, round int) []porcupine.Operation {
	var (
		recording sync.WaitGroup
		histories [linearClients][]porcupine.Operation
	)
	begin := time.Now()
	for n := range linearClients {
		c := &linearClient{
			store: r.Stores[n%len(r.Stores)], replicated: len(r.Stores) > 1, number: n, round: round, begin: begin,
			random: rand.New(rand.NewPCG(seed, uint64(n))),
		}
		recording.Go(func() {
			for range linearCalls {
				c.step()
			}
			histories[n] = c.history
		})
	}
	if r.Disturb != nil {
		stop := make(chan struct{})
		disturbed := make(chan struct{})
		go func() {
			defer close(disturbed)
			for {
				r.Disturb()
				select {
				case <-stop:
					return
				case <-time.After(disturbEvery):
				}
			}
		}()
		defer func() { close(stop); <-disturbed }()
	}
	recording.Wait()
	history := slices.Concat(histories[:]...)
	end := time.Since(begin).Nanoseconds()
	for n := range history {
		if history[n].Output.(answer).unknown {
			history[n].Return = end // it may happen at any later time
		}
	}
	return history
}

// linearClient is a goroutine that calls a store.
type linearClient struct {
	store      storage.Store
	replicated bool // whether Decide is a transaction
	number     int
	round      int
	begin      time.Time
	random     *rand.Rand
	history    []porcupine.Operation
}

// step makes a random call and records it.
func (c *linearClient) step() {
	in := c.next()
	ctx := background
	if c.random.IntN(8) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(c.random.Int64N(int64(2*time.Millisecond))))
		defer cancel()
	}
	from := time.Since(c.begin).Nanoseconds()
	out := c.call(ctx, in)
	until := time.Since(c.begin).Nanoseconds()
	if out.unknown {
		<-time.After(afterUnknown)
	}
	if out.givenUp || out.unknown && in.op.isRead() {
		return // nothing has changed
	}
	c.history = append(c.history, porcupine.Operation{ClientId: c.number, Input: in, Call: from, Output: out, Return: until})
}

// next returns a random call.
func (c *linearClient) next() call {
	in := call{place: c.random.IntN(linearPlaces), question: c.random.IntN(questionsOfPlace), with: -1}
	kinds := []opKind{
		opAccept, opAccept, opAcceptFew, opClaim, opClaim, opClaim, opRequeue, opRequeue, opSetOutcome, opSetOutcome,
		opStopThread, opEnd, opQuestion, opQuestion, opQuestion, opUnfinishedIn, opThread, opFirstTime, opIncrement,
	}
	switch in.op = kinds[c.random.IntN(len(kinds))]; in.op {
	case opAcceptFew:
		if !c.replicated {
			in.op = opAccept
		}
	case opClaim:
		if c.random.IntN(3) == 0 {
			in.with = (in.question + 1 + c.random.IntN(questionsOfPlace-1)) % questionsOfPlace
		}
	case opRequeue:
		in.unknown = c.random.IntN(2) == 0
	case opSetOutcome:
		if c.random.IntN(3) > 0 {
			in.reply = fmt.Sprint("reply ", c.number, ".", len(c.history))
		}
	case opEnd:
		in.end = []storage.State{storage.Delivered, storage.Failed, storage.Cancelled}[c.random.IntN(3)]
	}
	return in
}

// thread returns the thread of a place. The first two are in one channel.
func (c *linearClient) thread(place int) storage.ThreadID {
	return storage.ThreadID{Team: "T1", Channel: fmt.Sprint("C", place/2), Root: fmt.Sprintf("%d.%d0", c.round+1, place)}
}

// message returns the ID of a question of a place. It ends with the question's number.
func (c *linearClient) message(place, question int) storage.MessageID {
	thread := c.thread(place)
	return storage.MessageID{Team: thread.Team, Channel: thread.Channel, TS: fmt.Sprintf("%d.%d%d", c.round+1, place, question)}
}

// call makes a call.
func (c *linearClient) call(ctx context.Context, in call) (out answer) {
	id, thread := c.message(in.place, in.question), c.thread(in.place)
	var err error
	switch in.op {
	case opAccept:
		out.yes, err = c.accept(ctx, c.store, in)
	case opAcceptFew:
		out.yes, err = c.acceptFew(ctx, in)
	case opClaim:
		var with []storage.MessageID
		if in.with >= 0 {
			with = append(with, c.message(in.place, in.with))
		}
		var q storage.Question
		q, err = c.store.Claim(ctx, id, with, at(10))
		out.questions[in.question] = seenOf(q)
	case opRequeue:
		err = c.store.Requeue(ctx, id, time.Time{}, in.unknown)
	case opSetOutcome:
		outcome := storage.Outcome{Failure: storage.FailureInternal}
		if in.reply != "" {
			outcome = storage.Outcome{Reply: &enjo.Reply{Text: in.reply, ConversationID: in.reply}}
		}
		err = c.store.SetOutcome(ctx, id, outcome, at(20))
	case opStopThread:
		var stopped []storage.Question
		stopped, err = c.store.StopThread(ctx, thread)
		out.questions = c.seen(in.place, stopped)
	case opEnd:
		err = c.store.End(ctx, id, in.end, nil, at(30))
	case opFirstTime:
		out.yes, err = c.store.FirstTime(ctx, storage.StopKey(c.message(in.place, 0)), at(0))
	case opIncrement:
		out.n, err = c.store.Increment(ctx, storage.ReactedKey(c.message(in.place, 0)), at(0))
	default:
		out, err = c.read(ctx, in)
	}
	return out.answered(err)
}

// read makes a call that changes nothing.
func (c *linearClient) read(ctx context.Context, in call) (out answer, err error) {
	switch in.op {
	case opQuestion:
		var q storage.Question
		q, err = c.store.Question(ctx, c.message(in.place, in.question))
		out.questions[in.question] = seenOf(q)
	case opUnfinishedIn:
		var unfinished []storage.Question
		unfinished, err = c.store.UnfinishedIn(ctx, c.thread(in.place))
		out.questions = c.seen(in.place, unfinished)
	case opThread:
		var thread storage.Thread
		thread, err = c.store.Thread(ctx, c.thread(in.place))
		out.conversation = thread.Conversation
	}
	return out, err
}

// accept accepts a question.
func (c *linearClient) accept(ctx context.Context, store storage.Store, in call) (bool, error) {
	q := storage.Question{
		ID: c.message(in.place, in.question), Thread: c.thread(in.place), Asker: "U1", Agent: "it", Origin: storage.Mention,
		Text: textOf(in.question), AcceptedAt: at(in.question),
	}
	return store.Accept(ctx, q, threadOf(q))
}

// acceptFew accepts a question unless too many of its thread are unfinished, in one decision.
func (c *linearClient) acceptFew(ctx context.Context, in call) (fresh bool, err error) {
	thread := c.thread(in.place)
	scope := storage.Scope{Team: thread.Team, Channel: thread.Channel, Person: "U1", Questions: []storage.MessageID{c.message(in.place, in.question)}, Threads: []storage.ThreadID{thread}}
	err = c.store.Decide(ctx, scope, func(s storage.Store) error {
		fresh = false
		waiting, err := s.Waiting(ctx, thread, "U1")
		if err != nil || waiting.InThread >= maxFew {
			return err
		}
		fresh, err = c.accept(ctx, s, in)
		return err
	})
	return fresh, err
}

// seen returns what callers see of questions of a place.
func (c *linearClient) seen(place int, questions []storage.Question) (all [questionsOfPlace]seen) {
	for n := range all {
		for _, q := range questions {
			if q.ID == c.message(place, n) {
				all[n] = seenOf(q)
			}
		}
	}
	return all
}
