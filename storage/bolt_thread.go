package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/enjo"
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
		thread.Conversation = ""
		return t.save(bucketThreads, &thread)
	})
	if err != nil {
		return fmt.Errorf("reset the conversation of thread %s: %w", id, err)
	}
	return nil
}

// asked creates the thread of a new question, or tells the known one of it.
func (t *tx) asked(q Question, fresh Thread) error {
	var known Thread
	err := t.load(bucketThreads, fresh.key(), &known)
	if errors.Is(err, ErrNotFound) {
		fresh.LastActive = fresh.LastActive.UTC()
		if err := t.put(indexThreadsIdle, timeKey(fresh.LastActive, fresh.key()), nil); err != nil {
			return err
		}
		return t.save(bucketThreads, &fresh)
	}
	if err != nil {
		return err
	}
	before := known.LastActive
	known.Asked(q, fresh.LastActive)
	return t.saveThread(&known, before)
}

// replied tells the thread of a question of its reply, and remembers the reply's ticket.
func (t *tx) replied(q Question, reply *enjo.Reply, at time.Time) error {
	var thread Thread
	if err := t.load(bucketThreads, q.Thread.key(), &thread); err != nil {
		// Forget leaves the thread of an unfinished question alone.
		return fmt.Errorf("%w: the question's thread: %v", ErrCorrupt, err)
	}
	before := thread.LastActive
	thread.Replied(reply, at)
	if err := t.saveThread(&thread, before); err != nil {
		return err
	}
	if reply.Ticket == nil {
		return nil
	}
	return t.tell(q, *reply.Ticket, at)
}

// saveThread writes a known thread that was last active at before until now.
func (t *tx) saveThread(thread *Thread, before time.Time) error {
	key := thread.key()
	if err := t.move(indexThreadsIdle, timeKey(before, key), timeKey(thread.LastActive, key)); err != nil {
		return err
	}
	return t.save(bucketThreads, thread)
}
