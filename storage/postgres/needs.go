package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// needs are the locks that an operation takes, and the records that it reads.
type needs struct {
	locks      []int64
	questions  []storage.MessageID
	threads    []storage.ThreadID
	keys       []storage.Key
	unfinished []group
	tickets    []string // their IDs
	waiting    []place
	fenced     bool
}

func (n *needs) add(more needs) {
	n.locks = append(n.locks, more.locks...)
	n.questions = append(n.questions, more.questions...)
	n.threads = append(n.threads, more.threads...)
	n.keys = append(n.keys, more.keys...)
	n.unfinished = append(n.unfinished, more.unfinished...)
	n.tickets = append(n.tickets, more.tickets...)
	n.waiting = append(n.waiting, more.waiting...)
}

// allLocks returns the locks, and those of the records, in order, so that two transactions do
// not wait for each other.
func (n *needs) allLocks() []int64 {
	locks := slices.Clone(n.locks)
	for _, id := range n.questions {
		locks = append(locks, channelLock(id.Team, id.Channel))
	}
	for _, id := range n.threads {
		locks = append(locks, channelLock(id.Team, id.Channel))
	}
	for _, key := range n.keys {
		locks = append(locks, keyLock(key))
	}
	for _, g := range n.unfinished {
		locks = append(locks, g.lock())
	}
	for _, id := range n.tickets {
		locks = append(locks, ticketLock(id))
	}
	for _, p := range n.waiting {
		locks = append(locks, p.locks()...)
	}
	slices.Sort(locks)
	return slices.Compact(locks)
}

// scopeOf returns the needs of a decision.
func scopeOf(s storage.Scope) needs {
	n := needs{locks: []int64{channelLock(s.Team, s.Channel)}, questions: s.Questions, threads: s.Threads, keys: s.Keys}
	if s.Person != "" {
		n.locks = append(n.locks, personLock(s.Person))
		for _, thread := range s.Threads {
			n.waiting = append(n.waiting, place{thread, s.Person})
		}
	}
	return n
}

// prepare takes locks and reads records in one round trip, unless all are known.
func (t *tx) prepare(n needs) error {
	t.lock(n.allLocks()...)
	if t.knows(n) {
		return nil
	}
	b := t.takePending()
	t.readAhead(b, n)
	return t.send(b)
}

// knows reports whether everything that is needed was read.
func (t *tx) knows(n needs) bool {
	var records []string
	for _, id := range n.questions {
		records = append(records, questions.cacheKey(messageIdentity(id)))
	}
	for _, id := range n.threads {
		records = append(records, threads.cacheKey(threadIdentity(id)))
	}
	return hasAll(t.records, records) && hasAll(t.keys, n.keys) && hasAll(t.unfinished, n.unfinished) &&
		hasAll(t.tickets, n.tickets) && !slices.ContainsFunc(n.waiting, t.waiting.misses)
}

// hasAll reports whether a map has all keys.
func hasAll[K comparable, V any](m map[K]V, keys []K) bool {
	return !slices.ContainsFunc(keys, func(key K) bool {
		_, has := m[key]
		return !has
	})
}

// readAhead reads what operations need, in the round trip that begins the transaction. With a
// question, it reads the question's thread.
func (t *tx) readAhead(b *pgx.Batch, n needs) {
	var messages, roots []identity
	for _, id := range n.questions {
		messages = append(messages, messageIdentity(id))
	}
	for _, id := range n.threads {
		roots = append(roots, threadIdentity(id))
	}
	if args := t.read(b, questions, messages); args != nil {
		b.Queue(threadsOf(questions.wanted("q")), args...).Query(t.keep(threads, nil))
	}
	t.read(b, threads, roots)
	readKeys(b, n.keys, t.keys)
	for _, g := range n.unfinished {
		t.readUnfinished(b, g)
	}
	for _, id := range n.tickets {
		t.readTickets(b, id)
	}
	t.readWaiting(b, n.waiting)
}
