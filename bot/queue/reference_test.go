package queue

import (
	"maps"
	"slices"
	"time"

	"enjobridge/storage"
)

// reference is the line as it was before it kept track of positions: lists, and
// positions from draining a copy. The line must order as it does.
type reference struct {
	round    []referenceTurn
	admitted map[string]int      // how many of the round, by channel
	queues   map[string][]string // people who wait for a turn, by channel
	order    []string            // the channels of queues, in the order in which they came

	people  map[string][]*Entry
	threads map[storage.ThreadID][]*Entry
	ids     map[storage.MessageID]*Entry
	busy    map[storage.ThreadID]bool
	// closed tells of agents that are not to be asked before a time.
	closed map[string]time.Time
}

// referenceTurn is a person's place in the round, and the channel that it counts for.
type referenceTurn struct{ asker, channel string }

func newReference() *reference {
	return &reference{
		admitted: make(map[string]int),
		queues:   make(map[string][]string),
		people:   make(map[string][]*Entry),
		threads:  make(map[storage.ThreadID][]*Entry),
		ids:      make(map[storage.MessageID]*Entry),
		busy:     make(map[storage.ThreadID]bool),
		closed:   make(map[string]time.Time),
	}
}

// join puts a question in line. One that is in line already stays where it is.
func (l *reference) join(w Entry) {
	if l.ids[w.ID] != nil {
		return
	}
	if len(l.people[w.Asker]) == 0 {
		l.queue(w.Asker, w.ID.Channel)
	}
	l.ids[w.ID] = &w
	l.people[w.Asker] = insert(l.people[w.Asker], &w)
	l.threads[w.Thread] = insert(l.threads[w.Thread], &w)
}

// queue makes a person wait for a turn in the round, which can come at once.
func (l *reference) queue(asker, channel string) {
	if len(l.queues[channel]) == 0 {
		l.order = append(l.order, channel)
	}
	l.queues[channel] = append(l.queues[channel], asker)
	l.admit()
}

// admit gives turns to those who wait for them, where their channels have some left.
func (l *reference) admit() {
	for _, channel := range slices.Clone(l.order) {
		for l.admitted[channel] < mostOfChannel && len(l.queues[channel]) > 0 {
			l.round = append(l.round, referenceTurn{l.queues[channel][0], channel})
			l.dequeue(channel, 0)
			l.admitted[channel]++
		}
	}
}

// dequeue takes a person out of a channel's queue.
func (l *reference) dequeue(channel string, at int) {
	if l.queues[channel] = slices.Delete(l.queues[channel], at, at+1); len(l.queues[channel]) == 0 {
		delete(l.queues, channel)
		l.order = slices.DeleteFunc(l.order, func(other string) bool { return other == channel })
	}
}

// prepared says that the text of a question is there as of so many edits, and
// tells whether that is of use: the question may have left the line, or changed.
func (l *reference) prepared(id storage.MessageID, edits int) bool {
	w := l.ids[id]
	if w == nil || w.edits != edits {
		return false
	}
	w.Ready = true
	return true
}

// edited says that the text of a question has changed, and returns how often it
// has; 0 if it is not in line.
func (l *reference) edited(id storage.MessageID) int {
	w := l.ids[id]
	if w == nil {
		return 0
	}
	w.Ready = false
	w.edits++
	return w.edits
}

// next returns the question whose turn it is, without taking it. If none can be
// taken now it returns nil, and the time when one can be by the passing of time
// alone (zero if there is no such time).
func (l *reference) next(now time.Time) (*Entry, time.Time) {
	var later time.Time
	look := func(asker string) *Entry {
		for _, w := range l.people[asker] {
			from, ok := l.from(w)
			switch {
			case !ok:
			case !from.After(now):
				return w
			case later.IsZero() || from.Before(later):
				later = from
			}
		}
		return nil
	}
	for _, t := range l.round {
		if w := look(t.asker); w != nil {
			return w, time.Time{}
		}
	}
	// Nobody in the round can be asked for, so a slot need not be lost.
	for _, channel := range l.order {
		for _, asker := range l.queues[channel] {
			if w := look(asker); w != nil {
				return w, time.Time{}
			}
		}
	}
	return nil, later
}

// from returns the time from which a question can be taken; false if that needs
// something else to happen first.
func (l *reference) from(w *Entry) (time.Time, bool) {
	if !w.Ready || l.busy[w.Thread] || l.threads[w.Thread][0] != w {
		return time.Time{}, false
	}
	if closed := l.closed[w.Agent]; closed.After(w.NotBefore) {
		return closed, true
	}
	return w.NotBefore, true
}

// take takes the question whose turn it is out of the line, and with it those
// that the same person asks next in its thread. It holds the thread until
// release. It returns nothing if none can be taken now.
func (l *reference) take(now time.Time) []Entry {
	first, _ := l.next(now)
	if first == nil {
		return nil
	}
	together := l.together(first)
	for _, w := range together {
		l.remove(w.ID)
	}
	l.leaveRound(first.Asker)
	if rest := l.people[first.Asker]; len(rest) > 0 {
		l.queue(first.Asker, rest[0].ID.Channel)
	}
	l.admit()
	l.busy[first.Thread] = true
	return together
}

// together returns a question and those that are to be asked with it: what the
// same person asks next in its thread, until somebody else asks something there.
func (l *reference) together(first *Entry) []Entry {
	together := []Entry{*first}
	if first.Alone {
		return together
	}
	for _, w := range l.threads[first.Thread][1:] {
		if w.Asker != first.Asker || w.Agent != first.Agent || w.Alone || !w.Ready {
			break
		}
		together = append(together, *w)
	}
	return together
}

// release lets the thread's next question be taken.
func (l *reference) release(thread storage.ThreadID) { delete(l.busy, thread) }

// remove takes a question out of the line, and tells whether it was in it.
func (l *reference) remove(id storage.MessageID) bool {
	w := l.ids[id]
	if w == nil {
		return false
	}
	delete(l.ids, id)
	dropFrom(l.threads, w.Thread, w)
	if dropFrom(l.people, w.Asker, w) {
		l.leaveRound(w.Asker)
		l.admit()
	}
	return true
}

// leaveRound takes a person's turn away, or the wait for one.
func (l *reference) leaveRound(asker string) {
	if at := slices.IndexFunc(l.round, func(t referenceTurn) bool { return t.asker == asker }); at >= 0 {
		if channel := l.round[at].channel; l.admitted[channel] > 1 {
			l.admitted[channel]--
		} else {
			delete(l.admitted, channel)
		}
		l.round = slices.Delete(l.round, at, at+1)
	}
	for _, channel := range slices.Clone(l.order) {
		if at := slices.Index(l.queues[channel], asker); at >= 0 {
			l.dequeue(channel, at)
		}
	}
}

// dropFrom takes a question out of a list of the map, and tells whether it was
// the last.
func dropFrom[K comparable](lists map[K][]*Entry, key K, w *Entry) (last bool) {
	rest := slices.DeleteFunc(lists[key], func(other *Entry) bool { return other == w })
	if len(rest) == 0 {
		delete(lists, key)
		return true
	}
	lists[key] = rest
	return false
}

// places returns the place of every question in line, as if all of them could
// be asked. A place in the round, and one behind others of a channel, never
// moves back: who comes later goes behind.
func (l *reference) places() map[storage.MessageID]Position {
	found := make(map[storage.MessageID]Position, len(l.ids))
	for i, t := range l.round {
		l.placePerson(found, t.asker, i, BehindRound)
	}
	for _, channel := range l.order {
		for i, asker := range l.queues[channel] {
			l.placePerson(found, asker, mostOfChannel+i, BehindChannel)
		}
	}
	for id, calls := range l.calls() {
		p := found[id]
		p.Calls = calls
		found[id] = p
	}
	return found
}

// placePerson places the questions of one person: the turn is the first one's
// that is not held up in its thread.
func (l *reference) placePerson(found map[storage.MessageID]Position, asker string, ahead int, kind behind) {
	placed := false
	for i, w := range l.people[asker] {
		switch {
		case l.busy[w.Thread] || l.threads[w.Thread][0] != w:
			found[w.ID] = Position{Behind: BehindThread}
		case !placed:
			found[w.ID] = Position{Ahead: ahead, Behind: kind}
			placed = true
		default:
			found[w.ID] = Position{Ahead: i, Behind: BehindOwn}
		}
	}
}

// calls returns how many calls come before each question, by going through the
// line as it stands.
func (l *reference) calls() map[storage.MessageID]int {
	rest := l.copy()
	calls := make(map[storage.MessageID]int, len(l.ids))
	for n := 0; ; n++ {
		taken := rest.take(time.Time{})
		if taken == nil {
			return calls
		}
		for _, w := range taken {
			calls[w.ID] = n
		}
		rest.release(taken[0].Thread)
	}
}

// copy returns a line of the same order in which every question can be asked.
func (l *reference) copy() *reference {
	c := newReference()
	for asker, questions := range l.people {
		for _, w := range questions {
			free := *w
			free.Ready, free.NotBefore = true, time.Time{}
			c.ids[w.ID] = &free
			c.people[asker] = append(c.people[asker], &free)
			c.threads[w.Thread] = insert(c.threads[w.Thread], &free)
		}
	}
	c.round, c.admitted, c.order = slices.Clone(l.round), maps.Clone(l.admitted), slices.Clone(l.order)
	for channel, queue := range l.queues {
		c.queues[channel] = slices.Clone(queue)
	}
	return c
}
