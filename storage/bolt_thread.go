package storage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Thread implements [Store].
func (b *Bolt) Thread(ctx context.Context, id ThreadID) (_ Thread, err error) {
	defer b.report("thread")(&err)
	var thread Thread
	err = b.view(ctx, func(t *tx) error { return t.load(bucketThreads, id.key(), &thread) })
	if err != nil {
		return Thread{}, fmt.Errorf("read thread %s: %w", id, err)
	}
	return thread, nil
}

// ActiveThreads implements [Store].
func (b *Bolt) ActiveThreads(ctx context.Context, since time.Time, limit int) (_ []Thread, err error) {
	defer b.report("active_threads")(&err)
	var threads []Thread
	err = b.view(ctx, func(t *tx) error {
		keys, err := t.keys(indexThreadsIdle, timeKey(since, nil), nil, math.MaxInt)
		if err != nil {
			return err
		}
		threads = nil
		for _, key := range slices.Backward(keys) {
			if len(threads) >= limit {
				break
			}
			var thread Thread
			if t.loadIndexed(bucketThreads, indexThreadsIdle, key, &thread) && !thread.Posted && !thread.ID.IsPrivate() {
				threads = append(threads, thread)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the active threads: %w", err)
	}
	return threads, nil
}

// SetMuted implements [Store].
func (b *Bolt) SetMuted(ctx context.Context, id ThreadID, muted bool) (err error) {
	defer b.report("set_muted")(&err)
	err = b.update(ctx, func(t *tx) error {
		var thread Thread
		if err := t.load(bucketThreads, id.key(), &thread); err != nil {
			return err
		}
		thread.Muted = muted
		return t.save(bucketThreads, &thread)
	})
	if err != nil {
		return fmt.Errorf("mute thread %s: %w", id, err)
	}
	return nil
}

// MuteOnce implements [Store].
func (b *Bolt) MuteOnce(ctx context.Context, id ThreadID, key Key, at time.Time) (first bool, err error) {
	defer b.report("mute_once")(&err)
	if err := checkID("key", string(key)); err != nil {
		return false, fmt.Errorf("mute thread %s once: %w", id, err)
	}
	err = b.update(ctx, func(t *tx) (err error) {
		var thread Thread
		if err := t.load(bucketThreads, id.key(), &thread); err != nil {
			return err
		}
		if first, err = t.firstTime(stringsKey(string(key)), at); err != nil || !first {
			return err
		}
		thread.Muted = true
		return t.save(bucketThreads, &thread)
	})
	if err != nil {
		return false, fmt.Errorf("mute thread %s once: %w", id, err)
	}
	return first, nil
}

// ResetConversation implements [Store].
func (b *Bolt) ResetConversation(ctx context.Context, id ThreadID) (err error) {
	defer b.report("renew")(&err)
	err = b.update(ctx, func(t *tx) error {
		var thread Thread
		if err := t.load(bucketThreads, id.key(), &thread); errors.Is(err, ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		thread.Reset()
		return t.save(bucketThreads, &thread)
	})
	if err != nil {
		return fmt.Errorf("reset the conversation of thread %s: %w", id, err)
	}
	return nil
}

// asked creates the thread of a new question, or updates a known thread.
func (t *tx) asked(q Question, fresh Thread) error {
	var known Thread
	err := t.load(bucketThreads, fresh.key(), &known)
	if errors.Is(err, ErrNotFound) {
		return t.createThread(fresh.Created(q))
	}
	if err != nil {
		return err
	}
	before := known.LastActive
	known.Asked(q, fresh.LastActive)
	return t.saveThread(&known, before)
}

// createThread stores a new thread.
func (t *tx) createThread(fresh Thread) error {
	if err := t.put(indexThreadsIdle, timeKey(fresh.LastActive, fresh.key()), nil); err != nil {
		return err
	}
	return t.save(bucketThreads, &fresh)
}

// replied updates the thread of a question after its reply, and stores the reply's ticket.
func (t *tx) replied(q Question, at time.Time) error {
	var thread Thread
	err := t.load(bucketThreads, q.Thread.key(), &thread)
	if errors.Is(err, ErrNotFound) {
		thread = q.MissingThread(at)
		err = t.createThread(thread)
	}
	if err != nil {
		return fmt.Errorf("the question's thread: %w", err)
	}
	before := thread.LastActive
	thread.Replied(*q.Outcome, at)
	if err := t.saveThread(&thread, before); err != nil {
		return err
	}
	if err := t.continueIn(thread, q); err != nil {
		return err
	}
	reply := q.Outcome.Reply
	if reply.Ticket == nil {
		return nil
	}
	if continued := ticketKey(thread.Continues, reply.Ticket.ID); thread.Continues != (ThreadID{}) && t.has(bucketTickets, continued) {
		q.Thread = thread.Continues
	}
	key, created := q.CreatedKey(*reply.Ticket)
	created = created && !t.hasPrefix(indexTicketsNamed, stringsKey(reply.Ticket.ID))
	if err := t.updateTicket(q, *reply.Ticket, at); err != nil || !created {
		return err
	}
	_, err = t.firstTime(stringsKey(string(key)), at)
	return err
}

// saveThread writes a known thread, whose stored LastActive is before.
func (t *tx) saveThread(thread *Thread, before time.Time) error {
	key := thread.key()
	if err := t.move(indexThreadsIdle, timeKey(before, key), timeKey(thread.LastActive, key)); err != nil {
		return err
	}
	return t.save(bucketThreads, thread)
}
