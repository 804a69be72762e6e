package queue

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// noon is the time at which the tests start.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// asked returns a question that is ready to be taken.
func asked(asker, root string, n int) Entry {
	ts := fmt.Sprintf("17000%05d.000000", n)
	if root == "" {
		root = ts
	}
	return Entry{
		ID:     storage.MessageID{Team: "T1", Channel: "C1", TS: ts},
		Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: root},
		Asker:  asker,
		Ready:  true,
	}
}

// drain takes all available questions, and releases each thread at once.
func drain(q *Queue) []string {
	var order []string
	for {
		taken := q.Take(noon)
		if taken == nil {
			return order
		}
		q.Release(taken[0].Thread)
		together := taken[0].Asker
		for _, e := range taken {
			together += e.ID.TS[7:10]
		}
		order = append(order, together)
	}
}

func TestQueueServesPeopleInARound(t *testing.T) {
	q := New()
	for n := range 4 {
		q.Add(asked("alice", "", n))
	}
	q.Add(asked("bob", "", 4))
	q.Add(asked("carol", "", 5))
	q.Add(asked("bob", "", 6))
	want := []string{"alice000", "bob004", "carol005", "alice001", "bob006", "alice002", "alice003"}
	if diff := cmp.Diff(want, drain(q)); diff != "" {
		t.Error(diff)
	}
}

func TestQueueNeverTakesTwoOfOneThread(t *testing.T) {
	q := New()
	q.Add(asked("alice", "r", 1))
	q.Add(asked("bob", "r", 2))
	first := q.Take(noon)
	if len(first) != 1 || first[0].Asker != "alice" {
		t.Fatalf("took %+v", first)
	}
	if second := q.Take(noon); second != nil {
		t.Errorf("took %+v while its thread is busy", second)
	}
	q.Release(first[0].Thread)
	if second := q.Take(noon); second == nil || second[0].Asker != "bob" {
		t.Errorf("took %+v after the thread was released", second)
	}
}

func TestQueueKeepsTheOrderOfAThread(t *testing.T) {
	q := New()
	late := asked("alice", "r", 1)
	late.Ready = false
	q.Add(late)
	q.Add(asked("bob", "r", 2))
	if taken := q.Take(noon); taken != nil {
		t.Errorf("took %+v before the earlier question of its thread", taken)
	}
	q.Prepared(late.ID, 0)
	if diff := cmp.Diff([]string{"alice001", "bob002"}, drain(q)); diff != "" {
		t.Error(diff)
	}
}

// Ensure that only consecutive messages of one person in one thread are asked together.
func TestQueueTakesTogether(t *testing.T) {
	q := New()
	button := asked("alice", "r", 6)
	button.Alone = true
	for _, e := range []Entry{
		asked("alice", "r", 1), asked("alice", "r", 2), asked("bob", "r", 3), asked("alice", "r", 4), asked("alice", "r", 5), button,
		asked("alice", "", 7),
	} {
		q.Add(e)
	}
	want := []string{"alice001002", "bob003", "alice004005", "alice006", "alice007"}
	if diff := cmp.Diff(want, drain(q)); diff != "" {
		t.Error(diff)
	}
}

// Ensure that 300 questions in one channel, from any number of people, delay a single
// question elsewhere by at most two calls.
func TestQueueStorm(t *testing.T) {
	for _, people := range []int{1, 3, 60, 300} {
		q := New()
		for n := range 300 {
			q.Add(asked(fmt.Sprint("storm", n%people), "", n))
		}
		elsewhere := asked("alice", "", 300)
		elsewhere.ID.Channel = "D1"
		q.Add(elsewhere)
		if ahead := slices.Index(drain(q), "alice300"); ahead > 2 {
			t.Errorf("a storm of %d people took %d calls before somebody else's question", people, ahead)
		}
	}
}

func TestQueueLeavesOutAgentsThatAreDown(t *testing.T) {
	q := New()
	down := asked("alice", "", 1)
	down.Agent = "hr"
	q.Add(down)
	q.Add(asked("bob", "", 2))
	q.CloseUntil("hr", noon.Add(30*time.Second))
	if diff := cmp.Diff([]string{"bob002"}, drain(q)); diff != "" {
		t.Error(diff)
	}
	if e, at := q.Next(noon); e != nil || !at.Equal(noon.Add(30*time.Second)) {
		t.Errorf("got %+v, %v", e, at)
	}
}

func TestQueueWaitsForBackOff(t *testing.T) {
	q := New()
	later := asked("alice", "", 1)
	later.NotBefore = noon.Add(time.Minute)
	q.Add(later)
	if e, at := q.Next(noon); e != nil || !at.Equal(later.NotBefore) {
		t.Errorf("got %+v, %v", e, at)
	}
	if e, _ := q.Next(noon.Add(time.Minute)); e == nil {
		t.Error("the question cannot be taken after its time")
	}
}

// Ensure that a thread that several questions hold is free only when the last one has released it:
// after a restart, the outcomes of more than one can be delivered.
func TestQueueHoldsForEach(t *testing.T) {
	q, waiting := New(), asked("a", "root", 1)
	q.Hold(waiting.Thread)
	q.Hold(waiting.Thread)
	q.Add(waiting)
	q.Release(waiting.Thread)
	if taken := q.Take(noon); len(taken) > 0 || !q.Holds(waiting.Thread) {
		t.Errorf("after one release, %v is taken", taken)
	}
	q.Release(waiting.Thread)
	if taken := q.Take(noon); len(taken) != 1 {
		t.Errorf("after both releases, %v is taken", taken)
	}
}

// laws is a queue, and what the test knows about it.
type laws struct {
	queue  *Queue
	queued map[storage.MessageID]Entry
	held   map[storage.ThreadID]bool
	passed map[storage.MessageID]int // how often other questions were taken first
	n      int                       // questions so far
}

// Ensure that after any operations every question is taken once, nobody is passed over
// for a whole round, and no thread is taken twice at the same time.
func TestQueueLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &laws{
			queue: New(), queued: make(map[storage.MessageID]Entry), held: make(map[storage.ThreadID]bool),
			passed: make(map[storage.MessageID]int),
		}
		t.Repeat(map[string]func(*rapid.T){
			"join": l.join,
			"take": l.take,
			"release": func(*rapid.T) {
				for thread := range l.held {
					l.queue.Release(thread)
					delete(l.held, thread)
				}
			},
			"remove": l.remove,
			"": func(t *rapid.T) {
				if _, _, total := l.queue.Depth(storage.ThreadID{}, ""); total != len(l.queued) {
					t.Fatalf("%d in the queue, want %d", total, len(l.queued))
				}
				if positions := positionsIn(l.queue); len(positions) != len(l.queued) {
					t.Fatalf("%d of %d have a position", len(positions), len(l.queued))
				}
			},
		})
	})
}

func (l *laws) join(t *rapid.T) {
	root := rapid.SampledFrom([]string{"", "", "r1", "r2"}).Draw(t, "root")
	e := asked(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "asker"), root, l.n)
	l.n++
	positions := positionsIn(l.queue)
	l.queue.Add(e)
	l.queue.Add(e)
	neverMovesBack(t, positions, positionsIn(l.queue))
	l.queued[e.ID] = e
}

func (l *laws) take(t *rapid.T) {
	positions := positionsIn(l.queue)
	taken := l.queue.Take(noon)
	if len(taken) == 0 {
		return
	}
	for _, e := range taken[1:] {
		delete(l.queued, e.ID)
	}
	e := taken[0]
	if _, there := l.queued[e.ID]; !there || l.held[e.Thread] {
		t.Fatalf("took %v, in the queue %v, thread held %v", e.ID, there, l.held[e.Thread])
	}
	neverMovesBack(t, positions, positionsIn(l.queue))
	delete(l.queued, e.ID)
	l.held[e.Thread] = true
	for id, other := range l.queued {
		if other.Thread == e.Thread && slackevent.CompareTS(id.TS, e.ID.TS) < 0 {
			t.Fatalf("took %v before the earlier %v of its thread", e.ID, id)
		}
		// It is alone in its thread and its asker's only question: only the round delays
		// it.
		if other.Asker == e.Asker || other.Thread.Root != id.TS || !onlyOne(l.queued, other.Asker) {
			l.passed[id] = 0
		} else if l.passed[id]++; l.passed[id] > 2 {
			t.Fatalf("%v of %s, who asked nothing else, was passed over %d times by 2 others", id, other.Asker, l.passed[id])
		}
	}
}

func (l *laws) remove(t *rapid.T) {
	if len(l.queued) == 0 {
		t.Skip()
	}
	ids := slices.SortedFunc(maps.Keys(l.queued), func(a, b storage.MessageID) int { return slackevent.CompareTS(a.TS, b.TS) })
	id := rapid.SampledFrom(ids).Draw(t, "id")
	if !l.queue.Remove(id) || l.queue.Remove(id) {
		t.Fatalf("%v was not removed once", id)
	}
	delete(l.queued, id)
}

// onlyOne reports whether the asker has one question in the queue.
func onlyOne(queued map[storage.MessageID]Entry, asker string) bool {
	n := 0
	for _, e := range queued {
		if e.Asker == asker {
			n++
		}
	}
	return n == 1
}

// positionsIn returns the positions of all questions in the queue.
func positionsIn(q *Queue) map[storage.MessageID]Position {
	found := make(map[storage.MessageID]Position)
	for e, at := range q.Positions() {
		found[e.ID] = at
	}
	return found
}

// neverMovesBack fails the test if a position moves back after it could have been shown.
func neverMovesBack(t *rapid.T, before, after map[storage.MessageID]Position) {
	for id, was := range before {
		is, there := after[id]
		if there && is.Behind == was.Behind && is.Ahead > was.Ahead {
			t.Fatalf("%v was behind %d of its %s, and is behind %d", id, was.Ahead, was.Behind, is.Ahead)
		}
	}
}

// Ensure that a question holds up the questions of other threads that come after it, from
// its arrival to its end, and nothing else.
func TestQueueHoldsUpOtherThreads(t *testing.T) {
	q := New()
	last := asked("alice", "", 2)
	first := asked("alice", "", 1).Thread
	last.NotBefore, last.Before = noon.Add(time.Second), []storage.ThreadID{first}
	q.Add(last)
	q.Add(asked("alice", first.Root, 3))
	q.Add(asked("bob", "", 4))
	if inThread, _, _ := q.Depth(first, "alice"); inThread != 1 {
		t.Errorf("%d questions of the other thread are unfinished, want 1", inThread)
	}
	if diff := cmp.Diff([]string{"bob004"}, drain(q)); diff != "" {
		t.Errorf("while it pauses (-want +got):\n%s", diff)
	}
	taken := q.Take(noon.Add(time.Second))
	if len(taken) != 1 || taken[0].ID != last.ID {
		t.Fatalf("took %+v, want the question that comes first", taken)
	}
	q.Release(last.Thread)
	if diff := cmp.Diff([]string(nil), drain(q)); diff != "" {
		t.Errorf("while it is asked (-want +got):\n%s", diff)
	}
	q.End(taken[0])
	if diff := cmp.Diff([]string{"alice003"}, drain(q)); diff != "" {
		t.Errorf("after its end (-want +got):\n%s", diff)
	}

	// Ensure that a removed question holds up nothing.
	q.Add(last)
	q.Add(asked("alice", first.Root, 3))
	q.Remove(last.ID)
	if diff := cmp.Diff([]string{"alice003"}, drain(q)); diff != "" {
		t.Errorf("after its removal (-want +got):\n%s", diff)
	}
}
