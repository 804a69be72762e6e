package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"enjobridge/storage/groupcommit"
)

// maxBatch is the maximum number of operations in a transaction. It limits how long the
// first of them waits for the others.
const maxBatch = 1024

// writer runs all write operations: those that wait at once in one transaction.
// (bbolt.Batch shares transactions as well, but delays a single caller.)
type writer struct {
	queue  *groupcommit.Committer[*operation]
	db     *bbolt.DB
	store  *Bolt
	commit func(*bbolt.Tx) error
	// nextID is the number of the next transaction; 0 if it is not known.
	nextID int

	// broken is set while the state on disk is unknown. Until reopening the file
	// succeeds, all operations fail.
	broken  atomic.Pointer[error]
	retryAt time.Time
}

// operation is a change that takes part in a transaction.
type operation struct {
	change func(*tx) error
	answer chan error // buffered, for one answer
}

func newWriter(db *bbolt.DB, store *Bolt) *writer {
	w := &writer{db: db, store: store, commit: (*bbolt.Tx).Commit}
	w.queue = groupcommit.Start(maxBatch, w.write)
	return w
}

// failure returns why the store is unusable, or nil.
func (w *writer) failure() error {
	if lost := w.store.lost.Load(); lost != nil {
		return lost
	}
	if err := w.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// do passes a change to the writer and returns when it is on disk or has failed. It
// returns the error of ctx only if the change was not started.
func (w *writer) do(ctx context.Context, change func(*tx) error) error {
	op := &operation{change: change, answer: make(chan error, 1)}
	if err := w.queue.Submit(ctx, op); err != nil {
		return err
	}
	return <-op.answer
}

// write runs a batch and answers each of its operations. If an operation makes a
// rollback necessary, write answers it and runs the others again.
func (w *writer) write(batch []*operation) {
	answers, err := w.attempt(batch)
	for partial := new(partialWriteError); errors.As(err, &partial); {
		partial.op.answer <- partial.err
		batch = slices.DeleteFunc(batch, func(op *operation) bool { return op == partial.op })
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

// partialWriteError is the error of an operation that failed after its first write.
type partialWriteError struct {
	op  *operation
	err error
}

func (e *partialWriteError) Error() string { return e.err.Error() }

// attempt runs a batch in one transaction. It returns the answers of the operations, or
// an error if the whole batch failed.
func (w *writer) attempt(batch []*operation) (answers []error, err error) {
	if err := w.failure(); err != nil && !w.tryReopen() {
		return nil, err
	}
	if err := w.store.intact(); err != nil {
		return nil, err
	}
	bolt, err := w.begin()
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", err)
	}
	t := &tx{bolt: bolt}
	for _, op := range batch {
		before := t.writes
		err := guard(func() error { return op.change(t) })
		if err != nil && t.writes > before {
			return nil, errors.Join(&partialWriteError{op, err}, bolt.Rollback())
		}
		answers = append(answers, err)
	}
	if t.writes == 0 {
		return answers, bolt.Rollback()
	}
	return answers, w.finish(bolt)
}

// begin begins a transaction.
func (w *writer) begin() (bolt *bbolt.Tx, err error) {
	err = guard(func() (err error) {
		bolt, err = w.db.Begin(true)
		return err
	})
	if errors.Is(err, ErrCorrupt) {
		// bbolt holds locks that would block the next transaction.
		if err := w.reopenAfter(true, err); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	if w.nextID != 0 && bolt.ID() != w.nextID {
		return nil, errors.Join(w.store.lose(errOverwritten), bolt.Rollback())
	}
	return bolt, nil
}

// finish commits a transaction. After an error, none of its changes are in the store or,
// while the store is broken or its file is gone, the result is unknown.
func (w *writer) finish(bolt *bbolt.Tx) error {
	if err := w.store.intact(); err != nil {
		return errors.Join(err, bolt.Rollback())
	}
	id := bolt.ID()
	w.nextID = 0
	switch err := guard(func() error { return w.commit(bolt) }); {
	case errors.Is(err, ErrCorrupt):
		return w.resolve(id, true, fmt.Errorf("the commit panicked: %w", err))
	case err != nil:
		err = fmt.Errorf("commit to disk: %w", err)
		if w.visible(id) {
			return w.resolve(id, false, err)
		}
		return err
	}
	w.nextID = id + 1
	return w.store.intact()
}

// resolve reopens the file to determine the result of a transaction whose commit failed
// with an unknown result. It returns nil if the transaction is on disk, and err if it
// is not or if that remains unknown.
func (w *writer) resolve(id int, broken bool, err error) error {
	if failed := w.reopenAfter(broken, err); failed != nil {
		return failed
	}
	if !w.visible(id + reopenCommits) {
		return err
	}
	return nil
}

// reopenAfter reopens the file after an error, and returns an error if it cannot.
func (w *writer) reopenAfter(broken bool, err error) error {
	err = fmt.Errorf("%w; the file is being reopened", err)
	w.broken.Store(&err)
	db, reopenErr := w.store.reopen(broken)
	if reopenErr != nil {
		if errors.As(reopenErr, new(*lostError)) {
			err = reopenErr
		} else {
			err = fmt.Errorf("%w: reopen the file: %w; retrying", err, reopenErr)
		}
		w.broken.Store(&err)
		w.retryAt = time.Now().Add(retryEvery)
		return err
	}
	w.db, w.nextID = db, 0
	w.broken.Store(nil)
	return nil
}

// tryReopen retries to reopen the file, at most once per retryEvery, and reports whether
// the file is open.
func (w *writer) tryReopen() bool {
	if time.Now().Before(w.retryAt) {
		return false
	}
	w.retryAt = time.Now().Add(retryEvery)
	db, err := w.store.reopen(false)
	if err != nil {
		return false
	}
	w.db, w.nextID = db, 0
	w.broken.Store(nil)
	return true
}

// retryEvery is the minimum time between two attempts to reopen the file.
const retryEvery = time.Second

// visible reports whether readers see the transaction with this number. They do if its
// meta page was written but could not be synced to disk.
func (w *writer) visible(id int) (seen bool) {
	if err := readTx(w.db, func(t *bbolt.Tx) error {
		seen = t.ID() >= id
		return nil
	}); err != nil {
		return true
	}
	return seen
}
