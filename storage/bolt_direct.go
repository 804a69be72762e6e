package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// AcceptDirect implements [Store].
func (b *Bolt) AcceptDirect(ctx context.Context, q Question, thread Thread) (accepted Question, merged []Question, fresh bool, err error) {
	defer b.report("accept_direct")(&err)
	err = b.update(ctx, func(t *tx) (err error) {
		accepted, merged = Question{}, nil
		if fresh = !t.has(bucketQuestions, q.key()); !fresh {
			return nil
		}
		accepted = q.Accepted()
		merged, err = t.acceptDirect(&accepted, thread)
		return err
	})
	if err != nil {
		return Question{}, nil, false, fmt.Errorf("accept direct message %s: %w", q.ID, err)
	}
	return accepted, merged, fresh, nil
}

// acceptDirect stores a new question, and merges the earlier ones into it that it returns.
func (t *tx) acceptDirect(q *Question, thread Thread) (merged []Question, err error) {
	if q.Thread != thread.ID {
		return nil, fmt.Errorf("it belongs to thread %s, not to %s", q.Thread, thread.ID)
	}
	unfinished, err := t.unfinishedAt(stringsKey(q.Thread.Team, q.Thread.Channel))
	if err != nil {
		return nil, err
	}
	merged = q.MergeDirect(slices.DeleteFunc(unfinished, func(other Question) bool { return t.hasConversation(other.Thread) }))
	for i := range merged {
		if err := t.saveEnded(&merged[i]); err != nil {
			return nil, err
		}
	}
	return merged, t.accept(*q, thread)
}

// hasConversation reports whether a thread has a conversation, which a merged question
// would lose.
func (t *tx) hasConversation(id ThreadID) bool {
	var thread Thread
	return t.load(bucketThreads, id.key(), &thread) == nil && thread.Conversation != ""
}

// continueIn makes the other threads of the questions that were merged into one continue
// its thread.
func (t *tx) continueIn(thread Thread, q Question) error {
	for _, id := range q.With {
		var other Thread
		err := t.load(bucketThreads, q.ThreadOf(id).key(), &other)
		if errors.Is(err, ErrNotFound) || err == nil && other.ID == thread.ID {
			continue // it is the same thread, or was forgotten
		}
		if err == nil {
			other.ContinueMerged(thread, id)
			err = t.save(bucketThreads, &other)
		}
		if err != nil {
			return fmt.Errorf("the thread of merged question %s: %w", id, err)
		}
	}
	return nil
}

// LinkThread implements [Store].
func (b *Bolt) LinkThread(ctx context.Context, post, continues ThreadID, at time.Time) (err error) {
	defer b.report("link_thread")(&err)
	err = b.update(ctx, func(t *tx) error {
		var thread Thread
		if err := t.load(bucketThreads, continues.key(), &thread); err != nil {
			return err
		}
		return t.link(Thread{ID: post}, thread, thread.Conversation, at)
	})
	if err != nil {
		return fmt.Errorf("link post %s to thread %s: %w", post, continues, err)
	}
	return nil
}

// linkPosts makes the posts of an ended question continue its thread; see
// [Question.PostThreads].
func (t *tx) linkPosts(q Question, at time.Time) error {
	posts := q.PostThreads()
	if len(posts) == 0 {
		return nil
	}
	var thread Thread
	if err := t.load(bucketThreads, q.Thread.key(), &thread); errors.Is(err, ErrNotFound) {
		return nil // damage can delete it
	} else if err != nil {
		return err
	}
	for _, post := range posts {
		if err := t.link(post, thread, q.ConversationIn(thread), at); err != nil {
			return err
		}
	}
	return nil
}

// link makes the thread of a post continue another one, if it can.
func (t *tx) link(post, thread Thread, conversation string, at time.Time) error {
	var known Thread
	err := t.load(bucketThreads, post.key(), &known)
	switch {
	case errors.Is(err, ErrNotFound):
		post.Link(thread, conversation, at)
		return t.createThread(post)
	case err != nil || !known.Linkable():
		return err
	}
	known.Continue(thread, conversation) // somebody replied before this was stored
	return t.save(bucketThreads, &known)
}
