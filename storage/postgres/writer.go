package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"enjobridge/storage"
)

const (
	// maxBatch is the maximum number of operations in a transaction. It limits how long the
	// first of them waits for the others, and how many locks a transaction takes.
	maxBatch = 64
	// maxAttempts is how often a transaction is attempted that another one was in the way of.
	maxAttempts = 5
	// lookupFor is how long the outcome of a commit is looked up whose connection was lost.
	lookupFor = 5 * time.Second
)

// writer runs all write operations. Its goroutine takes all waiting operations, runs them in
// one transaction, commits once, and answers them all. A single caller does not wait, and
// many callers share the round trips and the commit.
type writer struct {
	pool *pgxpool.Pool
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
	w := &writer{pool: pool, queue: make(chan *operation), closing: make(chan struct{})}
	w.stopped.Go(w.work)
	return w
}

// stop ends the writer after the current transaction.
func (w *writer) stop() {
	close(w.closing)
	w.stopped.Wait()
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
			w.write(w.gather(op))
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

// write runs a batch and answers each of its operations. If an operation makes a rollback
// necessary, write answers it and runs the others again.
func (w *writer) write(batch []*operation) {
	for attempt := 1; len(batch) > 0; attempt++ {
		answers, err := w.attempt(batch)
		partial := new(partialError)
		switch {
		case errors.As(err, &partial):
			partial.op.answer <- translated(partial.err)
			batch = slices.DeleteFunc(batch, func(op *operation) bool { return op == partial.op })
			continue
		case isConflict(err) && attempt < maxAttempts:
			continue
		case err != nil && len(batch) > 1 && isAnswer(err):
			// The database refuses one of them: which one shows when each runs alone.
			for _, op := range batch {
				w.write([]*operation{op})
			}
			return
		}
		for i, op := range batch {
			if err != nil {
				op.answer <- translated(err)
			} else {
				op.answer <- translated(answers[i])
			}
		}
		return
	}
}

// partialError is the error of an operation that failed after its first write.
type partialError struct {
	op  *operation
	err error
}

func (e *partialError) Error() string { return e.err.Error() }

// panicError is the panic of an operation.
type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprint("panic: ", e.value) }

// attempt runs a batch in one transaction. It returns the answers of the operations, or an
// error if the whole batch failed.
func (w *writer) attempt(batch []*operation) (answers []error, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), transactionTimeout)
	defer cancel()
	conn, err := w.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release() // a connection in a transaction is closed
	var all needs
	for _, op := range batch {
		all.add(op.needs)
		all.fenced = all.fenced || op.lease != nil
	}
	t := &tx{ctx: ctx, db: conn}
	if err := t.begin(all); err != nil {
		return nil, err
	}
	for _, op := range batch {
		before := t.writes
		err := t.run(op)
		if err != nil && (t.writes > before || t.failed) {
			return nil, errors.Join(&partialError{op, err}, t.rollback())
		}
		answers = append(answers, err)
	}
	if t.writes == 0 {
		return answers, t.rollback()
	}
	err = t.commit()
	if err != nil && !isAnswer(err) {
		err = w.lookUp(t.id, err)
	}
	return answers, err
}

// lookUp returns nil if a transaction was committed whose connection was lost meanwhile, and
// err if it was not, or if that cannot be found out.
func (w *writer) lookUp(id string, err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), lookupFor)
	defer cancel()
	for {
		var status *string
		failed := w.pool.QueryRow(ctx, `SELECT pg_xact_status($1::xid8)`, id).Scan(&status)
		switch {
		case failed == nil && status != nil && *status == "committed":
			return nil
		case failed == nil && (status == nil || *status == "aborted"), ctx.Err() != nil:
			return err
		}
		timer := time.NewTimer(100 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// isConflict reports whether another transaction was in the way: a deadlock, or a record that
// both have inserted.
func isConflict(err error) bool {
	failed := new(pgconn.PgError)
	return errors.As(err, &failed) && (failed.Code == "40P01" || failed.Code == "40001" || failed.Code == "23505")
}

// isAnswer reports whether an error is the database's answer to a statement, so that the
// transaction has certainly not been committed.
func isAnswer(err error) bool { return errors.As(err, new(*pgconn.PgError)) }
