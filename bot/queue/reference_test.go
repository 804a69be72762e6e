package queue

import (
	"maps"
	"slices"
	"time"

	"enjobridge/storage"
)

// reference is the queue in its earlier form, without tracked positions: it uses lists,
// and gets positions by draining a copy. The queue must have the same order.
type reference struct {
	round    []referenceTurn
	admitted map[string]int      // number of places taken in the round, by channel
	queues   map[string][]string // people who wait for a place in the round, by channel
	order    []string            // the channels of queues, in order of arrival

	people  map[string][]*Entry
	threads map[storage.ThreadID][]*Entry
	ids     map[storage.MessageID]*Entry
	busy    map[storage.ThreadID]bool
	// closed holds the agents that must not be asked before a time.
	closed map[string]time.Time
}

// referenceTurn is a person's place in the round, and the channel that it counts
// towards.
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

// join adds a question. A question that is already in the queue keeps its position.
func (r *reference) join(e Entry) {
	if r.ids[e.ID] != nil {
		return
	}
	if len(r.people[e.Asker]) == 0 {
		r.enqueue(e.Asker, e.ID.Channel)
	}
	r.ids[e.ID] = &e
	r.people[e.Asker] = insert(r.people[e.Asker], &e)
	r.threads[e.Thread] = insert(r.threads[e.Thread], &e)
}

// queue makes a person wait for a place in the round, which can be free at once.
func (r *reference) enqueue(asker, channel string) {
	if len(r.queues[channel]) == 0 {
		r.order = append(r.order, channel)
	}
	r.queues[channel] = append(r.queues[channel], asker)
	r.admit()
}

// admit gives waiting people places in the round, where their channels have free ones.
func (r *reference) admit() {
	for _, channel := range slices.Clone(r.order) {
		for r.admitted[channel] < mostOfChannel && len(r.queues[channel]) > 0 {
			r.round = append(r.round, referenceTurn{r.queues[channel][0], channel})
			r.dequeue(channel, 0)
			r.admitted[channel]++
		}
	}
}

// dequeue removes a person from a channel's queue.
func (r *reference) dequeue(channel string, at int) {
	if r.queues[channel] = slices.Delete(r.queues[channel], at, at+1); len(r.queues[channel]) == 0 {
		delete(r.queues, channel)
		r.order = slices.DeleteFunc(r.order, func(other string) bool { return other == channel })
	}
}

// prepared records that the text of a question was prepared after so many edits, and
// reports whether the text is still useful: the question may have left the queue, or
// changed.
func (r *reference) prepared(id storage.MessageID, edits int) bool {
	e := r.ids[id]
	if e == nil || e.edits != edits {
		return false
	}
	e.Ready = true
	return true
}

// edited records that the text of a question has changed, and returns the number of its
// changes, or 0 if it is not in the queue.
func (r *reference) edited(id storage.MessageID) int {
	e := r.ids[id]
	if e == nil {
		return 0
	}
	e.Ready = false
	e.edits++
	return e.edits
}

// next returns the next question without taking it. If no question can be taken now, it
// returns nil, and the time when one can be if nothing else happens (zero if there is no
// such time).
func (r *reference) next(now time.Time) (*Entry, time.Time) {
	var later time.Time
	look := func(asker string) *Entry {
		for _, e := range r.people[asker] {
			from, ok := r.from(e)
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
	for _, t := range r.round {
		if e := look(t.asker); e != nil {
			return e, time.Time{}
		}
	}
	// Nobody in the round can be asked for, so no call is lost.
	for _, channel := range r.order {
		for _, asker := range r.queues[channel] {
			if e := look(asker); e != nil {
				return e, time.Time{}
			}
		}
	}
	return nil, later
}

// from returns the time from which a question can be taken, or false if something else
// must happen first.
func (r *reference) from(e *Entry) (time.Time, bool) {
	if !e.Ready || r.busy[e.Thread] || r.threads[e.Thread][0] != e {
		return time.Time{}, false
	}
	if closed := r.closed[e.Agent]; closed.After(e.NotBefore) {
		return closed, true
	}
	return e.NotBefore, true
}

// take takes the next question out of the queue, and with it those that the same person
// asks next in its thread. It holds the thread until release. It returns nothing if no
// question can be taken now.
func (r *reference) take(now time.Time) []Entry {
	first, _ := r.next(now)
	if first == nil {
		return nil
	}
	together := r.together(first)
	for _, e := range together {
		r.remove(e.ID)
	}
	r.leaveRound(first.Asker)
	if rest := r.people[first.Asker]; len(rest) > 0 {
		r.enqueue(first.Asker, rest[0].ID.Channel)
	}
	r.admit()
	r.busy[first.Thread] = true
	return together
}

// together returns a question and those that are asked with it: the next questions of
// the same person in its thread, until another person asks there.
func (r *reference) together(first *Entry) []Entry {
	together := []Entry{*first}
	if first.Alone {
		return together
	}
	for _, e := range r.threads[first.Thread][1:] {
		if e.Asker != first.Asker || e.Agent != first.Agent || e.Alone || !e.Ready {
			break
		}
		together = append(together, *e)
	}
	return together
}

// release lets the thread's next question be taken.
func (r *reference) release(thread storage.ThreadID) { delete(r.busy, thread) }

// remove removes a question from the queue, and reports whether it was there.
func (r *reference) remove(id storage.MessageID) bool {
	e := r.ids[id]
	if e == nil {
		return false
	}
	delete(r.ids, id)
	dropFrom(r.threads, e.Thread, e)
	if dropFrom(r.people, e.Asker, e) {
		r.leaveRound(e.Asker)
		r.admit()
	}
	return true
}

// leaveRound removes a person from the round, or from the queue for it.
func (r *reference) leaveRound(asker string) {
	if at := slices.IndexFunc(r.round, func(t referenceTurn) bool { return t.asker == asker }); at >= 0 {
		if channel := r.round[at].channel; r.admitted[channel] > 1 {
			r.admitted[channel]--
		} else {
			delete(r.admitted, channel)
		}
		r.round = slices.Delete(r.round, at, at+1)
	}
	for _, channel := range slices.Clone(r.order) {
		if at := slices.Index(r.queues[channel], asker); at >= 0 {
			r.dequeue(channel, at)
		}
	}
}

// dropFrom removes a question from a list of the map, and reports whether it was the
// last one.
func dropFrom[K comparable](lists map[K][]*Entry, key K, e *Entry) (last bool) {
	rest := slices.DeleteFunc(lists[key], func(other *Entry) bool { return other == e })
	if len(rest) == 0 {
		delete(lists, key)
		return true
	}
	lists[key] = rest
	return false
}

// positions returns the position of every question in the queue, as if all of them could
// be asked. A position in the round, and one behind others of a channel, never moves
// back: a person who comes later goes behind.
func (r *reference) positions() map[storage.MessageID]Position {
	found := make(map[storage.MessageID]Position, len(r.ids))
	for i, t := range r.round {
		r.positionPerson(found, t.asker, i, BehindRound)
	}
	for _, channel := range r.order {
		for i, asker := range r.queues[channel] {
			r.positionPerson(found, asker, mostOfChannel+i, BehindChannel)
		}
	}
	for id, calls := range r.calls() {
		p := found[id]
		p.Calls = calls
		found[id] = p
	}
	return found
}

// positionPerson positions the questions of one person. The place in the round belongs
// to the first one that its thread does not hold up.
func (r *reference) positionPerson(found map[storage.MessageID]Position, asker string, ahead int, kind behind) {
	positioned := false
	for i, e := range r.people[asker] {
		switch {
		case r.busy[e.Thread] || r.threads[e.Thread][0] != e:
			found[e.ID] = Position{Behind: BehindThread}
		case !positioned:
			found[e.ID] = Position{Ahead: ahead, Behind: kind}
			positioned = true
		default:
			found[e.ID] = Position{Ahead: i, Behind: BehindOwn}
		}
	}
}

// calls returns how many calls come before each question, by going through the current
// queue.
func (r *reference) calls() map[storage.MessageID]int {
	rest := r.copy()
	calls := make(map[storage.MessageID]int, len(r.ids))
	for n := 0; ; n++ {
		taken := rest.take(time.Time{})
		if taken == nil {
			return calls
		}
		for _, e := range taken {
			calls[e.ID] = n
		}
		rest.release(taken[0].Thread)
	}
}

// copy returns a queue of the same order in which every question can be asked.
func (r *reference) copy() *reference {
	c := newReference()
	for asker, questions := range r.people {
		for _, e := range questions {
			free := *e
			free.Ready, free.NotBefore = true, time.Time{}
			c.ids[e.ID] = &free
			c.people[asker] = append(c.people[asker], &free)
			c.threads[e.Thread] = insert(c.threads[e.Thread], &free)
		}
	}
	c.round, c.admitted, c.order = slices.Clone(r.round), maps.Clone(r.admitted), slices.Clone(r.order)
	for channel, queue := range r.queues {
		c.queues[channel] = slices.Clone(queue)
	}
	return c
}
