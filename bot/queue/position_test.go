package queue

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"enjobridge/storage"
)

// both is a queue and the reference for it, with the same operations applied to each.
type both struct {
	queue *Queue
	ref   *reference
	now   time.Time
	// apart is true if each question has a separate thread, and each person a separate
	// channel.
	apart bool
}

// Ensure that the queue orders questions as the reference does, and returns the same
// positions, after any operations.
func TestQueueOrdersAsTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &both{queue: New(), ref: newReference(), now: noon, apart: rapid.Bool().Draw(t, "apart")}
		t.Repeat(map[string]func(*rapid.T){
			"add":     b.add,
			"take":    b.take,
			"release": b.release,
			"remove":  b.remove,
			"prepare": b.prepare,
			"close": func(t *rapid.T) {
				until := b.now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "for")) * time.Second)
				b.queue.CloseUntil("hr", until)
				b.ref.closed["hr"] = until
			},
			"open": func(*rapid.T) {
				b.queue.Open("hr")
				delete(b.ref.closed, "hr")
			},
			"pass time": func(*rapid.T) { b.now = b.now.Add(time.Second) },
			"":          b.check,
		})
	})
}

// add lets people ask some questions, some of which arrive late.
func (b *both) add(t *rapid.T) {
	for range rapid.IntRange(1, 12).Draw(t, "questions") {
		n := rapid.IntRange(0, 7).Draw(t, "person")
		e := asked(fmt.Sprint("U", n), "", rapid.IntRange(0, 999).Draw(t, "ts"))
		e.ID.Channel = []string{"C1", "C1", "C1", "C1", "C1", "C2", "C2", "D1"}[n]
		e.Ready = rapid.IntRange(0, 3).Draw(t, "ready") > 0
		if !b.apart {
			e.ID.Channel = rapid.SampledFrom([]string{e.ID.Channel, e.ID.Channel, "C1", "C2"}).Draw(t, "channel")
			e.Thread.Root = rapid.SampledFrom([]string{e.Thread.Root, "r1", "r2"}).Draw(t, "root")
			e.Alone = rapid.IntRange(0, 4).Draw(t, "alone") == 0
		}
		e.Thread.Channel = e.ID.Channel
		e.Agent = rapid.SampledFrom([]string{"it", "it", "hr"}).Draw(t, "agent")
		e.NotBefore = b.now.Add(time.Duration(rapid.IntRange(-5, 2).Draw(t, "back-off")) * time.Second)
		b.queue.Add(e)
		b.ref.join(e)
	}
}

func (b *both) take(t *rapid.T) {
	got, want := b.queue.Take(b.now), b.ref.take(b.now)
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("took %+v, want %+v", got, want)
	}
	if len(got) > 0 && (b.apart || rapid.Bool().Draw(t, "at once")) {
		b.queue.Release(got[0].Thread)
		b.ref.release(got[0].Thread)
	}
}

func (b *both) release(*rapid.T) {
	for thread := range b.ref.busy {
		b.queue.Release(thread)
		b.ref.release(thread)
	}
}

// drawn returns one of the questions in the queue.
func (b *both) drawn(t *rapid.T) storage.MessageID {
	ids := slices.SortedFunc(maps.Keys(b.ref.ids), func(a, b storage.MessageID) int { return cmp.Compare(a.String(), b.String()) })
	if len(ids) == 0 {
		t.Skip()
	}
	return rapid.SampledFrom(ids).Draw(t, "id")
}

func (b *both) remove(t *rapid.T) {
	id := b.drawn(t)
	if !b.queue.Remove(id) || !b.ref.remove(id) || b.queue.Remove(id) {
		t.Fatalf("%v was not removed once", id)
	}
}

// prepare prepares a question, possibly edited before.
func (b *both) prepare(t *rapid.T) {
	id := b.drawn(t)
	edits := b.ref.ids[id].edits
	if rapid.Bool().Draw(t, "edited") {
		edits = b.ref.edited(id)
		if got := b.queue.Edited(id); got != edits {
			t.Fatalf("%v was edited %d times, want %d", id, got, edits)
		}
	}
	if rapid.Bool().Draw(t, "prepared") && (!b.queue.Prepared(id, edits) || !b.ref.prepared(id, edits)) {
		t.Fatalf("the prepared text of %v is not used", id)
	}
}

func (b *both) check(t *rapid.T) {
	next, later := b.queue.Next(b.now)
	wantNext, wantLater := b.ref.next(b.now)
	if (next == nil) != (wantNext == nil) || next != nil && !reflect.DeepEqual(next, wantNext) || !later.Equal(wantLater) {
		t.Fatalf("next is %+v from %v, want %+v from %v", next, later, wantNext, wantLater)
	}
	positions, wants, first := positionsIn(b.queue), b.ref.positions(), b.ref.firstCalls()
	if len(positions) != len(wants) {
		t.Fatalf("%d questions have a position, want %d", len(positions), len(wants))
	}
	if people := len(b.queue.people); len(b.queue.channels) > people || people > len(wants) || len(b.queue.threads) > len(wants) {
		t.Fatalf("%d channels, %d people and %d threads are stored for %d questions", len(b.queue.channels), people, len(b.queue.threads), len(wants))
	}
	for id, want := range wants {
		got, there := b.queue.Position(id)
		if !there || got != positions[id] || got.Ahead != want.Ahead || got.Behind != want.Behind {
			t.Fatalf("%v has the position %+v, among all %+v, want %+v", id, got, positions[id], want)
		}
		e := b.ref.ids[id]
		if leads := b.ref.threads[e.Thread][0] == e; b.queue.Leads(id) != leads || !b.queue.Has(id) {
			t.Fatalf("%v leads its thread: %v", id, !leads)
		}
		switch {
		case got.Calls < 0 || got.Calls >= len(wants):
			t.Fatalf("%d calls come before %v of %d questions", got.Calls, id, len(wants))
		case got.Behind == BehindRound && (got.Calls != got.Ahead || first[e.Asker] > got.Calls):
			t.Fatalf("%v of %s has the position %+v, and the person's next call comes after %d calls", id, e.Asker, got, first[e.Asker])
		case b.apart && (want.Calls > got.Calls || got.Behind == BehindRound && want.Calls != got.Calls):
			t.Fatalf("%v has the position %+v, and is asked after %d calls", id, got, want.Calls)
		}
	}
}

// firstCalls returns how many calls come before each person's next one, if all questions
// can be asked except those in threads that are held now.
func (q *reference) firstCalls() map[string]int {
	rest := q.copy()
	rest.busy = maps.Clone(q.busy)
	first := make(map[string]int)
	for n := 0; ; n++ {
		taken := rest.take(time.Time{})
		if taken == nil {
			return first
		}
		if _, had := first[taken[0].Asker]; !had {
			first[taken[0].Asker] = n
		}
		rest.release(taken[0].Thread)
	}
}

// BenchmarkQueue measures how long it takes to add a question and get its position while
// so many wait, to get all positions, and how long the reference takes for both.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{500, 5000} {
		q, ref := New(), newReference()
		for i := range n {
			// Half of the people, with three questions each, ask in ten channels, the
			// others in DMs.
			person := i % (n/3 + 1)
			e := asked(fmt.Sprint("U", person), "", i)
			e.ID.Channel = fmt.Sprint("D", person)
			if person%2 == 0 {
				e.ID.Channel = fmt.Sprint("C", person%20)
			}
			q.Add(e)
			ref.join(e)
		}
		e := asked("somebody", "", n)
		b.Run(fmt.Sprint("one of ", n), func(b *testing.B) {
			for b.Loop() {
				q.Add(e)
				q.Position(e.ID)
				q.Remove(e.ID)
			}
		})
		b.Run(fmt.Sprint("all of ", n), func(b *testing.B) {
			for b.Loop() {
				for range q.Positions() {
				}
			}
		})
		b.Run(fmt.Sprint("reference of ", n), func(b *testing.B) {
			for b.Loop() {
				ref.join(e)
				ref.positions()
				ref.remove(e.ID)
			}
		})
	}
}
