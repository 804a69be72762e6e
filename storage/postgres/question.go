package postgres

import (
	"context"
	"fmt"

	"enjobridge/storage"
)

// Accept implements [storage.Store].
func (s *Store) Accept(ctx context.Context, q storage.Question, thread storage.Thread) (_ bool, err error) {
	defer s.report("accept")(&err)
	var fresh bool
	err = s.update(ctx, questionNeeds(q.ID, q.Thread), func(t *tx) (err error) {
		if fresh, err = t.isFresh(q.ID); err != nil || !fresh {
			return err
		}
		return t.accept(q.Accepted(), thread)
	})
	if err != nil {
		return false, fmt.Errorf("accept question %s: %w", q.ID, err)
	}
	return fresh, nil
}

// questionNeeds are the needs of an operation on a question in a thread.
func questionNeeds(id storage.MessageID, in ...storage.ThreadID) needs {
	return needs{questions: []storage.MessageID{id}, threads: in}
}

// isFresh reports whether a question is not stored.
func (t *tx) isFresh(id storage.MessageID) (bool, error) {
	_, err := t.question(id)
	return ignoreNotFound(err)
}

// accept stores a new question, and creates or updates its thread.
func (t *tx) accept(q storage.Question, thread storage.Thread) error {
	if q.Thread != thread.ID {
		return fmt.Errorf("it belongs to thread %s, not to %s", q.Thread, thread.ID)
	}
	if err := t.saveQuestion(&q); err != nil {
		return err
	}
	return t.asked(q, thread)
}

// question reads a question. ErrNotFound.
func (t *tx) question(id storage.MessageID) (q storage.Question, err error) {
	return q, t.load(questions, messageIdentity(id), &q)
}

// saveQuestion writes a question, and announces it.
func (t *tx) saveQuestion(q *storage.Question) error {
	if err := check("thread", threadIdentity(q.Thread)...); err != nil {
		return err
	}
	if err := check("asker", q.Asker); err != nil {
		return err
	}
	before := t.records[questions.cacheKey(messageIdentity(q.ID))]
	err := t.save(questions, messageIdentity(q.ID), q,
		column{"thread_team", q.Thread.Team}, column{"thread_channel", q.Thread.Channel}, column{"thread_root", q.Thread.Root},
		column{"asker", q.Asker}, column{"state", string(q.State)},
		column{"accepted_at", q.AcceptedAt.UTC()}, column{"ended_at", timeOf(q.EndedAt)}, column{"kept", q.Kept != ""})
	if err == nil {
		t.listUnfinished(q)
		t.waiting.recount(before, q)
		t.announce(storage.Announcement{Kind: storage.QuestionChanged, Message: q.ID})
	}
	return err
}

// Question implements [storage.Store].
func (s *Store) Question(ctx context.Context, id storage.MessageID) (_ storage.Question, err error) {
	defer s.report("question")(&err)
	var q storage.Question
	err = s.view(ctx, func(t *tx) (err error) {
		q, err = t.question(id)
		return err
	})
	if err != nil {
		return storage.Question{}, fmt.Errorf("read question %s: %w", id, err)
	}
	return q, nil
}

// Unfinished implements [storage.Store].
func (s *Store) Unfinished(ctx context.Context) (_ []storage.Question, err error) {
	defer s.report("unfinished")(&err)
	return s.unfinished(ctx)
}

func (s *Store) unfinished(ctx context.Context) (unfinished []storage.Question, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		unfinished, err = scanRecords[storage.Question](t, questions, `WHERE ended_at IS NULL ORDER BY accepted_at, number`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the unfinished questions: %w", err)
	}
	return unfinished, nil
}
