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
				backlog.Add(q.State, 1, q.AcceptedAt)
			}
			return true, nil
		})
	})
	if err != nil {
		return Backlog{}, fmt.Errorf("count the unfinished questions: %w", err)
	}
	return backlog, nil
}
