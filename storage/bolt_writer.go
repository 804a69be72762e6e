package storage

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// maxBatch is how many operations share a transaction at most, so that the
// first of them need not wait for any number of others.
const maxBatch = 1024

// writer owns the writing. One goroutine takes all operations that wait, runs
// them in one transaction, commits once, and answers them all: a lone caller
// waits for nobody, and many callers share the price of a commit.
// (bbolt.Batch shares it as well, but makes a lone caller wait for company.)
type writer struct {
	db     *bbolt.DB
	commit func(*bbolt.Tx) error
	// reopen opens the file anew: see Bolt.reopen.
	reopen func(broken bool) (*bbolt.DB, error)

	// queue has no buffer: who waits for the writer still waits in a select, and
	// can give up; what the writer has received is run at once.
	queue   chan *operation
	closing chan struct{}
	stopped sync.WaitGroup

	// broken is set while it is unknown what is on disk; nothing is done meanwhile
	// but to open the file anew, now and then.
	broken  atomic.Pointer[error]
	retryAt time.Time
}

// operation is a change that takes part in a transaction.
type operation struct {
	change func(*tx) error
	answer chan error // has room for the answer
}

func newWriter(db *bbolt.DB, reopen func(bool) (*bbolt.DB, error)) *writer {
	w := &writer{
		db:      db,
		commit:  (*bbolt.Tx).Commit,
		reopen:  reopen,
		queue:   make(chan *operation),
		closing: make(chan struct{}),
	}
	w.stopped.Go(w.work)
	return w
}

// stop ends the writer after the transaction that it is at.
func (w *writer) stop() {
	close(w.closing)
	w.stopped.Wait()
}

// failure returns why the store cannot be used now, or nil.
func (w *writer) failure() error {
	if err := w.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// do hands a change to the writer, and returns once it is on disk or has
// failed. It returns ctx's error only if the change was not begun.
func (w *writer) do(ctx context.Context, change func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	op := &operation{change: change, answer: make(chan error, 1)}
	select {
	case w.queue <- op:
		return <-op.answer
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

// gather returns first with all operations that wait besides.
//
// It first lets those go on who were just answered: most have the next
// operation at hand. Without it every other transaction would have one
// operation only (measured: 4.0 of 8 callers share a commit, instead of 7.3).
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

// write runs a batch and answers each of its operations. One that spoils the
// transaction is answered and left out, and the others begin again.
func (w *writer) write(batch []*operation) {
	answers, err := w.attempt(batch)
	for spoilt := new(spoiltError); errors.As(err, &spoilt); {
		spoilt.by.answer <- spoilt.err
		batch = slices.DeleteFunc(batch, func(op *operation) bool { return op == spoilt.by })
		answers, err = w.attempt(batch)
	}
	for i, op := range batch {
		if err != nil {
			op.answer <- err
		} else {
			op.answer <- answers[i]
		}
	}
}

// spoiltError tells of an operation that failed after it had written.
type spoiltError struct {
	by  *operation
	err error
}

func (e *spoiltError) Error() string { return e.err.Error() }

// attempt runs a batch in one transaction. It returns the answers of the
// operations, or the error for which nothing of the batch happened.
func (w *writer) attempt(batch []*operation) (answers []error, err error) {
	if err := w.failure(); err != nil && !w.revive() {
		return nil, err
	}
	var bolt *bbolt.Tx
	err = guard(func() (err error) {
		bolt, err = w.db.Begin(true)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", err)
	}
	t := &tx{bolt: bolt}
	for _, op := range batch {
		before := t.writes
		err := guard(func() error { return op.change(t) })
		if err != nil && t.writes > before {
			return nil, errors.Join(&spoiltError{op, err}, bolt.Rollback())
		}
		answers = append(answers, err)
	}
	if t.writes == 0 {
		return answers, bolt.Rollback()
	}
	return answers, w.finish(bolt)
}

// finish commits a transaction. An error means that nothing of it happened, or,
// while the store is broken, that it is unknown.
func (w *writer) finish(bolt *bbolt.Tx) (err error) {
	id := bolt.ID()
	defer func() {
		if p := recover(); p != nil {
			err = w.resolve(id, true, fmt.Errorf("%w: the commit broke off: %v", ErrCorrupt, p))
		}
	}()
	if err := w.commit(bolt); err != nil {
		err = fmt.Errorf("commit to disk: %w", err)
		if w.visible(id) {
			return w.resolve(id, false, err)
		}
		return err
	}
	return nil
}

// resolve finds out what became of a transaction whose commit failed in a way
// that leaves it open, by opening the file anew. It returns nil if the
// transaction is on disk, and err if it is not or nobody can tell.
func (w *writer) resolve(id int, broken bool, err error) error {
	err = fmt.Errorf("%w; the file is opened anew", err)
	w.broken.Store(&err)
	db, reopenErr := w.reopen(broken)
	if reopenErr != nil {
		err = fmt.Errorf("%w: %w; it is tried again", err, reopenErr)
		w.broken.Store(&err)
		w.retryAt = time.Now().Add(retryEvery)
		return err
	}
	w.db = db
	w.broken.Store(nil)
	if !w.visible(id + forced) {
		return err
	}
	return nil
}

// revive tries again to open the file anew, and reports whether it is open.
func (w *writer) revive() bool {
	if time.Now().Before(w.retryAt) {
		return false
	}
	w.retryAt = time.Now().Add(retryEvery)
	db, err := w.reopen(false)
	if err != nil {
		return false
	}
	w.db = db
	w.broken.Store(nil)
	return true
}

// retryEvery is the time from one try to open the file anew to the next.
const retryEvery = time.Second

// visible reports whether readers see the transaction with this number. They
// do if its last page was written but could not be forced to disk.
func (w *writer) visible(id int) (seen bool) {
	if err := w.db.View(func(t *bbolt.Tx) error {
		seen = t.ID() >= id
		return nil
	}); err != nil {
		return true
	}
	return seen
}
