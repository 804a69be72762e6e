package storage

import (
	"context"
	"fmt"
)

// Backlog implements [Store].
func (b *Bolt) Backlog(ctx context.Context) (_ Backlog, err error) {
	defer b.report("backlog")(&err)
	var backlog Backlog
	err = b.view(ctx, func(t *tx) error {
		backlog = Backlog{}
		return t.scan(indexUnfinished, nil, func(key, _ []byte) (bool, error) {
			var q Question
			if t.loadIndexed(bucketQuestions, indexUnfinished, key, &q) {
				backlog.add(q)
			}
			return true, nil
		})
	})
	if err != nil {
		return Backlog{}, fmt.Errorf("count the unfinished questions: %w", err)
	}
	return backlog, nil
}

// add counts a question. Questions are added in the order of acceptance.
func (b *Backlog) add(q Question) {
	if b.Oldest.IsZero() {
		b.Oldest = q.AcceptedAt
	}
	switch q.State {
	case Queued:
		b.Queued++
	case Asking:
		b.Asking++
	case Answered:
		b.Answered++
	}
}
