package storage

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Accept implements [Store].
func (b *Bolt) Accept(ctx context.Context, q Question, thread Thread) (_ bool, err error) {
	defer b.report("accept")(&err)
	var fresh bool
	err = b.accept(ctx, q.Accepted(), thread, &fresh)
	if err != nil {
		return false, fmt.Errorf("accept question %s: %w", q.ID, err)
	}
	return fresh, nil
}

func (b *Bolt) accept(ctx context.Context, q Question, thread Thread, fresh *bool) error {
	if q.Thread != thread.ID {
		return fmt.Errorf("it belongs to thread %s, not to %s", q.Thread, thread.ID)
	}
	return b.update(ctx, func(t *tx) error {
		*fresh = !t.has(bucketQuestions, q.key())
		if !*fresh {
			return nil
		}
		return t.accept(q, thread)
	})
}

// accept stores a new question, and creates or updates its thread.
func (t *tx) accept(q Question, thread Thread) error {
	if err := t.save(bucketQuestions, &q); err != nil {
		return err
	}
	if err := t.put(indexUnfinished, timeKey(q.AcceptedAt, q.key()), nil); err != nil {
		return err
	}
	if err := t.put(indexThreadsBusy, busyKey(&q), nil); err != nil {
		return err
	}
	return t.asked(q, thread)
}

// busyKey returns the key in the index of the unfinished questions of a thread.
func busyKey(q *Question) []byte { return append(q.Thread.key(), q.key()...) }

// Claim implements [Store].
func (b *Bolt) Claim(ctx context.Context, id MessageID, with []MessageID, at time.Time) (_ Question, err error) {
	defer b.report("claim")(&err)
	var claimed Question
	err = b.update(ctx, func(t *tx) error {
		claimed = Question{}
		if err := t.load(bucketQuestions, id.key(), &claimed); err != nil {
			return err
		}
		merged, err := t.merge(&claimed, with, at)
		if err != nil {
			return err
		}
		for _, other := range merged {
			if err := t.saveEnded(other); err != nil {
				return err
			}
		}
		if err := t.recordCall(at); err != nil {
			return err
		}
		return t.save(bucketQuestions, &claimed)
	})
	if err != nil {
		return Question{}, fmt.Errorf("claim question %s: %w", id, err)
	}
	return claimed, nil
}

// merge claims q together with other questions, and returns these as merged.
func (t *tx) merge(q *Question, with []MessageID, at time.Time) ([]*Question, error) {
	var merged []*Question
	for _, id := range with {
		other := new(Question)
		if err := t.load(bucketQuestions, id.key(), other); err != nil {
			return nil, fmt.Errorf("together with %s: %w", id, err)
		}
		merged = append(merged, other)
	}
	return merged, q.Claim(merged, at)
}

// Requeue implements [Store].
func (b *Bolt) Requeue(ctx context.Context, id MessageID, notBefore time.Time, outcomeUnknown bool) (err error) {
	defer b.report("requeue")(&err)
	err = b.update(ctx, func(t *tx) error {
		var q Question
		if err := t.load(bucketQuestions, id.key(), &q); err != nil {
			return err
		}
		if err := q.Requeue(notBefore, outcomeUnknown); err != nil {
			return err
		}
		return t.save(bucketQuestions, &q)
	})
	if err != nil {
		return fmt.Errorf("requeue question %s: %w", id, err)
	}
	return nil
}

// Edit implements [Store].
func (b *Bolt) Edit(ctx context.Context, id MessageID, text string) (_ Question, err error) {
	defer b.report("edit")(&err)
	var q Question
	err = b.update(ctx, func(t *tx) error {
		q = Question{}
		if err := t.load(bucketQuestions, id.key(), &q); err != nil {
			return err
		}
		if q.State == Merged {
			if err := t.loadLead(&q); err != nil {
				return err
			}
		}
		if err := q.Edit(text); err != nil {
			return err
		}
		return t.save(bucketQuestions, &q)
	})
	if err != nil {
		return Question{}, fmt.Errorf("edit question %s: %w", id, err)
	}
	return q, nil
}

// loadLead replaces a merged question by the unfinished one that it was merged into, if there
// is one.
func (t *tx) loadLead(q *Question) error {
	unfinished, err := t.unfinishedAt(stringsKey(q.ID.Team, q.ID.Channel))
	for _, lead := range unfinished {
		if slices.Contains(lead.With, q.ID) {
			*q = lead
			break
		}
	}
	return err
}

// SetOutcome implements [Store].
func (b *Bolt) SetOutcome(ctx context.Context, id MessageID, outcome Outcome, at time.Time) (err error) {
	defer b.report("settle")(&err)
	err = b.update(ctx, func(t *tx) error {
		var q Question
		if err := t.load(bucketQuestions, id.key(), &q); err != nil {
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
		return t.save(bucketQuestions, &q)
	})
	if err != nil {
		return fmt.Errorf("set the outcome of question %s: %w", id, err)
	}
	return nil
}

// End implements [Store].
func (b *Bolt) End(ctx context.Context, id MessageID, end State, posts []string, at time.Time) (err error) {
	defer b.report("end")(&err)
	err = b.update(ctx, func(t *tx) error {
		var q Question
		if err := t.load(bucketQuestions, id.key(), &q); err != nil {
			return err
		}
		if err := q.End(end, posts, at); err != nil {
			return err
		}
		if err := t.linkPosts(q, at); err != nil {
			return err
		}
		return t.saveEnded(&q)
	})
	if err != nil {
		return fmt.Errorf("end question %s as %s: %w", id, end, err)
	}
	return nil
}

// saveEnded writes a question at its end and updates the indexes.
func (t *tx) saveEnded(q *Question) error {
	if err := t.delete(indexUnfinished, timeKey(q.AcceptedAt, q.key())); err != nil {
		return err
	}
	if err := t.delete(indexThreadsBusy, busyKey(q)); err != nil {
		return err
	}
	if err := t.put(indexQuestionsIdle, timeKey(q.EndedAt, q.key()), nil); err != nil {
		return err
	}
	return t.save(bucketQuestions, q)
}

// Question implements [Store].
func (b *Bolt) Question(ctx context.Context, id MessageID) (_ Question, err error) {
	defer b.report("question")(&err)
	var q Question
	err = b.view(ctx, func(t *tx) error { return t.load(bucketQuestions, id.key(), &q) })
	if err != nil {
		return Question{}, fmt.Errorf("read question %s: %w", id, err)
	}
	return q, nil
}

// Unfinished implements [Store].
func (b *Bolt) Unfinished(ctx context.Context) (_ []Question, err error) {
	defer b.report("unfinished")(&err)
	return b.unfinished(ctx)
}

func (b *Bolt) unfinished(ctx context.Context) ([]Question, error) {
	var unfinished []Question
	err := b.view(ctx, func(t *tx) error {
		unfinished = nil
		return t.scan(indexUnfinished, nil, func(key, _ []byte) (bool, error) {
			var q Question
			if t.loadIndexed(bucketQuestions, indexUnfinished, key, &q) {
				unfinished = append(unfinished, q)
			}
			return true, nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the unfinished questions: %w", err)
	}
	return unfinished, nil
}
