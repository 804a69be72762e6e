// Package queue decides whose turn it is, and when an agent may be called: the order
// of questions, the limits of calls, and agents that are down. It does not know what
// a question says, and calls nothing.
package queue

import (
	"iter"
	"slices"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// mostOfChannel is how many people of one channel are in the round at once, so
// that a storm in one channel delays nobody elsewhere by more calls.
const mostOfChannel = 2

// Queue orders the questions that wait.
//
// People take turns in a round, one question a turn: a person who joins goes behind
// those in the round already, and one who was served and has more questions goes to
// the end. So nobody with one question waits behind another's ten, and a position in
// the round never moves back. No channel has more than a few people in the round at
// once; its other people wait in the channel's own queue for a place to come free. A
// direct message is a channel like any other.
//
// Within a person the oldest question comes first. Within a thread questions
// keep the order of their messages, whoever asks them, and one at a time is taken.
//
// A queue is a plain data structure: it knows no clock, does nothing by itself,
// and is not safe for concurrent use.
type Queue struct {
	round    sequence[*member]
	queues   sequence[*channel] // where people wait for a place in the round
	channels map[string]*channel

	people  map[string]*member
	threads map[storage.ThreadID][]*Entry
	ids     map[storage.MessageID]*Entry
	held    map[storage.ThreadID]bool // by a question that was taken
	// closed are agents that are not to be asked before a time.
	closed map[string]time.Time
}

// member is somebody with questions in line, in the round or in a channel's queue.
type member struct {
	name      string
	questions []*Entry // in the order of their messages
	channel   *channel // the one that the person counts for
	inRound   bool
	at        *element[*member] // in the round or in the channel's queue
}

// channel is where people in line ask.
type channel struct {
	name    string
	inRound []*member // those of its people who are in the round, in its order
	queue   sequence[*member]
	at      *element[*channel] // in the line's queues while the queue is not empty
}

// Entry is a question in line.
type Entry struct {
	ID        storage.MessageID
	Thread    storage.ThreadID
	Asker     string
	Agent     string
	Alone     bool      // it is not to be asked together with others
	NotBefore time.Time // zero: at once
	Ready     bool      // its text is prepared
	edits     int       // how often its text has changed
}

func New() *Queue {
	return &Queue{
		channels: make(map[string]*channel),
		people:   make(map[string]*member),
		threads:  make(map[storage.ThreadID][]*Entry),
		ids:      make(map[storage.MessageID]*Entry),
		held:     make(map[storage.ThreadID]bool),
		closed:   make(map[string]time.Time),
	}
}

// Depth returns how many questions of a thread are unfinished, the one that holds
// it among them, and how many wait of a person and in all.
func (l *Queue) Depth(thread storage.ThreadID, asker string) (inThread, ofAsker, total int) {
	inThread = len(l.threads[thread])
	if l.held[thread] {
		inThread++
	}
	if p := l.people[asker]; p != nil {
		ofAsker = len(p.questions)
	}
	return inThread, ofAsker, len(l.ids)
}

// Has reports whether a question is in line.
func (l *Queue) Has(id storage.MessageID) bool { return l.ids[id] != nil }

// Leads reports whether a question is in line and the next one of its thread.
func (l *Queue) Leads(id storage.MessageID) bool {
	w := l.ids[id]
	return w != nil && l.threads[w.Thread][0] == w
}

// Add puts a question in line. One that is in line already stays where it is.
func (l *Queue) Add(w Entry) {
	if l.ids[w.ID] != nil {
		return
	}
	p := l.people[w.Asker]
	if p == nil {
		p = &member{name: w.Asker}
		l.people[w.Asker] = p
		l.enqueue(p, w.ID.Channel)
		l.admit(p.channel)
	}
	l.ids[w.ID] = &w
	p.questions = insert(p.questions, &w)
	l.threads[w.Thread] = insert(l.threads[w.Thread], &w)
}

// insert puts a question among others in the order of their messages, however
// late it came.
func insert(questions []*Entry, w *Entry) []*Entry {
	at, _ := slices.BinarySearchFunc(questions, w, func(a, b *Entry) int { return slackevent.CompareTS(a.ID.TS, b.ID.TS) })
	return slices.Insert(questions, at, w)
}

// enqueue makes a person wait for a place in the round, behind the others of a channel.
func (l *Queue) enqueue(p *member, name string) {
	c := l.channels[name]
	if c == nil {
		c = &channel{name: name}
		l.channels[name] = c
	}
	if c.queue.len() == 0 {
		c.at = l.queues.add(c)
	}
	p.channel, p.inRound, p.at = c, false, c.queue.add(p)
}

// admit lets people of a channel into the round while it has room for them.
func (l *Queue) admit(c *channel) {
	for len(c.inRound) < mostOfChannel && c.queue.len() > 0 {
		p := c.queue.first()
		l.leave(p)
		p.inRound, p.at = true, l.round.add(p)
		c.inRound = append(c.inRound, p)
	}
	if len(c.inRound) == 0 {
		delete(l.channels, c.name)
	}
}

// leave takes a person out of the round or out of the channel's queue.
func (l *Queue) leave(p *member) {
	c := p.channel
	if p.inRound {
		l.round.remove(p.at)
		at := slices.Index(c.inRound, p)
		c.inRound = slices.Delete(c.inRound, at, at+1)
		return
	}
	if c.queue.remove(p.at); c.queue.len() == 0 {
		l.queues.remove(c.at)
	}
}

// endTurn ends a person's turn: one who has more questions waits for another.
func (l *Queue) endTurn(p *member) {
	from := p.channel
	l.leave(p)
	if len(p.questions) > 0 {
		l.enqueue(p, p.questions[0].ID.Channel)
	} else {
		delete(l.people, p.name)
	}
	l.admit(from)
	l.admit(p.channel)
}

// Prepared says that the text of a question is there as of so many edits, and
// tells whether that is of use: the question may have left the line, or changed.
func (l *Queue) Prepared(id storage.MessageID, edits int) bool {
	w := l.ids[id]
	if w == nil || w.edits != edits {
		return false
	}
	w.Ready = true
	return true
}

// Edited says that the text of a question has changed, and returns how often it
// has; 0 if it is not in line.
func (l *Queue) Edited(id storage.MessageID) int {
	w := l.ids[id]
	if w == nil {
		return 0
	}
	w.Ready = false
	w.edits++
	return w.edits
}

// Of returns the questions that wait for an agent.
func (l *Queue) Of(agent string) []Entry {
	var found []Entry
	for _, w := range l.ids {
		if w.Agent == agent {
			found = append(found, *w)
		}
	}
	return found
}

// Next returns the question whose turn it is, without taking it. If none can be
// taken now it returns nil, and the time when one can be by the passing of time
// alone (zero if there is no such time).
func (l *Queue) Next(now time.Time) (*Entry, time.Time) {
	var later time.Time
	look := func(p *member) *Entry {
		for _, w := range p.questions {
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
	for p := range l.everybody() {
		if w := look(p); w != nil {
			return w, time.Time{}
		}
	}
	return nil, later
}

// everybody returns the people in line in the order in which they are asked for.
// Those in a queue come last: if nobody in the round can be asked for, a call need
// not be lost.
func (l *Queue) everybody() iter.Seq[*member] {
	return func(yield func(*member) bool) {
		for _, p := range l.round.all() {
			if !yield(p) {
				return
			}
		}
		for _, c := range l.queues.all() {
			for _, p := range c.queue.all() {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// from returns the time from which a question can be taken; false if that needs
// something else to happen first.
func (l *Queue) from(w *Entry) (time.Time, bool) {
	if !w.Ready || !l.free(w) {
		return time.Time{}, false
	}
	if closed := l.closed[w.Agent]; closed.After(w.NotBefore) {
		return closed, true
	}
	return w.NotBefore, true
}

// free reports whether a question's thread lets it be taken.
func (l *Queue) free(w *Entry) bool { return !l.held[w.Thread] && l.threads[w.Thread][0] == w }

// Take takes the question whose turn it is out of the line, and with it those
// that the same person asks next in its thread. It holds the thread until
// release. It returns nothing if none can be taken now.
func (l *Queue) Take(now time.Time) []Entry {
	first, _ := l.Next(now)
	if first == nil {
		return nil
	}
	together := l.together(first)
	for _, w := range together {
		l.drop(l.ids[w.ID])
	}
	l.endTurn(l.people[first.Asker])
	l.Hold(first.Thread)
	return together
}

// together returns a question and those that are to be asked with it: what the
// same person asks next in its thread, until somebody else asks something there.
func (l *Queue) together(first *Entry) []Entry {
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

// Hold lets no question of a thread be taken until release.
func (l *Queue) Hold(thread storage.ThreadID) { l.held[thread] = true }

// Release lets the thread's next question be taken.
func (l *Queue) Release(thread storage.ThreadID) { delete(l.held, thread) }

// Holds reports whether a thread is held.
func (l *Queue) Holds(thread storage.ThreadID) bool { return l.held[thread] }

// CloseUntil lets no question of an agent be taken before a time.
func (l *Queue) CloseUntil(agent string, until time.Time) { l.closed[agent] = until }

// Open lets the questions of an agent be taken.
func (l *Queue) Open(agent string) { delete(l.closed, agent) }

// Remove takes a question out of the line, and tells whether it was in it.
func (l *Queue) Remove(id storage.MessageID) bool {
	w := l.ids[id]
	if w == nil {
		return false
	}
	l.drop(w)
	if p := l.people[w.Asker]; len(p.questions) == 0 {
		l.endTurn(p)
	}
	return true
}

// drop takes a question out of all lists.
func (l *Queue) drop(w *Entry) {
	delete(l.ids, w.ID)
	p := l.people[w.Asker]
	p.questions = without(p.questions, w)
	if l.threads[w.Thread] = without(l.threads[w.Thread], w); len(l.threads[w.Thread]) == 0 {
		delete(l.threads, w.Thread)
	}
}

// without takes a question out of a list.
func without(questions []*Entry, w *Entry) []*Entry {
	at := slices.Index(questions, w)
	return slices.Delete(questions, at, at+1)
}
