package storage

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// retainAnswer keeps the text of an answer that only its asker has seen, and can share: that
// to a question by the slash command, if it was posted nowhere and there is somebody to share it with.
func (q *Question) retainAnswer(end State) {
	if q.Origin == Command && end == Delivered && len(q.Posts) == 0 && !IsDirect(q.ID.Channel) && q.Outcome.Reply != nil {
		q.Kept = q.Outcome.Reply.Text
	}
}

// Publish records that the answer to the question was posted as the root of a thread; see
// [Store.Publish].
func (q *Question) Publish(in ThreadID) error {
	if !q.Thread.IsPrivate() {
		return fmt.Errorf("%w: %s is not private", ErrState, q.ID)
	}
	q.Posts, q.Kept = []string{in.Root}, ""
	return nil
}

// PublishedKey returns the key that a question stores at its publication in a thread: in its
// own channel, that is an event. False if it stores none.
func (q *Question) PublishedKey(in ThreadID) (Key, bool) {
	return sharedKey(q.ID), in.Channel == q.ID.Channel
}

// Publish makes the thread of a post go on from a private thread, which continues it from
// now on; see [Store.Publish].
func (t *Thread) Publish(private *Thread, at time.Time) {
	t.active(at)
	if t.Conversation == "" {
		t.Agent, t.Conversation = private.Agent, private.Conversation
		t.SentUntil = t.ID.Root // the agent knows its answer
	}
	for _, user := range slices.Sorted(maps.Keys(private.Askers)) {
		t.addAskerSince(user, t.ID.Root)
	}
	private.Continues = t.ID
}
