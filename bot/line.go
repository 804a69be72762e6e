package bot

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

// line orders the questions that wait.
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
// A line is a plain data structure: it knows no clock, does nothing by itself,
// and is not safe for concurrent use.
type line struct {
	round    sequence[*member]
	queues   sequence[*channel] // where people wait for a place in the round
	channels map[string]*channel

	people  map[string]*member
	threads map[storage.ThreadID][]*waiting
	ids     map[storage.MessageID]*waiting
	held    map[storage.ThreadID]bool // by a question that was taken
	// closed are agents that are not to be asked before a time.
	closed map[string]time.Time
}

// member is somebody with questions in line, in the round or in a channel's queue.
type member struct {
	name      string
	questions []*waiting // in the order of their messages
	channel   *channel   // the one that the person counts for
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
		channels: make(map[string]*channel),
		people:   make(map[string]*member),
		threads:  make(map[storage.ThreadID][]*waiting),
		ids:      make(map[storage.MessageID]*waiting),
		held:     make(map[storage.ThreadID]bool),
		closed:   make(map[string]time.Time),
	}
}

// depth returns how many questions of a thread are unfinished, the one that holds
// it among them, and how many wait of a person and in all.
func (l *line) depth(thread storage.ThreadID, asker string) (inThread, ofAsker, total int) {
	inThread = len(l.threads[thread])
	if l.held[thread] {
		inThread++
	}
	if p := l.people[asker]; p != nil {
		ofAsker = len(p.questions)
	}
	return inThread, ofAsker, len(l.ids)
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
	p := l.people[w.asker]
	if p == nil {
		p = &member{name: w.asker}
		l.people[w.asker] = p
		l.enqueue(p, w.id.Channel)
		l.admit(p.channel)
	}
	l.ids[w.id] = &w
	p.questions = insert(p.questions, &w)
	l.threads[w.thread] = insert(l.threads[w.thread], &w)
}

// insert puts a question among others in the order of their messages, however
// late it came.
func insert(questions []*waiting, w *waiting) []*waiting {
	at, _ := slices.BinarySearchFunc(questions, w, func(a, b *waiting) int { return slackevent.CompareTS(a.id.TS, b.id.TS) })
	return slices.Insert(questions, at, w)
}

// enqueue makes a person wait for a place in the round, behind the others of a channel.
func (l *line) enqueue(p *member, name string) {
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
func (l *line) admit(c *channel) {
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
func (l *line) leave(p *member) {
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
func (l *line) endTurn(p *member) {
	from := p.channel
	l.leave(p)
	if len(p.questions) > 0 {
		l.enqueue(p, p.questions[0].id.Channel)
	} else {
		delete(l.people, p.name)
	}
	l.admit(from)
	l.admit(p.channel)
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
	look := func(p *member) *waiting {
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
func (l *line) everybody() iter.Seq[*member] {
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
func (l *line) from(w *waiting) (time.Time, bool) {
	if !w.ready || !l.free(w) {
		return time.Time{}, false
	}
	if closed := l.closed[w.agent]; closed.After(w.notBefore) {
		return closed, true
	}
	return w.notBefore, true
}

// free reports whether a question's thread lets it be taken.
func (l *line) free(w *waiting) bool { return !l.held[w.thread] && l.threads[w.thread][0] == w }

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
		l.drop(l.ids[w.id])
	}
	l.endTurn(l.people[first.asker])
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
	l.drop(w)
	if p := l.people[w.asker]; len(p.questions) == 0 {
		l.endTurn(p)
	}
	return true
}

// drop takes a question out of all lists.
func (l *line) drop(w *waiting) {
	delete(l.ids, w.id)
	p := l.people[w.asker]
	p.questions = without(p.questions, w)
	if l.threads[w.thread] = without(l.threads[w.thread], w); len(l.threads[w.thread]) == 0 {
		delete(l.threads, w.thread)
	}
}

// without takes a question out of a list.
func without(questions []*waiting, w *waiting) []*waiting {
	at := slices.Index(questions, w)
	return slices.Delete(questions, at, at+1)
}
