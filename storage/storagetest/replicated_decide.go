package storagetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"enjobridge/storage"
)

// testDecideOnce checks that of copies of a message that replicas receive at the same time,
// one is accepted and counted.
func testDecideOnce(t *testing.T, r *replicas) {
	const messages, copies = 5, 6
	var fresh atomic.Int32
	concurrently(messages*copies, func(i int) {
		q := ask(fmt.Sprintf("%d.1", i%messages), "Why?")
		err := r.all[i%len(r.all)].Decide(background, scopeOf(q), func(s storage.Store) error {
			switch _, err := s.Question(background, q.ID); {
			case err == nil:
				return nil
			case !errors.Is(err, storage.ErrNotFound):
				return err
			}
			if n, err := s.Increment(background, "asked", at(0)); err != nil || n > messages {
				return errors.Join(err, fmt.Errorf("it is question %d of %d", n, messages))
			}
			_, err := s.Accept(background, q, threadOf(q))
			fresh.Add(1)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	n, err := r.a.Count(background, "asked")
	r.must(err)
	equal(t, "count", n, messages)
	if int(fresh.Load()) < messages {
		t.Errorf("%d messages were decided on, want %d", fresh.Load(), messages)
	}
}

// scopeOf returns what a decision on a question depends on.
func scopeOf(q storage.Question) storage.Scope {
	return storage.Scope{
		Team: q.ID.Team, Channel: q.ID.Channel, Person: q.Asker,
		Questions: []storage.MessageID{q.ID}, Threads: []storage.ThreadID{q.Thread},
	}
}

// testDecideLimit checks that replicas together do not exceed a limit of a person who asks in
// several channels at the same time.
func testDecideLimit(t *testing.T, r *replicas) {
	const attempts, limit = 24, 5
	concurrently(attempts, func(i int) {
		q := ask(fmt.Sprintf("1.%d", i), "Why?")
		q.ID.Channel = fmt.Sprintf("C%d", i%4)
		q.Thread.Channel = q.ID.Channel
		err := r.all[i%len(r.all)].Decide(background, scopeOf(q), func(s storage.Store) error {
			waiting, err := s.Waiting(background, q.Thread, q.Asker)
			if err != nil || waiting.OfAsker >= limit {
				return err
			}
			_, err = s.Accept(background, q, threadOf(q))
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	unfinished, err := r.a.Unfinished(background)
	r.must(err)
	equal(t, "accepted questions", len(unfinished), limit)
}

// testDecideSees checks that a decision reads what it has written, that others read it
// afterwards, and that its error is returned.
func testDecideSees(t *testing.T, r *replicas) {
	q, failure := ask("1.1", "Why?"), errors.New("no")
	r.must(r.a.Decide(background, scopeOf(q), func(s storage.Store) error {
		_, err := s.Accept(background, q, threadOf(q))
		r.must(err)
		_, err = s.Edit(background, q.ID, "Why not?")
		r.must(err)
		got, err := s.Question(background, q.ID)
		r.must(err)
		equal(t, "text", got.Text, "Why not?")
		waiting, err := s.Waiting(background, q.Thread, q.Asker)
		equal(t, "waiting", waiting, storage.Waiting{InThread: 1, OfAsker: 1, All: 1})
		return err
	}))
	got, err := r.b.Question(background, q.ID)
	r.must(err)
	equal(t, "text", got.Text, "Why not?")
	if err := r.b.Decide(background, scopeOf(q), func(storage.Store) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("Decide: error %v, want that of the decision", err)
	}
}
