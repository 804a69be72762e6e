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

// asked is a question in line, ready to be taken.
// noon is the time of the tests.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

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

// drain takes all that can be taken, each thread free again at once.
func drain(l *Queue) []string {
	var order []string
	for {
		taken := l.Take(noon)
		if taken == nil {
			return order
		}
		l.Release(taken[0].Thread)
		together := taken[0].Asker
		for _, w := range taken {
			together += w.ID.TS[7:10]
		}
		order = append(order, together)
	}
}

func TestLineTakesPeopleInTurns(t *testing.T) {
	l := New()
	for n := range 4 {
		l.Add(asked("alice", "", n))
	}
	l.Add(asked("bob", "", 4))
	l.Add(asked("carol", "", 5))
	l.Add(asked("bob", "", 6))
	want := []string{"alice000", "bob004", "carol005", "alice001", "bob006", "alice002", "alice003"}
	if diff := cmp.Diff(want, drain(l)); diff != "" {
		t.Error(diff)
	}
}

func TestLineNeverTakesTwoOfOneThread(t *testing.T) {
	l := New()
	l.Add(asked("alice", "r", 1))
	l.Add(asked("bob", "r", 2))
	first := l.Take(noon)
	if len(first) != 1 || first[0].Asker != "alice" {
		t.Fatalf("took %+v", first)
	}
	if second := l.Take(noon); second != nil {
		t.Errorf("took %+v while its thread is busy", second)
	}
	l.Release(first[0].Thread)
	if second := l.Take(noon); second == nil || second[0].Asker != "bob" {
		t.Errorf("took %+v after the thread was released", second)
	}
}

func TestLineKeepsTheOrderOfAThread(t *testing.T) {
	l := New()
	late := asked("alice", "r", 1)
	late.Ready = false
	l.Add(late)
	l.Add(asked("bob", "r", 2))
	if taken := l.Take(noon); taken != nil {
		t.Errorf("took %+v before the earlier question of its thread", taken)
	}
	l.Prepared(late.ID, 0)
	if diff := cmp.Diff([]string{"alice001", "bob002"}, drain(l)); diff != "" {
		t.Error(diff)
	}
}

// Ensure that what one person asks in a row in one thread is asked together,
// and nothing else is.
func TestLineTakesTogether(t *testing.T) {
	l := New()
	button := asked("alice", "r", 6)
	button.Alone = true
	for _, w := range []Entry{
		asked("alice", "r", 1), asked("alice", "r", 2), asked("bob", "r", 3), asked("alice", "r", 4), asked("alice", "r", 5), button,
		asked("alice", "", 7),
	} {
		l.Add(w)
	}
	want := []string{"alice001002", "bob003", "alice004005", "alice006", "alice007"}
	if diff := cmp.Diff(want, drain(l)); diff != "" {
		t.Error(diff)
	}
}

// Ensure that 300 questions in one channel, of however many people, delay
// somebody's single question elsewhere by at most two slots.
func TestLineStorm(t *testing.T) {
	for _, people := range []int{1, 3, 60, 300} {
		l := New()
		for n := range 300 {
			l.Add(asked(fmt.Sprint("storm", n%people), "", n))
		}
		elsewhere := asked("alice", "", 300)
		elsewhere.ID.Channel = "D1"
		l.Add(elsewhere)
		if ahead := slices.Index(drain(l), "alice300"); ahead > 2 {
			t.Errorf("a storm of %d people took %d slots before somebody else's question", people, ahead)
		}
	}
}

func TestLineLeavesOutAgentsThatAreDown(t *testing.T) {
	l := New()
	down := asked("alice", "", 1)
	down.Agent = "hr"
	l.Add(down)
	l.Add(asked("bob", "", 2))
	l.CloseUntil("hr", noon.Add(30*time.Second))
	if diff := cmp.Diff([]string{"bob002"}, drain(l)); diff != "" {
		t.Error(diff)
	}
	if w, at := l.Next(noon); w != nil || !at.Equal(noon.Add(30*time.Second)) {
		t.Errorf("got %+v, %v", w, at)
	}
}

func TestLineWaitsForBackOff(t *testing.T) {
	l := New()
	later := asked("alice", "", 1)
	later.NotBefore = noon.Add(time.Minute)
	l.Add(later)
	if w, at := l.Next(noon); w != nil || !at.Equal(later.NotBefore) {
		t.Errorf("got %+v, %v", w, at)
	}
	if w, _ := l.Next(noon.Add(time.Minute)); w == nil {
		t.Error("the question is not to be had after its time")
	}
}

// Ensure that whatever joins, leaves and is taken: every question is taken
// once, nobody is passed over for a whole round, and no thread is taken twice
// at a time.
func TestLineLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := New()
		inLine := map[storage.MessageID]Entry{}
		held := map[storage.ThreadID]bool{}
		passed := map[storage.MessageID]int{}
		n := 0
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				root := rapid.SampledFrom([]string{"", "", "r1", "r2"}).Draw(t, "root")
				w := asked(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "asker"), root, n)
				n++
				positions := positionsIn(l)
				l.Add(w)
				l.Add(w)
				neverBack(t, positions, positionsIn(l))
				inLine[w.ID] = w
			},
			"take": func(t *rapid.T) {
				positions := positionsIn(l)
				taken := l.Take(noon)
				if len(taken) == 0 {
					return
				}
				for _, w := range taken[1:] {
					delete(inLine, w.ID)
				}
				w := taken[0]
				if _, there := inLine[w.ID]; !there || held[w.Thread] {
					t.Fatalf("took %v, in line %v, thread held %v", w.ID, there, held[w.Thread])
				}
				neverBack(t, positions, positionsIn(l))
				delete(inLine, w.ID)
				held[w.Thread] = true
				for id, other := range inLine {
					if other.Thread == w.Thread && slackevent.CompareTS(id.TS, w.ID.TS) < 0 {
						t.Fatalf("took %v before the earlier %v of its thread", w.ID, id)
					}
					// Alone in its thread and its asker's only one: nothing but turns holds it back.
					if other.Asker == w.Asker || other.Thread.Root != id.TS || !onlyOne(inLine, other.Asker) {
						passed[id] = 0
					} else if passed[id]++; passed[id] > 2 {
						t.Fatalf("%v of %s, who asked nothing else, was passed over %d times by 2 others", id, other.Asker, passed[id])
					}
				}
			},
			"release": func(t *rapid.T) {
				for thread := range held {
					l.Release(thread)
					delete(held, thread)
				}
			},
			"remove": func(t *rapid.T) {
				if len(inLine) == 0 {
					t.Skip()
				}
				ids := slices.SortedFunc(maps.Keys(inLine), func(a, b storage.MessageID) int { return slackevent.CompareTS(a.TS, b.TS) })
				id := rapid.SampledFrom(ids).Draw(t, "id")
				if !l.Remove(id) || l.Remove(id) {
					t.Fatalf("%v was not removed once", id)
				}
				delete(inLine, id)
			},
			"": func(t *rapid.T) {
				if _, _, total := l.Depth(storage.ThreadID{}, ""); total != len(inLine) {
					t.Fatalf("%d in line, want %d", total, len(inLine))
				}
				if positions := positionsIn(l); len(positions) != len(inLine) {
					t.Fatalf("%d of %d have a position", len(positions), len(inLine))
				}
			},
		})
	})
}

// onlyOne reports whether the asker has one question in line.
func onlyOne(inLine map[storage.MessageID]Entry, asker string) bool {
	n := 0
	for _, w := range inLine {
		if w.Asker == asker {
			n++
		}
	}
	return n == 1
}

// positionsIn returns the positions of all questions in line.
func positionsIn(l *Queue) map[storage.MessageID]Position {
	found := make(map[storage.MessageID]Position)
	for w, at := range l.Positions() {
		found[w.ID] = at
	}
	return found
}

// neverBack fails the test if a place that could have been told moved back.
func neverBack(t *rapid.T, before, after map[storage.MessageID]Position) {
	for id, was := range before {
		is, there := after[id]
		if there && is.Behind == was.Behind && is.Ahead > was.Ahead {
			t.Fatalf("%v was behind %d of its %s, and is behind %d", id, was.Ahead, was.Behind, is.Ahead)
		}
	}
}
