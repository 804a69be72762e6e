package postgres

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"enjobridge/storage"
)

// RefusedError says that the database cannot be used as it is configured: another attempt
// fails, too. Its text contains no password.
type RefusedError struct {
	// Fix says what to do.
	Fix string

	text string
	err  error
}

// Error returns what failed.
func (e *RefusedError) Error() string { return e.text }

// Unwrap returns the cause, whose text can name the user.
func (e *RefusedError) Unwrap() error { return e.err }

// Diagnose returns an error of [Open] as it can be shown, and what an operator can do: a
// *[RefusedError] unless another attempt can succeed.
func Diagnose(err error) (fix string, _ error) {
	fix, final := diagnose(err)
	if final {
		return fix, &RefusedError{Fix: fix, text: "open the store in PostgreSQL: " + Cause(err), err: err}
	}
	return fix, errors.New(Cause(err))
}

// Cause returns the text of an error of a connection on one line, without the user.
func Cause(err error) string {
	text := err.Error()
	if failed, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		text = failed.Unwrap().Error()
	}
	if errors.As(err, new(*pgconn.ParseConfigError)) {
		return "the address is not valid"
	}
	var lines []string
	for line := range strings.Lines(text) { // the same for each way to connect
		if line = strings.TrimSpace(line); line != "" && (len(lines) == 0 || lines[len(lines)-1] != line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

// answers say what to do about errors of the database.
// https://www.postgresql.org/docs/15/errcodes-appendix.html
var answers = map[string]struct {
	fix   string
	final bool
}{
	"28P01": {"check the user and the password in STORAGE", true},
	"28000": {"check the user in STORAGE, and what pg_hba.conf of the server allows: the host, and whether it requires TLS (sslmode)", true},
	"3D000": {"create the database, as the documentation of STORAGE says, or correct its name in STORAGE", true},
	"42501": {"let the user of STORAGE create a schema, GRANT CREATE ON DATABASE … TO …, or use one that exists, GRANT USAGE, CREATE ON SCHEMA enjobridge TO …", true},
	"42704": {"check the parameters in STORAGE", true},
	"08P01": {"check the server behind the pooler, and the log of the pooler", false},
	"42883": {"use PostgreSQL 13 or later", true},
	"25006": {"STORAGE leads to a standby server: name the primary one, or add target_session_attrs=read-write", false},
	"53100": {"free space on the disk of the database", false},
	"53200": {"give the database more memory", false},
	"53300": {"raise max_connections of the server, or lower pool_max_conns in STORAGE", false},
	"57P03": {"wait until the server has started", false},
}

// refusals say what to do about errors of pgbouncer, which have one code, and come also while it
// does not reach the server. https://www.pgbouncer.org/config.html#ignore_startup_parameters
var refusals = map[string]string{
	"unsupported startup parameter": "check the parameters in STORAGE: a pooler such as pgbouncer refuses those that it does not know",
	"no such database":              "add the database to the pooler, or correct its name in STORAGE",
}

// diagnose returns what to do about an error, and whether another attempt fails, too.
func diagnose(err error) (fix string, final bool) {
	failed := new(pgconn.PgError)
	if errors.As(err, &failed) {
		for text, fix := range refusals {
			if failed.Code == "08P01" && strings.HasPrefix(failed.Message, text) {
				return fix, true
			}
		}
		if answer, ok := answers[failed.Code]; ok {
			return answer.fix, answer.final
		}
		return "see the log of the database", false
	}
	switch {
	case errors.Is(err, storage.ErrVersion):
		return "start that version, or restore a backup from before it", true
	case errors.Is(err, storage.ErrForeign):
		return "use another database, or rename its schema enjobridge", true
	case errors.As(err, new(*pgconn.ParseConfigError)):
		return "check STORAGE: enjobridge doctor says what is wrong", true
	case isTLS(err):
		return "check sslmode and sslrootcert in STORAGE, and the certificate of the server", true
	}
	return "check that the server runs, that STORAGE has its host and its port, and the network between", false
}

// isTLS reports whether the server does not speak TLS, or has a certificate that is not
// accepted.
func isTLS(err error) bool {
	var (
		authority   x509.UnknownAuthorityError
		name        x509.HostnameError
		invalid     x509.CertificateInvalidError
		unverified  *tls.CertificateVerificationError
		plain       tls.RecordHeaderError
		alert       tls.AlertError
		refusedText = "server refused TLS connection" // pgconn has no error for it
	)
	return errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid) || errors.As(err, &unverified) ||
		errors.As(err, &plain) || errors.As(err, &alert) || strings.Contains(err.Error(), refusedText)
}
