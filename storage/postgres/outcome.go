package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// SetOutcome implements [storage.Store].
func (s *Store) SetOutcome(ctx context.Context, id storage.MessageID, outcome storage.Outcome, at time.Time) (err error) {
	defer s.report("settle")(&err)
	err = s.update(ctx, outcomeNeeds(id, outcome), func(t *tx) error {
		q, err := t.question(id)
		if err != nil {
			return err
		}
		if err := q.SetOutcome(outcome, at); err != nil {
			return err
		}
		if q.Outcome.Reply != nil {
			if err := t.replied(q, at); err != nil {
				return err
			}
		}
		return t.saveQuestion(&q)
	})
	if err != nil {
		return fmt.Errorf("set the outcome of question %s: %w", id, err)
	}
	return nil
}

// outcomeNeeds are the needs of SetOutcome.
func outcomeNeeds(id storage.MessageID, outcome storage.Outcome) needs {
	n := questionNeeds(id)
	if outcome.Reply != nil && outcome.Reply.Ticket != nil {
		key, _ := (&storage.Question{ID: id}).CreatedKey(*outcome.Reply.Ticket)
		n.keys, n.tickets = []storage.Key{key}, []string{outcome.Reply.Ticket.ID}
	}
	return n
}

// replied updates the thread of a question after its reply, and stores the reply's ticket.
func (t *tx) replied(q storage.Question, at time.Time) error {
	ticket := q.Outcome.Reply.Ticket
	if ticket != nil {
		if err := check("ticket", ticket.ID); err != nil {
			return err
		}
	}
	thread, err := t.thread(q.Thread)
	if errors.Is(err, storage.ErrNotFound) {
		thread, err = q.MissingThread(at), nil
	}
	if err != nil {
		return fmt.Errorf("the question's thread: %w", err)
	}
	thread.Replied(*q.Outcome, at)
	if err := t.saveThread(&thread); err != nil {
		return err
	}
	if err := t.continueIn(thread, q); err != nil || ticket == nil {
		return err
	}
	return t.repliedTicket(q, thread, *ticket, at)
}

// continueIn makes the other threads of the questions that were merged into one continue its
// thread.
func (t *tx) continueIn(thread storage.Thread, q storage.Question) error {
	var ids []identity
	for _, id := range q.With {
		ids = append(ids, threadIdentity(q.ThreadOf(id)))
	}
	if err := t.loadAll(threads, ids...); err != nil {
		return err
	}
	for _, id := range q.With {
		other, err := t.thread(q.ThreadOf(id))
		if errors.Is(err, storage.ErrNotFound) || err == nil && other.ID == thread.ID {
			continue // it is the same thread, or was forgotten
		}
		if err == nil {
			other.ContinueMerged(thread, id)
			err = t.saveThread(&other)
		}
		if err != nil {
			return fmt.Errorf("the thread of merged question %s: %w", id, err)
		}
	}
	return nil
}

// repliedTicket stores the ticket of a reply, in the thread that the question's continues if
// the ticket is there, and that it was created for the question.
func (t *tx) repliedTicket(q storage.Question, thread storage.Thread, latest enjo.Ticket, at time.Time) error {
	known, err := t.ticketsNamed(latest.ID)
	if err != nil {
		return err
	}
	if _, continued := ticketIn(known, thread.Continues); continued && thread.Continues != (storage.ThreadID{}) {
		q.Thread = thread.Continues
	}
	ticket, _ := ticketIn(known, q.Thread)
	ticket.Update(q, latest, at)
	if err := t.saveTicket(&ticket); err != nil {
		return err
	}
	if key, created := q.CreatedKey(latest); created && len(known) == 0 {
		_, err = t.firstTime(key, at)
	}
	return err
}

// End implements [storage.Store].
func (s *Store) End(ctx context.Context, id storage.MessageID, end storage.State, posts []string, at time.Time) (err error) {
	defer s.report("end")(&err)
	err = s.update(ctx, questionNeeds(id), func(t *tx) error {
		q, err := t.question(id)
		if err != nil {
			return err
		}
		if err := q.End(end, posts, at); err != nil {
			return err
		}
		if err := t.linkPosts(q, at); err != nil {
			return err
		}
		return t.saveQuestion(&q)
	})
	if err != nil {
		return fmt.Errorf("end question %s as %s: %w", id, end, err)
	}
	return nil
}
