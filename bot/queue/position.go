package queue

import (
	"iter"
	"slices"

	"enjobridge/storage"
)

// Position is where a question is in line.
type Position struct {
	// Ahead is how many questions come before it; behind says in which sense.
	Ahead  int
	Behind behind
	// Calls is about how many calls are made before its own, if nobody else asks and
	// all can be asked. In the round it never rises and is an upper bound, unless an
	// earlier question of the same person stops waiting for its thread and is asked
	// first. Elsewhere it is an upper bound if each question has a thread to itself
	// and nobody asks in two channels. It is less than the number of questions in line.
	Calls int
}

// Behind says what a question in line waits for.
type behind string

const (
	BehindRound   behind = "round"   // those whose turn comes before
	BehindChannel behind = "channel" // those of its channel who wait for a turn
	BehindOwn     behind = "own"     // an earlier question of the same person
	BehindThread  behind = "thread"  // the question before it in its thread
)

// Position returns where a question is, as if all in line could be asked; false
// if it is not in line. A position in the round, and one behind others of a channel,
// never moves back: a person who comes later goes behind.
func (l *Queue) Position(id storage.MessageID) (Position, bool) {
	w := l.ids[id]
	if w == nil {
		return Position{}, false
	}
	p := l.people[w.Asker]
	var first Position
	if p.inRound {
		first = inRound(l.round.index(p.at))
	} else {
		first = l.inQueue(p.channel.queue.index(p.at), l.indexes(p.channel))
	}
	return l.positionsOf(p, first)[slices.Index(p.questions, w)], true
}

// Positions returns all questions in line, each with what [Queue.Position] returns
// for it, in one pass. The line must not change meanwhile.
func (l *Queue) Positions() iter.Seq2[Entry, Position] {
	return func(yield func(Entry, Position) bool) {
		of := func(p *member, first Position) bool {
			for i, at := range l.positionsOf(p, first) {
				if !yield(*p.questions[i], at) {
					return false
				}
			}
			return true
		}
		for index, p := range l.round.all() {
			if !of(p, inRound(index)) {
				return
			}
		}
		for _, c := range l.queues.all() {
			indexes := l.indexes(c)
			for index, p := range c.queue.all() {
				if !of(p, l.inQueue(index, indexes)) {
					return
				}
			}
		}
	}
}

// indexes returns the indexes in the round of a channel's people.
func (l *Queue) indexes(c *channel) []int {
	indexes := make([]int, len(c.inRound))
	for i, p := range c.inRound {
		indexes[i] = l.round.index(p.at)
	}
	return indexes
}

// inRound returns the position of the next question of a person in the round.
func inRound(index int) Position { return Position{index, BehindRound, index} }

// inQueue returns the position of the next question of a person in a channel's
// queue, where indexes are those of the channel's people in the round.
//
// Each of these, once asked, makes room for the first one in the queue, who goes to
// the end of the round and is asked at most one round later. The round does not grow.
func (l *Queue) inQueue(index int, indexes []int) Position {
	calls := indexes[index%mostOfChannel] + (1+index/mostOfChannel)*l.round.len()
	return Position{mostOfChannel + index, BehindChannel, l.atMostAll(calls)}
}

// atMostAll bounds the calls before a question by those for all others.
func (l *Queue) atMostAll(calls int) int { return min(calls, len(l.ids)-1) }

// positionsOf returns the positions of a person's questions. The first one that is
// not held up in its thread has the person's position. Each later one is asked at
// most a lap later, in which all others of the channel are asked once.
func (l *Queue) positionsOf(p *member, first Position) []Position {
	lap := l.round.len() * (1 + (p.channel.queue.len()+mostOfChannel-1)/mostOfChannel)
	positions := make([]Position, len(p.questions))
	free := 0 // questions before that are not held up
	for i, w := range p.questions {
		at := first
		if free > 0 {
			at = Position{i, BehindOwn, l.atMostAll(first.Calls + free*lap)}
		}
		if l.free(w) {
			free++
		} else {
			at.Ahead, at.Behind = 0, BehindThread
		}
		positions[i] = at
	}
	return positions
}
