package bot

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"enjobridge/storage"
)

// position is where a question is in line.
type position struct {
	// ahead is how many questions come before it; behind says in which sense.
	ahead  int
	behind behind
	// calls is about how many calls are made before its own, if nobody else asks and
	// all can be asked. In the round it never rises and is an upper bound, unless an
	// earlier question of the same person stops waiting for its thread and is asked
	// first. Elsewhere it is an upper bound if each question has a thread to itself
	// and nobody asks in two channels. It is less than the number of questions in line.
	calls int
}

// behind says what a question in line waits for.
type behind string

const (
	behindRound   behind = "round"   // those whose turn comes before
	behindChannel behind = "channel" // those of its channel who wait for a turn
	behindOwn     behind = "own"     // an earlier question of the same person
	behindThread  behind = "thread"  // the question before it in its thread
)

// position returns where a question is, as if all in line could be asked; false
// if it is not in line. A position in the round, and one behind others of a channel,
// never moves back: a person who comes later goes behind.
func (l *line) position(id storage.MessageID) (position, bool) {
	w := l.ids[id]
	if w == nil {
		return position{}, false
	}
	p := l.people[w.asker]
	var first position
	if p.inRound {
		first = inRound(l.round.index(p.at))
	} else {
		first = l.inQueue(p.channel.queue.index(p.at), l.indexes(p.channel))
	}
	return l.positionsOf(p, first)[slices.Index(p.questions, w)], true
}

// positions returns all questions in line, each with what [line.position] returns
// for it, in one pass. The line must not change meanwhile.
func (l *line) positions() iter.Seq2[waiting, position] {
	return func(yield func(waiting, position) bool) {
		of := func(p *member, first position) bool {
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
func (l *line) indexes(c *channel) []int {
	indexes := make([]int, len(c.inRound))
	for i, p := range c.inRound {
		indexes[i] = l.round.index(p.at)
	}
	return indexes
}

// inRound returns the position of the next question of a person in the round.
func inRound(index int) position { return position{index, behindRound, index} }

// inQueue returns the position of the next question of a person in a channel's
// queue, where indexes are those of the channel's people in the round.
//
// Each of these, once asked, makes room for the first one in the queue, who goes to
// the end of the round and is asked at most one round later. The round does not grow.
func (l *line) inQueue(index int, indexes []int) position {
	calls := indexes[index%mostOfChannel] + (1+index/mostOfChannel)*l.round.len()
	return position{mostOfChannel + index, behindChannel, l.atMostAll(calls)}
}

// atMostAll bounds the calls before a question by those for all others.
func (l *line) atMostAll(calls int) int { return min(calls, len(l.ids)-1) }

// positionsOf returns the positions of a person's questions. The first one that is
// not held up in its thread has the person's position. Each later one is asked at
// most a lap later, in which all others of the channel are asked once.
func (l *line) positionsOf(p *member, first position) []position {
	lap := l.round.len() * (1 + (p.channel.queue.len()+mostOfChannel-1)/mostOfChannel)
	positions := make([]position, len(p.questions))
	free := 0 // questions before that are not held up
	for i, w := range p.questions {
		at := first
		if free > 0 {
			at = position{i, behindOwn, l.atMostAll(first.calls + free*lap)}
		}
		if l.free(w) {
			free++
		} else {
			at.ahead, at.behind = 0, behindThread
		}
		positions[i] = at
	}
	return positions
}

// sentence says a position to people, as what follows the name of the app.
func (p position) sentence(wait time.Duration) string {
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
