package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// example is how a URL looks.
const example = "postgres://user:password@host/database"

// percentHint says how to write special characters in a URL.
const percentHint = "special characters in the user name and the password must be percent-encoded, such as / as %2F, @ as %40 and # as %23"

// IsURL reports whether a text is meant as the address of a database, and not as the name of a
// file.
func IsURL(text string) bool { return strings.Contains(text, "://") || CheckFile(text) != nil }

// CheckFile returns an error if the name of a file is an address of a database in another
// form than a URL. The error says what to do, and does not contain the name, which can have a
// password.
func CheckFile(name string) error {
	if strings.Contains(name, "://") {
		return nil
	}
	user, _, hasHost := strings.Cut(name, "@")
	lower := strings.ToLower(name)
	switch {
	case strings.Contains(lower, "host="), strings.Contains(lower, "dbname="), strings.Contains(lower, "password="):
		return errors.New("has keys and values: write it as a URL, " + example)
	case strings.HasPrefix(lower, "postgres:"), strings.HasPrefix(lower, "postgresql:"), hasHost && strings.Contains(withoutDrive(user), ":"):
		return errors.New("looks like the address of a database: write it as a URL, " + example)
	}
	return nil
}

// withoutDrive returns the name of a file without the letter of a drive, C:.
func withoutDrive(name string) string {
	if len(name) > 1 && name[1] == ':' {
		return name[2:]
	}
	return name
}

// CheckURL returns an error unless a URL can be the address of a database. The error says what
// to do. It does not contain the URL, which can have a password.
// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING
func CheckURL(url string) error {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return errors.New("is not the URL of a PostgreSQL database: write " + example)
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return explainURL(url, err)
	}
	c := config.ConnConfig
	switch {
	case c.Database == "":
		return errors.New("has no database: end it with the name of the database, " + example)
	case strings.ContainsAny(c.Database, "/@:"), strings.ContainsAny(c.Host, "@#?"):
		return errors.New("is not a valid URL: " + percentHint)
	}
	for name := range c.RuntimeParams {
		if strings.HasPrefix(name, "ssl") || strings.HasPrefix(name, "pool") {
			return fmt.Errorf("has the unknown parameter %s: see %s", name, "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS")
		}
	}
	return nil
}

// sslModes are the values of sslmode, the safest last.
var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// explainURL says what is wrong with a URL that cannot be parsed. Texts of the parser can
// contain the password.
func explainURL(url string, err error) error {
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("names the file %s, which cannot be read: %w", file.Path, file.Err)
	}
	_, query, _ := strings.Cut(url, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		switch {
		case name == "sslmode" && !slices.Contains(sslModes, value):
			return errors.New("has an unknown sslmode: use one of " + strings.Join(sslModes, ", "))
		case strings.HasPrefix(name, "pool_"):
			if _, err := strconv.Atoi(value); err != nil && strings.HasSuffix(name, "_conns") {
				return fmt.Errorf("has an invalid %s: it is a number", name)
			}
		}
	}
	return errors.New("is not a valid URL: write " + example + "; " + percentHint)
}

// Redacted returns the host and the database in a URL, without the user and the password.
func Redacted(url string) string {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return "postgres://[redacted]"
	}
	c := config.ConnConfig
	host := c.Host
	if c.Port != 5432 && !strings.HasPrefix(host, "/") {
		host = net.JoinHostPort(host, strconv.Itoa(int(c.Port)))
	}
	return "postgres://" + host + "/" + c.Database
}
