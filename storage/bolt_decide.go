package storage

import (
	"context"

	"enjobridge/storage/groupcommit"
)

// Decide implements [Store]. Only one process uses the file, and its callers lock what they
// decide on.
func (b *Bolt) Decide(ctx context.Context, _ Scope, decide func(Store) error) (err error) {
	defer b.report("decide")(&err)
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.writer.queue.Closed() {
		return groupcommit.ErrClosed
	}
	return decide(b)
}
