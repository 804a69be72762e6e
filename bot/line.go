package bot

import (
	"slices"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// turnsOfChannel is how many people of one channel have a turn in the round at
// once, so that a storm in one channel delays nobody elsewhere by more slots.
const turnsOfChannel = 2

// line orders the questions that wait.
//
// People take turns in a round, one question a turn: who joins goes behind those
// whose turn is in the round already, and who was served and has more questions
// goes to the end. So nobody with one question waits behind another's ten, and a
// place in the round never moves back. No channel has more than a few turns in
// the round at once; its other people wait in the channel's own queue for a turn
// to come free. A direct message is a channel like any other.
//
// Within a person the oldest question comes first. Within a thread questions
// keep the order of their messages, whoever asks them, and one at a time is taken.
//
// A line is a plain data structure: it knows no clock, does nothing by itself,
// and is not safe for concurrent use.
type line struct {
	round  []turn
	turns  map[string]int      // how many of the round, by channel
	queues map[string][]string // people who wait for a turn, by channel
	order  []string            // the channels of queues, in the order in which they came

	people  map[string][]*waiting
	threads map[storage.ThreadID][]*waiting
	ids     map[storage.MessageID]*waiting
	held    map[storage.ThreadID]bool // by a question that was taken
	// closed tells of agents that are not to be asked before a time.
	closed map[string]time.Time
}

// turn is a person's place in the round, and the channel that it counts for.
type turn struct{ asker, channel string }

// waiting is a question in line.
type waiting struct {
	id        storage.MessageID
	thread    storage.ThreadID
	asker     string
	agent     string
	alone     bool      // it is not to be asked together with others
	notBefore time.Time // zero: at once
	ready     bool      // its text is prepared
	edits     int       // how often its text has changed
}

func newLine() *line {
	return &line{
		turns:   make(map[string]int),
		queues:  make(map[string][]string),
		people:  make(map[string][]*waiting),
		threads: make(map[storage.ThreadID][]*waiting),
		ids:     make(map[storage.MessageID]*waiting),
		held:    make(map[storage.ThreadID]bool),
		closed:  make(map[string]time.Time),
	}
}

// depth returns how many questions of a thread are unfinished, the one that holds
// it among them, and how many wait of a person and in all.
func (l *line) depth(thread storage.ThreadID, asker string) (inThread, ofAsker, total int) {
	inThread = len(l.threads[thread])
	if l.held[thread] {
		inThread++
	}
	return inThread, len(l.people[asker]), len(l.ids)
}

// has reports whether a question is in line.
func (l *line) has(id storage.MessageID) bool { return l.ids[id] != nil }

// leads reports whether a question is in line and the next one of its thread.
func (l *line) leads(id storage.MessageID) bool {
	w := l.ids[id]
	return w != nil && l.threads[w.thread][0] == w
}

// add puts a question in line. One that is in line already stays where it is.
func (l *line) add(w waiting) {
	if l.ids[w.id] != nil {
		return
	}
	if len(l.people[w.asker]) == 0 {
		l.queue(w.asker, w.id.Channel)
	}
	l.ids[w.id] = &w
	l.people[w.asker] = insert(l.people[w.asker], &w)
	l.threads[w.thread] = insert(l.threads[w.thread], &w)
}

// insert puts a question among others in the order of their messages, however
// late it came.
func insert(questions []*waiting, w *waiting) []*waiting {
	at, _ := slices.BinarySearchFunc(questions, w, func(a, b *waiting) int { return slackevent.CompareTS(a.id.TS, b.id.TS) })
	return slices.Insert(questions, at, w)
}

// queue makes a person wait for a turn in the round, which can come at once.
func (l *line) queue(asker, channel string) {
	if len(l.queues[channel]) == 0 {
		l.order = append(l.order, channel)
	}
	l.queues[channel] = append(l.queues[channel], asker)
	l.admit()
}

// admit gives turns to those who wait for them, where their channels have some left.
func (l *line) admit() {
	for _, channel := range slices.Clone(l.order) {
		for l.turns[channel] < turnsOfChannel && len(l.queues[channel]) > 0 {
			l.round = append(l.round, turn{l.queues[channel][0], channel})
			l.dequeue(channel, 0)
			l.turns[channel]++
		}
	}
}

// dequeue takes a person out of a channel's queue.
func (l *line) dequeue(channel string, at int) {
	if l.queues[channel] = slices.Delete(l.queues[channel], at, at+1); len(l.queues[channel]) == 0 {
		delete(l.queues, channel)
		l.order = slices.DeleteFunc(l.order, func(other string) bool { return other == channel })
	}
}

// prepared says that the text of a question is there as of so many edits, and
// tells whether that is of use: the question may have left the line, or changed.
func (l *line) prepared(id storage.MessageID, edits int) bool {
	w := l.ids[id]
	if w == nil || w.edits != edits {
		return false
	}
	w.ready = true
	return true
}

// edited says that the text of a question has changed, and returns how often it
// has; 0 if it is not in line.
func (l *line) edited(id storage.MessageID) int {
	w := l.ids[id]
	if w == nil {
		return 0
	}
	w.ready = false
	w.edits++
	return w.edits
}

// of returns the questions that wait for an agent.
func (l *line) of(agent string) []waiting {
	var found []waiting
	for _, w := range l.ids {
		if w.agent == agent {
			found = append(found, *w)
		}
	}
	return found
}

// next returns the question whose turn it is, without taking it. If none can be
// taken now it returns nil, and the time when one can be by the passing of time
// alone (zero if there is no such time).
func (l *line) next(now time.Time) (*waiting, time.Time) {
	var later time.Time
	look := func(asker string) *waiting {
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
func (l *line) from(w *waiting) (time.Time, bool) {
	if !w.ready || l.held[w.thread] || l.threads[w.thread][0] != w {
		return time.Time{}, false
	}
	if closed := l.closed[w.agent]; closed.After(w.notBefore) {
		return closed, true
	}
	return w.notBefore, true
}

// take takes the question whose turn it is out of the line, and with it those
// that the same person asks next in its thread. It holds the thread until
// release. It returns nothing if none can be taken now.
func (l *line) take(now time.Time) []waiting {
	first, _ := l.next(now)
	if first == nil {
		return nil
	}
	together := l.together(first)
	for _, w := range together {
		l.remove(w.id)
	}
	l.leaveRound(first.asker)
	if rest := l.people[first.asker]; len(rest) > 0 {
		l.queue(first.asker, rest[0].id.Channel)
	}
	l.admit()
	l.hold(first.thread)
	return together
}

// together returns a question and those that are to be asked with it: what the
// same person asks next in its thread, until somebody else asks something there.
func (l *line) together(first *waiting) []waiting {
	together := []waiting{*first}
	if first.alone {
		return together
	}
	for _, w := range l.threads[first.thread][1:] {
		if w.asker != first.asker || w.agent != first.agent || w.alone || !w.ready {
			break
		}
		together = append(together, *w)
	}
	return together
}

// hold lets no question of a thread be taken until release.
func (l *line) hold(thread storage.ThreadID) { l.held[thread] = true }

// release lets the thread's next question be taken.
func (l *line) release(thread storage.ThreadID) { delete(l.held, thread) }

// holds reports whether a thread is held.
func (l *line) holds(thread storage.ThreadID) bool { return l.held[thread] }

// closeUntil lets no question of an agent be taken before a time.
func (l *line) closeUntil(agent string, until time.Time) { l.closed[agent] = until }

// open lets the questions of an agent be taken.
func (l *line) open(agent string) { delete(l.closed, agent) }

// remove takes a question out of the line, and tells whether it was in it.
func (l *line) remove(id storage.MessageID) bool {
	w := l.ids[id]
	if w == nil {
		return false
	}
	delete(l.ids, id)
	dropFrom(l.threads, w.thread, w)
	if dropFrom(l.people, w.asker, w) {
		l.leaveRound(w.asker)
		l.admit()
	}
	return true
}

// leaveRound takes a person's turn away, or the wait for one.
func (l *line) leaveRound(asker string) {
	if at := slices.IndexFunc(l.round, func(t turn) bool { return t.asker == asker }); at >= 0 {
		if channel := l.round[at].channel; l.turns[channel] > 1 {
			l.turns[channel]--
		} else {
			delete(l.turns, channel)
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
func dropFrom[K comparable](lists map[K][]*waiting, key K, w *waiting) (last bool) {
	rest := slices.DeleteFunc(lists[key], func(other *waiting) bool { return other == w })
	if len(rest) == 0 {
		delete(lists, key)
		return true
	}
	lists[key] = rest
	return false
}
