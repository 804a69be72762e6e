package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// Publish implements [Store].
func (b *Bolt) Publish(ctx context.Context, id MessageID, in ThreadID, at time.Time) (err error) {
	defer b.report("publish")(&err)
	if err = in.check(); err == nil {
		err = b.update(ctx, func(t *tx) error { return t.publish(id, in, at) })
	}
	if err != nil {
		return fmt.Errorf("publish the answer to question %s: %w", id, err)
	}
	return nil
}

func (t *tx) publish(id MessageID, in ThreadID, at time.Time) error {
	var q Question
	if err := t.load(bucketQuestions, id.key(), &q); err != nil {
		return err
	}
	if err := q.Publish(in); err != nil {
		return err
	}
	var private Thread
	if err := t.load(bucketThreads, q.Thread.key(), &private); err != nil {
		return fmt.Errorf("the question's thread: %w", err)
	}
	if err := t.publishThread(&private, in, at); err != nil {
		return err
	}
	if err := t.moveTickets(q.Thread, in); err != nil {
		return err
	}
	if key, ok := q.PublishedKey(in); ok {
		if _, err := t.firstTime(stringsKey(string(key)), at); err != nil {
			return err
		}
	}
	return t.save(bucketQuestions, &q)
}

// publishThread makes the thread of a post go on from a private thread.
func (t *tx) publishThread(private *Thread, in ThreadID, at time.Time) error {
	post := Thread{ID: in, LastActive: at.UTC()}
	err := t.load(bucketThreads, in.key(), &post)
	known, before := err == nil, post.LastActive
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	post.Publish(private, at)
	if known { // somebody replied before this was stored
		err = t.saveThread(&post, before)
	} else {
		err = t.createThread(post)
	}
	if err != nil {
		return err
	}
	return t.save(bucketThreads, private)
}

// moveTickets moves the tickets of a thread to another one.
func (t *tx) moveTickets(from, to ThreadID) error {
	tickets, err := t.tickets(from)
	if err != nil {
		return err
	}
	for _, ticket := range tickets {
		var r ticketRecord
		key := ticketKey(from, ticket.Latest.ID)
		if err := t.load(bucketTickets, key, &r); err != nil {
			return err
		}
		if err := t.unindexTicket(&r); err != nil {
			return err
		}
		if err := t.delete(bucketTickets, key); err != nil {
			return err
		}
		if r.Thread = to; t.has(bucketTickets, r.key()) {
			continue
		}
		if err := t.saveTicket(&r); err != nil {
			return err
		}
	}
	return nil
}

// keptField is in the record of each question with a kept answer.
var keptField = []byte(`"kept":`)

// EraseAnswers implements [Store]. It reads in batches, because the file cannot grow while
// a read transaction is open.
func (b *Bolt) EraseAnswers(ctx context.Context, from, before time.Time) (err error) {
	defer b.report("erase_answers")(&err)
	start := timeKey(from, nil)
	for more := true; more && err == nil; {
		var entries, found [][]byte
		err = b.view(ctx, func(t *tx) (err error) {
			found = nil
			if entries, err = t.keys(indexQuestionsIdle, start, timeKey(before, nil), forgetBatch); err != nil {
				return err
			}
			for _, entry := range entries {
				if _, key, err := cutTime(entry); err == nil && bytes.Contains(t.get(bucketQuestions, key), keptField) {
					found = append(found, key)
				}
			}
			return nil
		})
		if err == nil && len(found) > 0 {
			err = b.update(ctx, func(t *tx) error { return t.eraseAnswers(found) })
		}
		if more = len(entries) == forgetBatch; more {
			start = append(entries[len(entries)-1], 0)
		}
	}
	if err != nil {
		return fmt.Errorf("erase kept answers: %w", err)
	}
	return nil
}

// eraseAnswers erases the kept answers of the questions with some keys.
func (t *tx) eraseAnswers(keys [][]byte) error {
	for _, key := range keys {
		var q Question
		if err := t.load(bucketQuestions, key, &q); errors.Is(err, ErrNotFound) {
			continue // it was forgotten, or set aside
		} else if err != nil {
			return err
		}
		q.Kept = ""
		if err := t.save(bucketQuestions, &q); err != nil {
			return err
		}
	}
	return nil
}
