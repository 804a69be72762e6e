package queue

import (
	"iter"
	"slices"

	"enjobridge/storage"
)

// Position is where a question is in the queue.
type Position struct {
	// Ahead is how many questions come before it; Behind says in which sense.
	Ahead  int
	Behind behind
	// Calls is about how many calls are made before its own, if nobody else asks and
	// all can be asked. In the round it never rises and is an upper bound, unless an
	// earlier question of the same person stops waiting for its thread and is asked
	// first. Elsewhere it is an upper bound if each question has a thread to itself
	// and nobody asks in two channels. It is less than the number of questions in the queue.
	Calls int
}

// behind is what a question in the queue waits for.
type behind string

const (
	BehindRound   behind = "round"   // people whose turn comes before
	BehindChannel behind = "channel" // people of its channel who wait for a turn
	BehindOwn     behind = "own"     // an earlier question of the same person
	BehindThread  behind = "thread"  // the question before it in its thread
)

// Position returns where a question is, as if all in the queue could be asked; false if
// it is not in the queue. A position in the round, and one behind others of a channel,
// never moves back: a person who comes later goes behind.
func (q *Queue) Position(id storage.MessageID) (Position, bool) {
	e := q.ids[id]
	if e == nil {
		return Position{}, false
	}
	p := q.people[e.Asker]
	var first Position
	if p.inRound {
		first = inRound(q.round.index(p.at))
	} else {
		first = q.inQueue(p.channel.queue.index(p.at), q.indexes(p.channel))
	}
	return q.positionsOf(p, first)[slices.Index(p.questions, e)], true
}

// Positions returns all questions in the queue, each with what [Queue.Position] returns
// for it, in one pass. The queue must not change meanwhile.
func (q *Queue) Positions() iter.Seq2[Entry, Position] {
	return func(yield func(Entry, Position) bool) {
		of := func(p *member, first Position) bool {
			for i, at := range q.positionsOf(p, first) {
				if !yield(*p.questions[i], at) {
					return false
				}
			}
			return true
		}
		for index, p := range q.round.all() {
			if !of(p, inRound(index)) {
				return
			}
		}
		for _, c := range q.queues.all() {
			indexes := q.indexes(c)
			for index, p := range c.queue.all() {
				if !of(p, q.inQueue(index, indexes)) {
					return
				}
			}
		}
	}
}

// indexes returns the indexes in the round of a channel's people.
func (q *Queue) indexes(c *channel) []int {
	indexes := make([]int, len(c.inRound))
	for i, p := range c.inRound {
		indexes[i] = q.round.index(p.at)
	}
	return indexes
}

// inRound returns the position of the next question of a person in the round.
func inRound(index int) Position { return Position{index, BehindRound, index} }

// inQueue returns the position of the next question of a person in a channel's
// queue, where indexes are those of the channel's people in the round.
//
// Each of these, once asked, makes room for the first one in the queue, which goes to
// the end of the round and is asked at most one round later. The round does not grow.
func (q *Queue) inQueue(index int, indexes []int) Position {
	calls := indexes[index%mostOfChannel] + (1+index/mostOfChannel)*q.round.len()
	return Position{mostOfChannel + index, BehindChannel, q.atMostAll(calls)}
}

// atMostAll bounds the calls before a question by those for all others.
func (q *Queue) atMostAll(calls int) int { return min(calls, len(q.ids)-1) }

// positionsOf returns the positions of a person's questions. The first one that is
// not held up in its thread has the person's position. Each later one is asked at
// most a lap later, in which all others of the channel are asked once.
func (q *Queue) positionsOf(p *member, first Position) []Position {
	lap := q.round.len() * (1 + (p.channel.queue.len()+mostOfChannel-1)/mostOfChannel)
	positions := make([]Position, len(p.questions))
	free := 0 // questions before that are not held up
	for i, e := range p.questions {
		at := first
		if free > 0 {
			at = Position{i, BehindOwn, q.atMostAll(first.Calls + free*lap)}
		}
		if q.free(e) {
			free++
		} else {
			at.Ahead, at.Behind = 0, BehindThread
		}
		positions[i] = at
	}
	return positions
}
