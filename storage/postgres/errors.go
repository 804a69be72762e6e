package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"enjobridge/storage"
)

// errTimeout means that the database has not answered in time.
var errTimeout = errors.New("the database does not answer in time")

// translated returns an error as the callers of a Store know it. An error of the database
// itself never matches context.DeadlineExceeded, which would say that the caller gave up.
func translated(err error) error {
	for _, answer := range []error{nil, storage.ErrNotFound, storage.ErrState, storage.ErrBadID, storage.ErrLeaseLost, storage.ErrLeaseHeld} {
		if errors.Is(err, answer) {
			return err
		}
	}
	switch {
	case hasCode(err, "22021"): // character_not_in_repertoire
		return fmt.Errorf("%w: %w", storage.ErrBadID, err)
	case errors.Is(err, context.DeadlineExceeded):
		return &hintedError{fmt.Errorf("%w: %v", errTimeout, err), slowHint}
	case hasCode(err, "57014"): // query_canceled, by statement_timeout
		return &hintedError{fmt.Errorf("%w: %w", errTimeout, err), slowHint}
	case errors.As(err, new(*pgconn.PgError)) || isLost(err):
		fix, _ := diagnose(err)
		return &hintedError{err, fix}
	}
	return err
}

// slowHint is the hint about a timeout.
const slowHint = "check the load of the database, its locks and its disk, and the network between"

// hintedError is an error with what an operator can do about it.
type hintedError struct {
	error
	hint string
}

func (e *hintedError) Unwrap() error { return e.error }

// Hint says what to do, and what happens until then.
func (e *hintedError) Hint() string {
	return e.hint + ". Until the database can be used, events are not acknowledged, and Slack sends them again"
}

// hasCode reports whether an error is the database's with a code.
// https://www.postgresql.org/docs/15/errcodes-appendix.html
func hasCode(err error, codes ...string) bool {
	failed := new(pgconn.PgError)
	if !errors.As(err, &failed) {
		return false
	}
	for _, code := range codes {
		if failed.Code == code {
			return true
		}
	}
	return false
}

// isConflict reports whether another transaction was in the way: a deadlock, or a record that
// both have inserted.
func isConflict(err error) bool { return hasCode(err, "40P01", "40001", "23505") }

// isAnswer reports whether an error is the database's answer to a statement, so that the
// transaction has certainly not been committed. The end of a session is none: it can come
// after the commit, too.
func isAnswer(err error) bool {
	failed := new(pgconn.PgError)
	return errors.As(err, &failed) && failed.SeverityUnlocalized == "ERROR"
}

// isLost reports whether an error means that a connection has failed.
func isLost(err error) bool {
	failed := new(pgconn.PgError)
	if errors.As(err, &failed) {
		return failed.SeverityUnlocalized != "ERROR"
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, new(net.Error)) || errors.As(err, new(*pgconn.ConnectError))
}
