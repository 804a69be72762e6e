package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// write runs a batch and answers each of its operations. If an operation makes a rollback
// necessary, write answers it and runs the others again. It attempts nothing again after
// giveUp: others wait.
func (w *writer) write(batch []*operation, giveUp time.Time) {
	for attempt := 1; len(batch) > 0; attempt++ {
		answers, err := w.attempt(batch)
		again := time.Now().Before(giveUp)
		partial := new(partialError)
		switch {
		case again && errors.As(err, &partial):
			partial.op.answer <- translated(partial.err)
			batch = slices.DeleteFunc(batch, func(op *operation) bool { return op == partial.op })
			continue
		case again && attempt < maxAttempts && (isConflict(err) || errors.As(err, new(*lostError))):
			continue
		case again && len(batch) > 1 && isAnswer(err):
			// The database refuses one of them: which one shows when each runs alone.
			for _, op := range batch {
				if time.Now().Before(giveUp) {
					w.write([]*operation{op}, giveUp)
				} else {
					op.answer <- translated(err)
				}
			}
			return
		}
		for i, op := range batch {
			switch {
			case err == nil:
				op.answer <- translated(answers[i])
			case partial.op != nil && partial.op != op:
				op.answer <- errTimeout
			default:
				op.answer <- translated(err)
			}
		}
		return
	}
}

// partialError is the error of an operation that has written, or whose transaction the
// database has aborted.
type partialError struct {
	op  *operation
	err error
}

func (e *partialError) Error() string { return e.err.Error() }
func (e *partialError) Unwrap() error { return e.err }

// panicError is the panic of an operation.
type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprint("panic: ", e.value) }

// lostError says that the connection was lost in a transaction that was not committed.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

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
	t := newTx(ctx, conn)
	if err := t.begin(allNeeds(batch)); err != nil {
		return nil, w.interrupted(t, err)
	}
	if answers, err = t.runAll(batch); err != nil {
		return nil, w.interrupted(t, err)
	}
	if t.writes == 0 {
		return answers, t.rollback()
	}
	w.number++
	t.exec(`INSERT INTO enjobridge.commits (writer, number, at) VALUES ($1, $2, now())
		ON CONFLICT (writer) DO UPDATE SET number = EXCLUDED.number, at = EXCLUDED.at`, w.id, w.number)
	if err = t.commit(); err != nil && !isAnswer(err) {
		err = w.lookUp(t, err)
	}
	return answers, w.interrupted(t, err)
}

// allNeeds returns what the operations of a batch need.
func allNeeds(batch []*operation) (all needs) {
	for _, op := range batch {
		all.add(op.needs)
		all.fenced = all.fenced || op.lease != nil
	}
	return all
}

// interrupted returns the error of a transaction that was not committed, or whose outcome is
// unknown. If the database has not answered in time, all connections that wait are dropped,
// because they may be dead, too.
func (w *writer) interrupted(t *tx, err error) error {
	switch {
	case err == nil, isAnswer(err), errors.As(err, new(*partialError)), errors.Is(err, errUnknown):
		return err
	case t.ctx.Err() != nil:
		w.pool.Reset()
		return err
	}
	w.abandon(t)
	return &lostError{err}
}

// runAll runs the operations of a batch and returns their answers. After an error, the
// transaction is rolled back.
func (t *tx) runAll(batch []*operation) (answers []error, _ error) {
	for _, op := range batch {
		before := t.writes
		err := t.run(op)
		switch {
		case errors.As(err, new(*panicError)):
			return nil, errors.Join(&partialError{op, err}, t.rollback())
		case t.failure != nil && (isConflict(t.failure) || !isAnswer(t.failure)):
			return nil, errors.Join(t.failure, t.rollback())
		case t.failure != nil && err == nil:
			return nil, errors.Join(&partialError{op, t.failure}, t.rollback())
		case err != nil && (t.writes > before || t.failure != nil):
			return nil, errors.Join(&partialError{op, err}, t.rollback())
		}
		answers = append(answers, err)
	}
	return answers, nil
}
