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
// once; its other people wait in the channel's own queue until one leaves the round. A
// direct message is a channel like any other.
//
// Within a person the oldest question comes first. Within a thread questions
// keep the order of their messages, and one at a time is taken.
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
	held    map[storage.ThreadID]int // by how many questions that were taken
	ahead   map[storage.ThreadID]int // how many questions of other threads come before its own
	// closed holds agents that must not be asked before a time.
	closed map[string]time.Time
}

// member is somebody with questions in the queue, in the round or in a channel's queue.
type member struct {
	name      string
	questions []*Entry // in the order of their messages
	channel   *channel // the one that the person counts for
	inRound   bool
	at        *element[*member] // in the round or in the channel's queue
}

// channel is where people in the queue ask.
type channel struct {
	name    string
	inRound []*member // those of its people who are in the round, in its order
	queue   sequence[*member]
	at      *element[*channel] // in queues while the queue is not empty
}

// Entry is a question in the queue.
type Entry struct {
	ID        storage.MessageID
	Thread    storage.ThreadID
	Asker     string
	Agent     string
	Alone     bool      // it is not to be asked together with others
	NotBefore time.Time // zero: at once
	Pauses    bool      // until NotBefore it waits for more of the same person
	// Before are other threads, whose questions are not taken until this one has ended.
	Before []storage.ThreadID
	Ready  bool // its text is prepared
	// Title is the question in a few words; empty if it has no text.
	Title string
	edits int // how often its text has changed
}

// New returns an empty queue.
func New() *Queue {
	return &Queue{
		channels: make(map[string]*channel),
		people:   make(map[string]*member),
		threads:  make(map[storage.ThreadID][]*Entry),
		ids:      make(map[storage.MessageID]*Entry),
		held:     make(map[storage.ThreadID]int),
		ahead:    make(map[storage.ThreadID]int),
		closed:   make(map[string]time.Time),
	}
}

// Depth returns how many questions of a thread are unfinished, those that hold it
// among them, and how many wait of a person and in all.
func (q *Queue) Depth(thread storage.ThreadID, asker string) (inThread, ofAsker, total int) {
	inThread = len(q.threads[thread]) + q.held[thread]
	if p := q.people[asker]; p != nil {
		ofAsker = len(p.questions)
	}
	return inThread, ofAsker, len(q.ids)
}

// Has reports whether a question is in the queue.
func (q *Queue) Has(id storage.MessageID) bool { return q.ids[id] != nil }

// Leads reports whether a question is in the queue and the next one of its thread.
func (q *Queue) Leads(id storage.MessageID) bool {
	e := q.ids[id]
	return e != nil && q.threads[e.Thread][0] == e
}

// Add adds a question. One that is in the queue already stays where it is.
func (q *Queue) Add(e Entry) {
	if q.ids[e.ID] != nil {
		return
	}
	p := q.people[e.Asker]
	if p == nil {
		p = &member{name: e.Asker}
		q.people[e.Asker] = p
		q.enqueue(p, e.ID.Channel)
		q.admit(p.channel)
	}
	q.ids[e.ID] = &e
	p.questions = insert(p.questions, &e)
	q.threads[e.Thread] = insert(q.threads[e.Thread], &e)
	for _, thread := range e.Before {
		q.ahead[thread]++
	}
}

// insert puts a question among others in the order of their messages, however
// late it came.
func insert(questions []*Entry, e *Entry) []*Entry {
	at, _ := slices.BinarySearchFunc(questions, e, func(a, b *Entry) int { return slackevent.CompareTS(a.ID.TS, b.ID.TS) })
	return slices.Insert(questions, at, e)
}

// enqueue makes a person wait for a place in the round, behind the others of a channel.
func (q *Queue) enqueue(p *member, name string) {
	c := q.channels[name]
	if c == nil {
		c = &channel{name: name}
		q.channels[name] = c
	}
	if c.queue.len() == 0 {
		c.at = q.queues.add(c)
	}
	p.channel, p.inRound, p.at = c, false, c.queue.add(p)
}

// admit lets people of a channel into the round while it has room for them.
func (q *Queue) admit(c *channel) {
	for len(c.inRound) < mostOfChannel && c.queue.len() > 0 {
		p := c.queue.first()
		q.leave(p)
		p.inRound, p.at = true, q.round.add(p)
		c.inRound = append(c.inRound, p)
	}
	if len(c.inRound) == 0 {
		delete(q.channels, c.name)
	}
}

// leave takes a person out of the round or out of the channel's queue.
func (q *Queue) leave(p *member) {
	c := p.channel
	if p.inRound {
		q.round.remove(p.at)
		at := slices.Index(c.inRound, p)
		c.inRound = slices.Delete(c.inRound, at, at+1)
		return
	}
	if c.queue.remove(p.at); c.queue.len() == 0 {
		q.queues.remove(c.at)
	}
}

// endTurn ends a person's turn: one who has more questions waits for another.
func (q *Queue) endTurn(p *member) {
	from := p.channel
	q.leave(p)
	if len(p.questions) > 0 {
		q.enqueue(p, p.questions[0].ID.Channel)
	} else {
		delete(q.people, p.name)
	}
	q.admit(from)
	q.admit(p.channel)
}

// Prepared records that the text of a question was prepared after so many edits, and
// reports whether it is still of use: the question may have left the queue, or changed.
func (q *Queue) Prepared(id storage.MessageID, edits int) bool {
	e := q.ids[id]
	if e == nil || e.edits != edits {
		return false
	}
	e.Ready = true
	return true
}

// Unprepared reports whether a question waits for its text after so many edits.
func (q *Queue) Unprepared(id storage.MessageID, edits int) bool {
	e := q.ids[id]
	return e != nil && e.edits == edits && !e.Ready
}

// Edited records that the text of a question has changed, and returns how often it
// has; 0 if it is not in the queue.
func (q *Queue) Edited(id storage.MessageID) int {
	e := q.ids[id]
	if e == nil {
		return 0
	}
	e.Ready = false
	e.edits++
	return e.edits
}

// Of returns the questions that wait for an agent.
func (q *Queue) Of(agent string) []Entry {
	var found []Entry
	for _, e := range q.ids {
		if e.Agent == agent {
			found = append(found, *e)
		}
	}
	return found
}

// Next returns the question whose turn it is, without taking it. If none can be
// taken now it returns nil, and the time when one can be by the passing of time
// alone (zero if there is no such time).
func (q *Queue) Next(now time.Time) (*Entry, time.Time) {
	var later time.Time
	look := func(p *member) *Entry {
		for _, e := range p.questions {
			from, ok := q.from(e)
			switch {
			case !ok:
			case !from.After(now):
				return e
			case later.IsZero() || from.Before(later):
				later = from
			}
		}
		return nil
	}
	for p := range q.everybody() {
		if e := look(p); e != nil {
			return e, time.Time{}
		}
	}
	return nil, later
}

// everybody returns the people in the queue in the order in which they are asked for.
// Those in a queue come last: if nobody in the round can be asked for, a call need
// not be lost.
func (q *Queue) everybody() iter.Seq[*member] {
	return func(yield func(*member) bool) {
		for _, p := range q.round.all() {
			if !yield(p) {
				return
			}
		}
		for _, c := range q.queues.all() {
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
func (q *Queue) from(e *Entry) (time.Time, bool) {
	if !e.Ready || !q.free(e) {
		return time.Time{}, false
	}
	if closed := q.closed[e.Agent]; closed.After(e.NotBefore) {
		return closed, true
	}
	return e.NotBefore, true
}

// free reports whether a question's thread lets it be taken.
func (q *Queue) free(e *Entry) bool {
	return q.held[e.Thread] == 0 && q.ahead[e.Thread] == 0 && q.threads[e.Thread][0] == e
}

// Take takes the question whose turn it is out of the queue, and with it those
// that the same person asks next in its thread. It holds the thread until
// Release, and the threads that come after them until End. It returns nothing if none
// can be taken now.
func (q *Queue) Take(now time.Time) []Entry {
	first, _ := q.Next(now)
	if first == nil {
		return nil
	}
	together := q.together(first)
	for _, e := range together {
		q.drop(q.ids[e.ID])
	}
	q.endTurn(q.people[first.Asker])
	q.Hold(first.Thread)
	return together
}

// together returns a question and those that are to be asked with it: what the
// same person asks next in its thread, until somebody else asks something there.
func (q *Queue) together(first *Entry) []Entry {
	together := []Entry{*first}
	if first.Alone {
		return together
	}
	for _, e := range q.threads[first.Thread][1:] {
		if e.Asker != first.Asker || e.Agent != first.Agent || e.Alone || !e.Ready {
			break
		}
		together = append(together, *e)
	}
	return together
}

// Hold lets no question of a thread be taken until Release, as often as it was held.
func (q *Queue) Hold(thread storage.ThreadID) { q.held[thread]++ }

// End lets the questions be taken that come after one that was taken.
func (q *Queue) End(e Entry) {
	for _, thread := range e.Before {
		if q.ahead[thread]--; q.ahead[thread] == 0 {
			delete(q.ahead, thread)
		}
	}
}

// Release lets the thread's next question be taken, unless another one still holds the thread.
func (q *Queue) Release(thread storage.ThreadID) {
	if q.held[thread]--; q.held[thread] <= 0 {
		delete(q.held, thread)
	}
}

// Holds reports whether a thread is held.
func (q *Queue) Holds(thread storage.ThreadID) bool { return q.held[thread] > 0 }

// CloseUntil lets no question of an agent be taken before a time.
func (q *Queue) CloseUntil(agent string, until time.Time) { q.closed[agent] = until }

// Open lets the questions of an agent be taken.
func (q *Queue) Open(agent string) { delete(q.closed, agent) }

// Remove takes a question out of the queue, and reports whether it was in it.
func (q *Queue) Remove(id storage.MessageID) bool {
	e := q.ids[id]
	if e == nil {
		return false
	}
	q.drop(e)
	q.End(*e)
	if p := q.people[e.Asker]; len(p.questions) == 0 {
		q.endTurn(p)
	}
	return true
}

// drop takes a question out of all lists.
func (q *Queue) drop(e *Entry) {
	delete(q.ids, e.ID)
	p := q.people[e.Asker]
	p.questions = without(p.questions, e)
	if q.threads[e.Thread] = without(q.threads[e.Thread], e); len(q.threads[e.Thread]) == 0 {
		delete(q.threads, e.Thread)
	}
}

// without takes a question out of a list.
func without(questions []*Entry, e *Entry) []*Entry {
	at := slices.Index(questions, e)
	return slices.Delete(questions, at, at+1)
}
