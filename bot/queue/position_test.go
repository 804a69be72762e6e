package queue

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"enjobridge/storage"
)

// both is a line and the reference for it, to which the same happens.
type both struct {
	line *Queue
	ref  *reference
	now  time.Time
	// apart says that each question has a thread to itself, and each person a channel.
	apart bool
}

// Ensure that the line orders questions as the reference does, and that positions
// are those of the reference, whatever happens.
func TestLineOrdersAsTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &both{line: New(), ref: newReference(), now: noon, apart: rapid.Bool().Draw(t, "apart")}
		t.Repeat(map[string]func(*rapid.T){
			"add":     b.add,
			"take":    b.take,
			"release": b.release,
			"remove":  b.remove,
			"prepare": b.prepare,
			"close": func(t *rapid.T) {
				until := b.now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "for")) * time.Second)
				b.line.CloseUntil("hr", until)
				b.ref.closed["hr"] = until
			},
			"open": func(*rapid.T) {
				b.line.Open("hr")
				delete(b.ref.closed, "hr")
			},
			"pass time": func(*rapid.T) { b.now = b.now.Add(time.Second) },
			"":          b.check,
		})
	})
}

// add lets people ask some questions, of which some come late.
func (b *both) add(t *rapid.T) {
	for range rapid.IntRange(1, 12).Draw(t, "questions") {
		n := rapid.IntRange(0, 7).Draw(t, "person")
		w := asked(fmt.Sprint("U", n), "", rapid.IntRange(0, 999).Draw(t, "ts"))
		w.ID.Channel = []string{"C1", "C1", "C1", "C1", "C1", "C2", "C2", "D1"}[n]
		w.Ready = rapid.IntRange(0, 3).Draw(t, "ready") > 0
		if !b.apart {
			w.ID.Channel = rapid.SampledFrom([]string{w.ID.Channel, w.ID.Channel, "C1", "C2"}).Draw(t, "channel")
			w.Thread.Root = rapid.SampledFrom([]string{w.Thread.Root, "r1", "r2"}).Draw(t, "root")
			w.Alone = rapid.IntRange(0, 4).Draw(t, "alone") == 0
		}
		w.Thread.Channel = w.ID.Channel
		w.Agent = rapid.SampledFrom([]string{"it", "it", "hr"}).Draw(t, "agent")
		w.NotBefore = b.now.Add(time.Duration(rapid.IntRange(-5, 2).Draw(t, "back-off")) * time.Second)
		b.line.Add(w)
		b.ref.join(w)
	}
}

func (b *both) take(t *rapid.T) {
	got, want := b.line.Take(b.now), b.ref.take(b.now)
	if !slices.Equal(got, want) {
		t.Fatalf("took %+v, want %+v", got, want)
	}
	if len(got) > 0 && (b.apart || rapid.Bool().Draw(t, "at once")) {
		b.line.Release(got[0].Thread)
		b.ref.release(got[0].Thread)
	}
}

func (b *both) release(*rapid.T) {
	for thread := range b.ref.busy {
		b.line.Release(thread)
		b.ref.release(thread)
	}
}

// drawn returns one of the questions in line.
func (b *both) drawn(t *rapid.T) storage.MessageID {
	ids := slices.SortedFunc(maps.Keys(b.ref.ids), func(a, b storage.MessageID) int { return cmp.Compare(a.String(), b.String()) })
	if len(ids) == 0 {
		t.Skip()
	}
	return rapid.SampledFrom(ids).Draw(t, "id")
}

func (b *both) remove(t *rapid.T) {
	id := b.drawn(t)
	if !b.line.Remove(id) || !b.ref.remove(id) || b.line.Remove(id) {
		t.Fatalf("%v was not removed once", id)
	}
}

// prepare prepares a question, edited before that or not.
func (b *both) prepare(t *rapid.T) {
	id := b.drawn(t)
	edits := b.ref.ids[id].edits
	if rapid.Bool().Draw(t, "edited") {
		edits = b.ref.edited(id)
		if got := b.line.Edited(id); got != edits {
			t.Fatalf("%v was edited %d times, want %d", id, got, edits)
		}
	}
	if rapid.Bool().Draw(t, "prepared") && (!b.line.Prepared(id, edits) || !b.ref.prepared(id, edits)) {
		t.Fatalf("what %v is asked as is of no use", id)
	}
}

func (b *both) check(t *rapid.T) {
	next, later := b.line.Next(b.now)
	wantNext, wantLater := b.ref.next(b.now)
	if (next == nil) != (wantNext == nil) || next != nil && *next != *wantNext || !later.Equal(wantLater) {
		t.Fatalf("next is %+v from %v, want %+v from %v", next, later, wantNext, wantLater)
	}
	positions, places, first := positionsIn(b.line), b.ref.places(), b.ref.firstCalls()
	if len(positions) != len(places) {
		t.Fatalf("%d questions have a position, want %d", len(positions), len(places))
	}
	if people := len(b.line.people); len(b.line.channels) > people || people > len(places) || len(b.line.threads) > len(places) {
		t.Fatalf("%d channels, %d people and %d threads are kept for %d questions", len(b.line.channels), people, len(b.line.threads), len(places))
	}
	for id, want := range places {
		got, there := b.line.Position(id)
		if !there || got != positions[id] || got.Ahead != want.Ahead || got.Behind != want.Behind {
			t.Fatalf("%v has the position %+v, among all %+v, want %+v", id, got, positions[id], want)
		}
		w := b.ref.ids[id]
		if leads := b.ref.threads[w.Thread][0] == w; b.line.Leads(id) != leads || !b.line.Has(id) {
			t.Fatalf("%v leads its thread: %v", id, !leads)
		}
		switch {
		case got.Calls < 0 || got.Calls >= len(places):
			t.Fatalf("%d calls are before %v of %d questions", got.Calls, id, len(places))
		case got.Behind == BehindRound && (got.Calls != got.Ahead || first[w.Asker] > got.Calls):
			t.Fatalf("%v of %s is told %+v, and the turn comes after %d calls", id, w.Asker, got, first[w.Asker])
		case b.apart && (want.Calls > got.Calls || got.Behind == BehindRound && want.Calls != got.Calls):
			t.Fatalf("%v is told %+v, and is asked after %d calls", id, got, want.Calls)
		}
	}
}

// firstCalls returns how many calls come before the next one of each person,
// if all can be asked but those in threads that are held now.
func (l *reference) firstCalls() map[string]int {
	rest := l.copy()
	rest.busy = maps.Clone(l.busy)
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

// BenchmarkQueue measures how long it takes to put a question in line and tell its
// position while so many wait, to tell all positions, and what the reference takes
// for both.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{500, 5000} {
		l, ref := New(), newReference()
		for i := range n {
			// Half of the people, with three questions each, ask in ten channels, the others in their DMs.
			person := i % (n/3 + 1)
			w := asked(fmt.Sprint("U", person), "", i)
			w.ID.Channel = fmt.Sprint("D", person)
			if person%2 == 0 {
				w.ID.Channel = fmt.Sprint("C", person%20)
			}
			l.Add(w)
			ref.join(w)
		}
		w := asked("somebody", "", n)
		b.Run(fmt.Sprint("one of ", n), func(b *testing.B) {
			for b.Loop() {
				l.Add(w)
				l.Position(w.ID)
				l.Remove(w.ID)
			}
		})
		b.Run(fmt.Sprint("all of ", n), func(b *testing.B) {
			for b.Loop() {
				for range l.Positions() {
				}
			}
		})
		b.Run(fmt.Sprint("reference of ", n), func(b *testing.B) {
			for b.Loop() {
				ref.join(w)
				ref.places()
				ref.remove(w.ID)
			}
		})
	}
}
