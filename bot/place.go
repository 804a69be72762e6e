package bot

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"enjobridge/storage"
)

// place is where a question is in line.
type place struct {
	// ahead is how many questions come before it; behind says in which sense.
	ahead  int
	behind behind
	// slots is how many calls are made before its own, if nobody else asks.
	slots int
}

// behind says what a question in line waits for.
type behind string

const (
	behindRound   behind = "round"   // those whose turn comes before
	behindChannel behind = "channel" // those of its channel who wait for a turn
	behindOwn     behind = "own"     // an earlier question of the same person
	behindThread  behind = "thread"  // the question before it in its thread
)

// places returns the place of every question in line, as if all of them could
// be asked. A place in the round, and one behind others of a channel, never
// moves back: who comes later goes behind.
func (l *line) places() map[storage.MessageID]place {
	found := make(map[storage.MessageID]place, len(l.ids))
	for i, t := range l.round {
		l.placePerson(found, t.asker, i, behindRound)
	}
	for _, channel := range l.order {
		for i, asker := range l.queues[channel] {
			l.placePerson(found, asker, turnsOfChannel+i, behindChannel)
		}
	}
	for id, slots := range l.slots() {
		p := found[id]
		p.slots = slots
		found[id] = p
	}
	return found
}

// placePerson places the questions of one person: the turn is the first one's
// that is not held up in its thread.
func (l *line) placePerson(found map[storage.MessageID]place, asker string, ahead int, kind behind) {
	placed := false
	for i, w := range l.people[asker] {
		switch {
		case l.held[w.thread] || l.threads[w.thread][0] != w:
			found[w.id] = place{behind: behindThread}
		case !placed:
			found[w.id] = place{ahead: ahead, behind: kind}
			placed = true
		default:
			found[w.id] = place{ahead: i, behind: behindOwn}
		}
	}
}

// slots returns how many calls come before each question, by going through the
// line as it stands.
func (l *line) slots() map[storage.MessageID]int {
	rest := l.copy()
	slots := make(map[storage.MessageID]int, len(l.ids))
	for n := 0; ; n++ {
		taken := rest.take(time.Time{})
		if taken == nil {
			return slots
		}
		for _, w := range taken {
			slots[w.id] = n
		}
		rest.release(taken[0].thread)
	}
}

// copy returns a line of the same order in which every question can be asked.
func (l *line) copy() *line {
	c := newLine()
	for asker, questions := range l.people {
		for _, w := range questions {
			free := *w
			free.ready, free.notBefore = true, time.Time{}
			c.ids[w.id] = &free
			c.people[asker] = append(c.people[asker], &free)
			c.threads[w.thread] = insert(c.threads[w.thread], &free)
		}
	}
	c.round, c.turns, c.order = slices.Clone(l.round), maps.Clone(l.turns), slices.Clone(l.order)
	for channel, queue := range l.queues {
		c.queues[channel] = slices.Clone(queue)
	}
	return c
}

// sentence says a place to people, as what follows the name of the app.
func (p place) sentence(wait time.Duration) string {
	// A time is told only in the round: elsewhere it could move back.
	switch p.behind {
	case behindOwn:
		return "is busy: your turn comes after your earlier question"
	case behindThread:
		return "is busy: your turn comes after the question before it in this thread"
	case behindChannel:
		return fmt.Sprintf("is busy: %d people of this channel are before you", p.ahead)
	}
	return fmt.Sprintf("is busy: you are %s in line, about %s", ordinal(p.ahead+1), roughly(wait))
}

// roughly says a time as people do. It is rounded up.
func roughly(d time.Duration) string {
	seconds := int((d + time.Second - 1) / time.Second)
	if seconds < 90 {
		return fmt.Sprintf("%d s", seconds)
	}
	return fmt.Sprintf("%d min", (seconds+59)/60)
}

// ordinal says a number in a row: 1st, 2nd, 3rd, 4th, … 11th, … 21st.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
