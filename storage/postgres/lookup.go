package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// lookupFor is how long the outcome of a commit is looked up whose connection was lost.
	lookupFor = 5 * time.Second
	// lookupEvery is the time between two attempts.
	lookupEvery = 20 * time.Millisecond
)

// errUnknown means that a transaction may have been committed.
var errUnknown = errors.New("the connection to the database was lost, and it is unknown whether the change was saved")

// lookUp returns nil if a transaction was committed whose connection was lost meanwhile, err
// if it was not and never will be, and [errUnknown] if that cannot be found out.
//
// pg_xact_status would not do: after a crash of the server, the ID of a transaction that was
// lost can be that of another one.
func (w *writer) lookUp(t *tx, err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), w.lookupFor)
	defer cancel()
	for {
		committed, failed := w.isCommitted(ctx, t)
		switch {
		case failed == nil && committed:
			return nil
		case failed == nil:
			return err
		}
		timer := time.NewTimer(lookupEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("%w: %w; %v", errUnknown, err, failed)
		}
	}
}

// errRunning means that the transaction has not ended.
var errRunning = errors.New("the transaction is still running")

// isCommitted reports whether a transaction with the number of the writer was committed.
func (w *writer) isCommitted(ctx context.Context, t *tx) (committed bool, err error) {
	if err := w.terminate(ctx, t); err != nil {
		return false, err
	}
	// The transaction has ended. This statement, which begins now, sees what it has written.
	err = w.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM enjobridge.commits WHERE writer = $1 AND number = $2)`, w.id, w.number).Scan(&committed)
	return committed, err
}

// terminate ends the session that still runs a transaction, and then returns [errRunning]: a
// COMMIT that was sent may not have arrived yet.
func (w *writer) terminate(ctx context.Context, t *tx) error {
	running := 0
	err := w.pool.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE pid = $1 AND backend_xid = $2::xid8::xid`, t.session, t.id).Scan(&running)
	if err == nil && running > 0 {
		return errRunning
	}
	return err
}

// abandon ends a transaction whose connection was lost, if the server has not noticed that: it
// would hold its locks until [idleTimeout].
func (w *writer) abandon(t *tx) {
	if t.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = w.terminate(ctx, t)
}
