package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"enjobridge/storage"
)

const (
	// maxBatch is the maximum number of operations in a transaction. It limits how long the
	// first of them waits for the others, and how many locks a transaction takes.
	maxBatch = 64
	// maxAttempts is how often a transaction is attempted that another one was in the way of.
	maxAttempts = 5
)

// writer runs all write operations. Its goroutine takes all waiting operations, runs them in
// one transaction, commits once, and answers them all. A single caller does not wait, and
// many callers share the round trips and the commit.
type writer struct {
	// pool has connections that readers cannot use up.
	pool *pgxpool.Pool
	// id identifies the writer, and number its last transaction, in the table commits.
	id     string
	number int64
	// lookupFor is how long the outcome of a commit is looked up whose connection was lost.
	lookupFor time.Duration
	// queue is unbuffered: a waiting caller blocks in a select and can give up, and an
	// operation that the writer has received runs at once.
	queue   chan *operation
	closing chan struct{}
	stopped sync.WaitGroup
}

// operation is a change that takes part in a transaction.
type operation struct {
	needs  needs
	lease  *storage.Lease // with which the operation is fenced; nil for none
	change func(*tx) error
	answer chan error // buffered, for one answer
}

func newWriter(pool *pgxpool.Pool) *writer {
	w := &writer{pool: pool, id: rand.Text(), lookupFor: lookupFor, queue: make(chan *operation), closing: make(chan struct{})}
	w.stopped.Go(w.work)
	return w
}

// stop ends the writer after the current transaction.
func (w *writer) stop() {
	close(w.closing)
	w.stopped.Wait()
}

// isStopped reports whether the store is closed.
func (w *writer) isStopped() bool {
	select {
	case <-w.closing:
		return true
	default:
		return false
	}
}

// do passes an operation to the writer and returns when it is on disk or has failed. It
// returns the error of ctx only if the operation was not started.
func (w *writer) do(ctx context.Context, op *operation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.queue <- op:
		err := <-op.answer
		if p := new(panicError); errors.As(err, &p) {
			panic(p.value) // where the change was begun
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed
	}
}

// work is the writer's goroutine.
func (w *writer) work() {
	for {
		select {
		case op := <-w.queue:
			w.write(w.gather(op), time.Now().Add(transactionTimeout))
		case <-w.closing:
			return
		}
	}
}

// gather returns first and all other waiting operations. It yields first, so that callers
// that were just answered can submit their next operation.
func (w *writer) gather(first *operation) []*operation {
	runtime.Gosched()
	batch := []*operation{first}
	for len(batch) < maxBatch {
		select {
		case op := <-w.queue:
			batch = append(batch, op)
		default:
			return batch
		}
	}
	return batch
}
