package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// Publish implements [storage.Store].
func (s *Store) Publish(ctx context.Context, id storage.MessageID, in storage.ThreadID, at time.Time) (err error) {
	defer s.report("publish")(&err)
	if err = check("thread", threadIdentity(in)...); err == nil {
		n := questionNeeds(id, in)
		key, _ := (&storage.Question{ID: id}).PublishedKey(in)
		n.keys = []storage.Key{key}
		err = s.update(ctx, n, func(t *tx) error { return t.publish(id, in, at) })
	}
	if err != nil {
		return fmt.Errorf("publish the answer to question %s: %w", id, err)
	}
	return nil
}

func (t *tx) publish(id storage.MessageID, in storage.ThreadID, at time.Time) error {
	q, err := t.question(id)
	if err != nil {
		return err
	}
	if err := q.Publish(in); err != nil {
		return err
	}
	private, err := t.thread(q.Thread)
	if err != nil {
		return fmt.Errorf("the question's thread: %w", err)
	}
	if err := t.publishThread(&private, in, at); err != nil {
		return err
	}
	if err := t.moveTickets(q.Thread, in); err != nil {
		return err
	}
	if key, ok := q.PublishedKey(in); ok {
		if _, err := t.firstTime(key, at); err != nil {
			return err
		}
	}
	return t.saveQuestion(&q)
}

// publishThread makes the thread of a post go on from a private thread.
func (t *tx) publishThread(private *storage.Thread, in storage.ThreadID, at time.Time) error {
	post, err := t.thread(in)
	isNew, err := ignoreNotFound(err)
	if err != nil {
		return err
	}
	if isNew { // otherwise somebody replied before this was stored
		post = storage.Thread{ID: in, LastActive: at.UTC()}
	}
	post.Publish(private, at)
	if err := t.saveThread(&post); err != nil {
		return err
	}
	return t.saveThread(private)
}

// moveTickets moves the tickets of a thread to another one.
func (t *tx) moveTickets(from, to storage.ThreadID) error {
	moved, err := t.ticketsIn(from)
	if err != nil {
		return err
	}
	var ids []identity
	for _, ticket := range moved {
		ids = append(ids, ticketIdentity(from, ticket.Latest.ID), ticketIdentity(to, ticket.Latest.ID))
	}
	if err := t.loadAll(tickets, ids...); err != nil {
		return err
	}
	for _, ticket := range moved {
		if err := t.moveTicket(ticket.Latest.ID, from, to); err != nil {
			return err
		}
	}
	return nil
}

// moveTicket moves a ticket from one thread to another, where it is not stored yet.
func (t *tx) moveTicket(id string, from, to storage.ThreadID) error {
	var ticket, there storage.Ticket
	if missing, err := ignoreNotFound(t.load(tickets, ticketIdentity(from, id), &ticket)); err != nil || missing {
		return err
	}
	missing, err := ignoreNotFound(t.load(tickets, ticketIdentity(to, id), &there))
	if err != nil {
		return err
	}
	if !missing {
		t.delete(tickets, ticketIdentity(from, id))
		return nil
	}
	t.rename(tickets, ticketIdentity(from, id), ticketIdentity(to, id))
	ticket.Thread = to
	return t.saveTicket(&ticket)
}

// eraseBatch is how many answers one transaction of EraseAnswers erases.
const eraseBatch = 500

// EraseAnswers implements [storage.Store].
func (s *Store) EraseAnswers(ctx context.Context, from, before time.Time) (err error) {
	defer s.report("erase_answers")(&err)
	for more := true; more && err == nil; {
		var found []storage.MessageID
		if found, err = s.kept(ctx, from, before); err == nil && len(found) > 0 {
			err = s.update(ctx, needs{questions: found}, func(t *tx) error { return t.eraseAnswers(found) })
		}
		more = len(found) == eraseBatch
	}
	if err != nil {
		return fmt.Errorf("erase kept answers: %w", err)
	}
	return nil
}

// kept returns questions with a kept answer that ended at or after from and before before.
func (s *Store) kept(ctx context.Context, from, before time.Time) (ids []storage.MessageID, err error) {
	err = s.view(ctx, func(t *tx) error {
		const sql = `SELECT team, channel, ts FROM enjobridge.questions WHERE kept AND ended_at >= $1 AND ended_at < $2 ORDER BY ended_at, number LIMIT $3`
		return t.query(sql, []any{from.UTC(), before.UTC(), eraseBatch}, func(rows pgx.Rows) (err error) {
			ids, err = pgx.CollectRows(rows, pgx.RowToStructByPos[storage.MessageID])
			return err
		})
	})
	return ids, err
}

// eraseAnswers erases the kept answers of questions.
func (t *tx) eraseAnswers(ids []storage.MessageID) error {
	for _, id := range ids {
		q, err := t.question(id)
		if missing, err := ignoreNotFound(err); err != nil {
			return err
		} else if missing {
			continue // it was forgotten, or set aside
		}
		q.Kept = ""
		if err := t.saveQuestion(&q); err != nil {
			return err
		}
	}
	return nil
}
