package bot

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
func asked(asker, root string, n int) waiting {
	ts := fmt.Sprintf("17000%05d.000000", n)
	if root == "" {
		root = ts
	}
	return waiting{
		id:     storage.MessageID{Team: "T1", Channel: "C1", TS: ts},
		thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: root},
		asker:  asker,
		ready:  true,
	}
}

// drain takes all that can be taken, each thread free again at once.
func drain(l *line) []string {
	var order []string
	for {
		taken := l.take(noon)
		if taken == nil {
			return order
		}
		l.release(taken[0].thread)
		together := taken[0].asker
		for _, w := range taken {
			together += w.id.TS[7:10]
		}
		order = append(order, together)
	}
}

func TestLineTakesPeopleInTurns(t *testing.T) {
	l := newLine()
	for n := range 4 {
		l.add(asked("alice", "", n))
	}
	l.add(asked("bob", "", 4))
	l.add(asked("carol", "", 5))
	l.add(asked("bob", "", 6))
	want := []string{"alice000", "bob004", "carol005", "alice001", "bob006", "alice002", "alice003"}
	if diff := cmp.Diff(want, drain(l)); diff != "" {
		t.Error(diff)
	}
}

func TestLineNeverTakesTwoOfOneThread(t *testing.T) {
	l := newLine()
	l.add(asked("alice", "r", 1))
	l.add(asked("bob", "r", 2))
	first := l.take(noon)
	if len(first) != 1 || first[0].asker != "alice" {
		t.Fatalf("took %+v", first)
	}
	if second := l.take(noon); second != nil {
		t.Errorf("took %+v while its thread is busy", second)
	}
	l.release(first[0].thread)
	if second := l.take(noon); second == nil || second[0].asker != "bob" {
		t.Errorf("took %+v after the thread was released", second)
	}
}

func TestLineKeepsTheOrderOfAThread(t *testing.T) {
	l := newLine()
	late := asked("alice", "r", 1)
	late.ready = false
	l.add(late)
	l.add(asked("bob", "r", 2))
	if taken := l.take(noon); taken != nil {
		t.Errorf("took %+v before the earlier question of its thread", taken)
	}
	l.prepared(late.id, 0)
	if diff := cmp.Diff([]string{"alice001", "bob002"}, drain(l)); diff != "" {
		t.Error(diff)
	}
}

// Ensure that what one person asks in a row in one thread is asked together,
// and nothing else is.
func TestLineTakesTogether(t *testing.T) {
	l := newLine()
	button := asked("alice", "r", 6)
	button.alone = true
	for _, w := range []waiting{
		asked("alice", "r", 1), asked("alice", "r", 2), asked("bob", "r", 3), asked("alice", "r", 4), asked("alice", "r", 5), button,
		asked("alice", "", 7),
	} {
		l.add(w)
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
		l := newLine()
		for n := range 300 {
			l.add(asked(fmt.Sprint("storm", n%people), "", n))
		}
		elsewhere := asked("alice", "", 300)
		elsewhere.id.Channel = "D1"
		l.add(elsewhere)
		if ahead := slices.Index(drain(l), "alice300"); ahead > 2 {
			t.Errorf("a storm of %d people took %d slots before somebody else's question", people, ahead)
		}
	}
}

func TestLineLeavesOutAgentsThatAreDown(t *testing.T) {
	l := newLine()
	down := asked("alice", "", 1)
	down.agent = "hr"
	l.add(down)
	l.add(asked("bob", "", 2))
	l.closeUntil("hr", noon.Add(30*time.Second))
	if diff := cmp.Diff([]string{"bob002"}, drain(l)); diff != "" {
		t.Error(diff)
	}
	if w, at := l.next(noon); w != nil || !at.Equal(noon.Add(30*time.Second)) {
		t.Errorf("got %+v, %v", w, at)
	}
}

func TestLineWaitsForBackOff(t *testing.T) {
	l := newLine()
	later := asked("alice", "", 1)
	later.notBefore = noon.Add(time.Minute)
	l.add(later)
	if w, at := l.next(noon); w != nil || !at.Equal(later.notBefore) {
		t.Errorf("got %+v, %v", w, at)
	}
	if w, _ := l.next(noon.Add(time.Minute)); w == nil {
		t.Error("the question is not to be had after its time")
	}
}

// Ensure that whatever joins, leaves and is taken: every question is taken
// once, nobody is passed over for a whole round, and no thread is taken twice
// at a time.
func TestLineLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLine()
		inLine := map[storage.MessageID]waiting{}
		held := map[storage.ThreadID]bool{}
		passed := map[storage.MessageID]int{}
		n := 0
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				root := rapid.SampledFrom([]string{"", "", "r1", "r2"}).Draw(t, "root")
				w := asked(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "asker"), root, n)
				n++
				positions := positionsIn(l)
				l.add(w)
				l.add(w)
				neverBack(t, positions, positionsIn(l))
				inLine[w.id] = w
			},
			"take": func(t *rapid.T) {
				positions := positionsIn(l)
				taken := l.take(noon)
				if len(taken) == 0 {
					return
				}
				for _, w := range taken[1:] {
					delete(inLine, w.id)
				}
				w := taken[0]
				if _, there := inLine[w.id]; !there || held[w.thread] {
					t.Fatalf("took %v, in line %v, thread held %v", w.id, there, held[w.thread])
				}
				neverBack(t, positions, positionsIn(l))
				delete(inLine, w.id)
				held[w.thread] = true
				for id, other := range inLine {
					if other.thread == w.thread && slackevent.CompareTS(id.TS, w.id.TS) < 0 {
						t.Fatalf("took %v before the earlier %v of its thread", w.id, id)
					}
					// Alone in its thread and its asker's only one: nothing but turns holds it back.
					if other.asker == w.asker || other.thread.Root != id.TS || !onlyOne(inLine, other.asker) {
						passed[id] = 0
					} else if passed[id]++; passed[id] > 2 {
						t.Fatalf("%v of %s, who asked nothing else, was passed over %d times by 2 others", id, other.asker, passed[id])
					}
				}
			},
			"release": func(t *rapid.T) {
				for thread := range held {
					l.release(thread)
					delete(held, thread)
				}
			},
			"remove": func(t *rapid.T) {
				if len(inLine) == 0 {
					t.Skip()
				}
				ids := slices.SortedFunc(maps.Keys(inLine), func(a, b storage.MessageID) int { return slackevent.CompareTS(a.TS, b.TS) })
				id := rapid.SampledFrom(ids).Draw(t, "id")
				if !l.remove(id) || l.remove(id) {
					t.Fatalf("%v was not removed once", id)
				}
				delete(inLine, id)
			},
			"": func(t *rapid.T) {
				if _, _, total := l.depth(storage.ThreadID{}, ""); total != len(inLine) {
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
func onlyOne(inLine map[storage.MessageID]waiting, asker string) bool {
	n := 0
	for _, w := range inLine {
		if w.asker == asker {
			n++
		}
	}
	return n == 1
}

// positionsIn returns the positions of all questions in line.
func positionsIn(l *line) map[storage.MessageID]position {
	found := make(map[storage.MessageID]position)
	for w, at := range l.positions() {
		found[w.id] = at
	}
	return found
}

// neverBack fails the test if a place that could have been told moved back.
func neverBack(t *rapid.T, before, after map[storage.MessageID]position) {
	for id, was := range before {
		is, there := after[id]
		if there && is.behind == was.behind && is.ahead > was.ahead {
			t.Fatalf("%v was behind %d of its %s, and is behind %d", id, was.ahead, was.behind, is.ahead)
		}
	}
}

func TestPlaceSentences(t *testing.T) {
	for want, p := range map[string]position{
		"is busy: you are 1st in line, about 9 s":              {behind: behindRound},
		"is busy: you are 4th in line, about 9 s":              {behind: behindRound, ahead: 3},
		"is busy: you are 12th in line, about 9 s":             {behind: behindRound, ahead: 11},
		"is busy: you are 23rd in line, about 9 s":             {behind: behindRound, ahead: 22},
		"is busy: 7 people of this channel are before you":     {behind: behindChannel, ahead: 7},
		"is busy: your turn comes after your earlier question": {behind: behindOwn, ahead: 1},
	} {
		if got := p.sentence(8200 * time.Millisecond); got != want {
			t.Errorf("%+v reads %q, want %q", p, got, want)
		}
	}
	if got := roughly(91 * time.Second); got != "2 min" {
		t.Errorf("91 s read %q", got)
	}
}
