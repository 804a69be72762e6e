package storagetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/anishathalye/porcupine"

	"enjobridge/storage"
)

// linearModel says what calls may answer if each happens at one moment between its beginning
// and its end. A call whose answer is unknown may have happened or not.
var linearModel = (&porcupine.NondeterministicModel{
	Partition: partition,
	Init:      func() []any { return []any{place{}} },
	Step: func(state, input, output any) []any {
		before, got := state.(place), output.(answer)
		after, want := before.apply(input.(call))
		switch {
		case got.unknown:
			return []any{before, after}
		case got == want:
			return []any{after}
		}
		return nil
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v → %v", input, output) },
	DescribeState:     func(state any) string { return fmt.Sprintf("%+v", state) },
}).ToModel()

// partition divides a history by the records that calls are about.
func partition(history []porcupine.Operation) (parts [][]porcupine.Operation) {
	type part struct {
		place int
		of    record
	}
	known := make(map[part]int)
	for _, o := range history {
		c := o.Input.(call)
		n, ok := known[part{c.place, c.op.record()}]
		if !ok {
			n = len(parts)
			known[part{c.place, c.op.record()}] = n
			parts = append(parts, nil)
		}
		parts[n] = append(parts[n], o)
	}
	return parts
}

// questionsOfPlace is how many questions a place has.
const questionsOfPlace = 3

// place is a thread with its questions, a key and a counter.
type place struct {
	questions    [questionsOfPlace]seen
	conversation string
	keySeen      bool
	counter      int
}

// seen is what callers see of a question. The zero value is one that is not stored.
type seen struct {
	state             storage.State
	attempts, unknown int
	with, text        string
	failure           storage.Failure
	reply             string
}

// seenOf returns what callers see of a stored question.
func seenOf(q storage.Question) seen {
	s := seen{state: q.State, attempts: q.Attempts, unknown: q.UnknownAttempts, text: q.Text}
	for _, id := range q.With {
		s.with += id.TS[len(id.TS)-1:]
	}
	if q.Outcome != nil {
		s.failure = q.Outcome.Failure
		if q.Outcome.Reply != nil {
			s.reply = q.Outcome.Reply.Text
		}
	}
	return s
}

// opKind is a kind of calls.
type opKind int

const (
	opAccept opKind = iota
	opAcceptFew
	opClaim
	opRequeue
	opSetOutcome
	opStopThread
	opEnd
	opQuestion
	opUnfinishedIn
	opThread
	opFirstTime
	opIncrement
)

// record is a kind of records.
type record int

const (
	recordThread record = iota
	recordKey
	recordCounter
)

// record returns the kind of the records that a call is about.
func (k opKind) record() record {
	switch k {
	case opFirstTime:
		return recordKey
	case opIncrement:
		return recordCounter
	}
	return recordThread
}

// isRead reports whether a call changes nothing.
func (k opKind) isRead() bool { return k == opQuestion || k == opUnfinishedIn || k == opThread }

// call is a call of a method of a Store.
type call struct {
	place    int
	op       opKind
	question int
	with     int           // of opClaim; -1 for none
	unknown  bool          // of opRequeue
	reply    string        // of opSetOutcome; empty for a failure
	end      storage.State // of opEnd
}

func (c call) String() string {
	names := [...]string{"Accept", "Decide and Accept", "Claim", "Requeue", "SetOutcome", "StopThread", "End", "Question", "UnfinishedIn", "Thread", "FirstTime", "Increment"}
	return fmt.Sprintf("%s(%d, with %d, unknown %v, reply %q, end %q)", names[c.op], c.question, c.with, c.unknown, c.reply, c.end)
}

// refusal is the error of a call that changed nothing.
type refusal string

const (
	refusedNotFound refusal = "not found"
	refusedState    refusal = "state"
)

// answer is the result of a call.
type answer struct {
	unknown      bool // whether it is not known if the call happened
	givenUp      bool // whether the caller gave up before the call began
	refused      refusal
	yes          bool
	n            int
	questions    [questionsOfPlace]seen
	conversation string
}

func (a answer) String() string {
	if a.unknown {
		return "?"
	}
	return fmt.Sprintf("%s %v %d %+v %s", cmp.Or(a.refused, "ok"), a.yes, a.n, a.questions, a.conversation)
}

// answered returns the answer of a call with an error. Any error but a refusal, and that of a
// caller that has given up, says nothing.
func (a answer) answered(err error) answer {
	switch {
	case err == nil:
		return a
	case errors.Is(err, storage.ErrNotFound):
		return answer{refused: refusedNotFound}
	case errors.Is(err, storage.ErrState):
		return answer{refused: refusedState}
	case errors.Is(err, context.DeadlineExceeded):
		return answer{givenUp: true}
	}
	return answer{unknown: true}
}

// apply returns the place after a call, and the answer of the call.
func (p place) apply(c call) (place, answer) {
	q := &p.questions[c.question]
	switch c.op {
	case opAccept:
		return p.accept(c)
	case opAcceptFew:
		if p.unfinished() >= maxFew {
			return p, answer{}
		}
		return p.accept(c)
	case opClaim:
		return p.claim(c)
	case opRequeue:
		if refused := q.refuse(storage.Asking); refused != "" {
			return p, answer{refused: refused}
		}
		q.state = storage.Queued
		if c.unknown {
			q.unknown++
		}
	case opSetOutcome:
		if refused := q.refuse(storage.Queued, storage.Asking); refused != "" {
			return p, answer{refused: refused}
		}
		q.state, q.reply = storage.Answered, c.reply
		if c.reply == "" {
			q.failure = storage.FailureInternal
		} else {
			p.conversation = c.reply
		}
	case opStopThread:
		return p.stop()
	case opEnd:
		return p.endOne(c)
	default:
		return p.read(c)
	}
	return p, answer{}
}

// maxFew is the number of unfinished questions above which opAcceptFew accepts no more.
const maxFew = 2

// textOf is the text of a question.
func textOf(n int) string { return fmt.Sprint("text ", n) }

func (p place) accept(c call) (place, answer) {
	if p.questions[c.question].state != "" {
		return p, answer{}
	}
	p.questions[c.question] = seen{state: storage.Queued, text: textOf(c.question)}
	return p, answer{yes: true}
}

func (p place) claim(c call) (place, answer) {
	q := &p.questions[c.question]
	if c.with < 0 {
		if refused := q.refuse(storage.Queued); refused != "" {
			return p, answer{refused: refused}
		}
	} else {
		other := &p.questions[c.with]
		if q.state == "" || other.state == "" {
			return p, answer{refused: refusedNotFound}
		}
		if q.state != storage.Queued || other.state != storage.Queued {
			return p, answer{refused: refusedState}
		}
		q.with += fmt.Sprint(c.with) + other.with
		q.text = strings.Join([]string{q.text, other.text}, "\n\n")
		q.unknown = max(q.unknown, other.unknown)
		other.state, other.text = storage.Merged, ""
	}
	q.state = storage.Asking
	q.attempts++
	var a answer
	a.questions[c.question] = *q
	return p, a
}

func (p place) stop() (place, answer) {
	var a answer
	failure := storage.FailureStopped
	for n := range p.questions {
		if q := &p.questions[n]; q.state == storage.Queued || q.state == storage.Asking {
			q.state, q.failure, q.reply = storage.Answered, failure, ""
			failure = storage.FailureDropped
			a.questions[n] = *q
		}
	}
	return p, a
}

func (p place) endOne(c call) (place, answer) {
	q := &p.questions[c.question]
	from := []storage.State{storage.Answered}
	if c.end == storage.Cancelled {
		from = []storage.State{storage.Queued, storage.Asking, storage.Answered}
	}
	if refused := q.refuse(from...); refused != "" {
		return p, answer{refused: refused}
	}
	q.state, q.text, q.reply = c.end, "", ""
	return p, answer{}
}

// read returns the answer of a call that changes no question.
func (p place) read(c call) (place, answer) {
	var a answer
	switch c.op {
	case opQuestion:
		if p.questions[c.question].state == "" {
			return p, answer{refused: refusedNotFound}
		}
		a.questions[c.question] = p.questions[c.question]
	case opUnfinishedIn:
		for n, q := range p.questions {
			if q.isUnfinished() {
				a.questions[n] = q
			}
		}
	case opThread:
		if p.questions == [questionsOfPlace]seen{} {
			return p, answer{refused: refusedNotFound}
		}
		a.conversation = p.conversation
	case opFirstTime:
		a.yes, p.keySeen = !p.keySeen, true
	case opIncrement:
		p.counter++
		a.n = p.counter
	}
	return p, a
}

// refuse returns why a question is in none of some states; empty if it is in one.
func (s seen) refuse(states ...storage.State) refusal {
	if s.state == "" {
		return refusedNotFound
	}
	for _, state := range states {
		if s.state == state {
			return ""
		}
	}
	return refusedState
}

func (s seen) isUnfinished() bool {
	return s.state == storage.Queued || s.state == storage.Asking || s.state == storage.Answered
}

// unfinished returns how many questions have not ended.
func (p place) unfinished() (n int) {
	for _, q := range p.questions {
		if q.isUnfinished() {
			n++
		}
	}
	return n
}
