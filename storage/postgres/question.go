package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

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
	return needs{locks: []int64{channelLock(id.Team, id.Channel)}, questions: []storage.MessageID{id}, threads: in}
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
	id := messageIdentity(q.ID)
	if err := id.check("message"); err != nil {
		return err
	}
	if err := threadIdentity(q.Thread).check("thread"); err != nil {
		return err
	}
	record, err := encode(q)
	if err != nil {
		return err
	}
	t.records[questions.cacheKey(id)] = []byte(record)
	t.exec(`INSERT INTO enjobridge.questions
			(team, channel, ts, thread_team, thread_channel, thread_root, asker, state, accepted_at, ended_at, record)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (team, channel, ts) DO UPDATE SET
			thread_team = EXCLUDED.thread_team, thread_channel = EXCLUDED.thread_channel, thread_root = EXCLUDED.thread_root,
			asker = EXCLUDED.asker, state = EXCLUDED.state, accepted_at = EXCLUDED.accepted_at, ended_at = EXCLUDED.ended_at,
			record = EXCLUDED.record`,
		q.ID.Team, q.ID.Channel, q.ID.TS, q.Thread.Team, q.Thread.Channel, q.Thread.Root,
		q.Asker, string(q.State), q.AcceptedAt.UTC(), timeOf(q.EndedAt), record)
	t.announce(storage.Announcement{Kind: storage.QuestionChanged, Message: q.ID})
	return nil
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
func (s *Store) Unfinished(ctx context.Context) (unfinished []storage.Question, err error) {
	defer s.report("unfinished")(&err)
	err = s.view(ctx, func(t *tx) error {
		const sql = `SELECT record::text FROM enjobridge.questions WHERE ended_at IS NULL ORDER BY accepted_at, number`
		return t.query(sql, nil, func(rows pgx.Rows) (err error) {
			unfinished, err = scanRecords[storage.Question](rows)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the unfinished questions: %w", err)
	}
	return unfinished, nil
}
