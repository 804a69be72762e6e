package postgres

import (
	"context"
	"fmt"
	"time"

	"enjobridge/storage"
)

// Claim implements [storage.Store].
func (s *Store) Claim(ctx context.Context, id storage.MessageID, with []storage.MessageID, at time.Time) (_ storage.Question, err error) {
	defer s.report("claim")(&err)
	var claimed storage.Question
	n := questionNeeds(id)
	n.questions = append(n.questions, with...)
	err = s.update(ctx, n, func(t *tx) (err error) {
		claimed, err = t.claim(id, with, at)
		return err
	})
	if err != nil {
		return storage.Question{}, fmt.Errorf("claim question %s: %w", id, err)
	}
	return claimed, nil
}

func (t *tx) claim(id storage.MessageID, with []storage.MessageID, at time.Time) (q storage.Question, err error) {
	if q, err = t.question(id); err != nil {
		return q, err
	}
	var merged []*storage.Question
	for _, id := range with {
		other, err := t.question(id)
		if err != nil {
			return q, fmt.Errorf("together with %s: %w", id, err)
		}
		merged = append(merged, &other)
	}
	if err := q.Claim(merged, at); err != nil {
		return q, err
	}
	for _, other := range merged {
		if err := t.saveQuestion(other); err != nil {
			return q, err
		}
	}
	t.recordCall(at)
	return q, t.saveQuestion(&q)
}

// Requeue implements [storage.Store].
func (s *Store) Requeue(ctx context.Context, id storage.MessageID, notBefore time.Time, outcomeUnknown bool) (err error) {
	defer s.report("requeue")(&err)
	err = s.update(ctx, questionNeeds(id), func(t *tx) error {
		q, err := t.question(id)
		if err != nil {
			return err
		}
		if err := q.Requeue(notBefore, outcomeUnknown); err != nil {
			return err
		}
		return t.saveQuestion(&q)
	})
	if err != nil {
		return fmt.Errorf("requeue question %s: %w", id, err)
	}
	return nil
}

// Edit implements [storage.Store].
func (s *Store) Edit(ctx context.Context, id storage.MessageID, text string) (_ storage.Question, err error) {
	defer s.report("edit")(&err)
	var q storage.Question
	err = s.update(ctx, questionNeeds(id), func(t *tx) (err error) {
		if q, err = t.question(id); err != nil {
			return err
		}
		if q.State == storage.Merged {
			if q, err = t.lead(q); err != nil {
				return err
			}
		}
		if err := q.Edit(text); err != nil {
			return err
		}
		return t.saveQuestion(&q)
	})
	if err != nil {
		return storage.Question{}, fmt.Errorf("edit question %s: %w", id, err)
	}
	return q, nil
}
