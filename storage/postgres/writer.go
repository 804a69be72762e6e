package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"enjobridge/storage"
	"enjobridge/storage/groupcommit"
)

const (
	// maxBatch is the maximum number of operations in a transaction. It limits how long the
	// first of them waits for the others, and how many locks a transaction takes.
	maxBatch = 64
	// maxAttempts is how often a transaction is attempted that another one was in the way of.
	maxAttempts = 5
)

// writer runs all write operations: those that wait at once in one transaction, so that they
// share its round trips, too.
type writer struct {
	queue *groupcommit.Committer[*operation]
	// pool has connections that readers cannot use up.
	pool *pgxpool.Pool
	// id identifies the writer, and number its last transaction, in the table commits.
	id     string
	number int64
	// lookupFor is how long the outcome of a commit is looked up whose connection was lost.
	lookupFor time.Duration
}

// operation is a change that takes part in a transaction.
type operation struct {
	needs  needs
	lease  *storage.Lease // with which the operation is fenced; nil for none
	change func(*tx) error
	answer chan error // buffered, for one answer
}

func newWriter(pool *pgxpool.Pool) *writer {
	w := &writer{pool: pool, id: rand.Text(), lookupFor: lookupFor}
	w.queue = groupcommit.Start(maxBatch, func(batch []*operation) { w.write(batch, time.Now().Add(transactionTimeout)) })
	return w
}

// do passes an operation to the writer and returns when it is on disk or has failed. It
// returns the error of ctx only if the operation was not started.
func (w *writer) do(ctx context.Context, op *operation) error {
	if err := w.queue.Submit(ctx, op); err != nil {
		return err
	}
	err := <-op.answer
	if p := new(panicError); errors.As(err, &p) {
		panic(p.value) // where the change was begun
	}
	return err
}
