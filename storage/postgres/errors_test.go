package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"enjobridge/storage"
)

// Ensure that operators are told what to do about an error of the database.
func TestTranslated_Hint(t *testing.T) {
	code := func(code string) error {
		return &pgconn.PgError{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: code}
	}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no server":             {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "check that the server runs"},
		"a lost connection":     {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, "check that the server runs"},
		"a wrong password":      {code("28P01"), "the password in STORAGE"},
		"a user who may not":    {code("28000"), "pg_hba.conf"},
		"a full disk":           {code("53100"), "free space"},
		"a standby server":      {code("25006"), "standby server"},
		"too many connections":  {code("53300"), "max_connections"},
		"a server that starts":  {&pgconn.PgError{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "57P03"}, "wait until"},
		"a slow statement":      {code("57014"), "the load of the database"},
		"a slow transaction":    {fmt.Errorf("read: %w", context.DeadlineExceeded), "the load of the database"},
		"a pooler that waits":   {&pgconn.PgError{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "08P01", Message: "server login has been failing, try again later (server_login_retry)"}, "behind the pooler"},
		"anything else it says": {code("XX000"), "the log of the database"},
	} {
		t.Run(name, func(t *testing.T) {
			err := fmt.Errorf("store the token: %w", translated(test.err))
			if got := storage.Hint(err); !strings.Contains(got, test.want) || !strings.Contains(got, "Slack sends them again") {
				t.Errorf("the hint is %q, want one with %q", got, test.want)
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Error("the error says that the caller gave up")
			}
		})
	}
}

// Ensure that answers of a Store stay what they are.
func TestTranslated_Answers(t *testing.T) {
	for _, want := range []error{nil, storage.ErrNotFound, storage.ErrState, storage.ErrBadID, storage.ErrLeaseLost, storage.ErrLeaseHeld, context.Canceled} {
		if got := translated(want); got != want {
			t.Errorf("%v became %v", want, got)
		}
	}
}

// Ensure that a text that PostgreSQL cannot have is an invalid identity.
func TestTranslated_BadID(t *testing.T) {
	if err := translated(&pgconn.PgError{Code: "22021"}); !errors.Is(err, storage.ErrBadID) {
		t.Errorf("the error is %v, want ErrBadID", err)
	}
}

// Ensure that a pooler that does not reach the server for a while does not end the attempts,
// and that one that refuses the address does.
func TestDiagnose_Pooler(t *testing.T) {
	for message, final := range map[string]bool{
		"server login has been failing, try again later (server_login_retry)": false,
		"query_wait_timeout":                      false,
		"pgbouncer cannot connect to server":      false,
		"unsupported startup parameter: work_mem": true,
		"no such database: bot":                   true,
	} {
		_, err := Diagnose(&pgconn.PgError{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "08P01", Message: message})
		if refused := errors.As(err, new(*RefusedError)); refused != final {
			t.Errorf("%s: refused %v, want %v", message, refused, final)
		}
	}
}
