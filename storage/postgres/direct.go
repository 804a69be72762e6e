package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/storage"
)

// AcceptDirect implements [storage.Store].
func (s *Store) AcceptDirect(
	ctx context.Context, q storage.Question, thread storage.Thread,
) (accepted storage.Question, merged []storage.Question, fresh bool, err error) {
	defer s.report("accept_direct")(&err)
	n := questionNeeds(q.ID, q.Thread)
	n.unfinished = []group{inChannel(q.Thread.Team, q.Thread.Channel)}
	err = s.update(ctx, n, func(t *tx) (err error) {
		accepted, merged = storage.Question{}, nil
		if fresh, err = t.isFresh(q.ID); err != nil || !fresh {
			return err
		}
		accepted = q.Accepted()
		merged, err = t.acceptDirect(&accepted, thread)
		return err
	})
	if err != nil {
		return storage.Question{}, nil, false, fmt.Errorf("accept direct message %s: %w", q.ID, err)
	}
	return accepted, merged, fresh, nil
}

// acceptDirect stores a new question, and merges the earlier ones into it that it returns.
func (t *tx) acceptDirect(q *storage.Question, thread storage.Thread) (merged []storage.Question, err error) {
	unfinished, err := t.unfinishedOf(inChannel(q.Thread.Team, q.Thread.Channel))
	if err != nil {
		return nil, err
	}
	var alone []storage.Question
	for _, other := range unfinished {
		// A merged question would lose the conversation of its thread.
		if thread, err := t.thread(other.Thread); err == nil && thread.Conversation != "" {
			continue
		} else if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return nil, err
		}
		alone = append(alone, other)
	}
	merged = q.MergeDirect(alone)
	if err := t.accept(*q, thread); err != nil {
		return nil, err
	}
	for i := range merged {
		if err := t.saveQuestion(&merged[i]); err != nil {
			return nil, err
		}
	}
	return merged, nil
}

// LinkThread implements [storage.Store].
func (s *Store) LinkThread(ctx context.Context, post, continues storage.ThreadID, at time.Time) (err error) {
	defer s.report("link_thread")(&err)
	err = s.update(ctx, needs{threads: []storage.ThreadID{post, continues}}, func(t *tx) error {
		thread, err := t.thread(continues)
		if err != nil {
			return err
		}
		return t.link(storage.Thread{ID: post}, thread, thread.Conversation, at)
	})
	if err != nil {
		return fmt.Errorf("link post %s to thread %s: %w", post, continues, err)
	}
	return nil
}

// linkPosts makes the posts of an ended question continue its thread; see
// [storage.Question.PostThreads].
func (t *tx) linkPosts(q storage.Question, at time.Time) error {
	posts := q.PostThreads()
	if len(posts) == 0 {
		return nil
	}
	var ids []identity
	for _, post := range posts {
		ids = append(ids, threadIdentity(post.ID))
	}
	if err := t.loadAll(threads, ids...); err != nil {
		return err
	}
	thread, err := t.thread(q.Thread)
	if err != nil {
		_, err = ignoreNotFound(err) // damage can delete it
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
func (t *tx) link(post, thread storage.Thread, conversation string, at time.Time) error {
	known, err := t.thread(post.ID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		post.Link(thread, conversation, at)
		return t.saveThread(&post)
	case err != nil || !known.Linkable():
		return err
	}
	known.Continue(thread, conversation) // somebody replied before this was stored
	return t.saveThread(&known)
}
