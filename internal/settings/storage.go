package settings

import (
	"fmt"
	"io"
	"path/filepath"

	"enjobridge/storage/postgres"
)

// Storage says where the store is: in a file, or in a PostgreSQL database. Its URLs can
// contain a password, which fmt and encoders do not show.
type Storage struct {
	// File is the store's file; empty for a database.
	File string

	url, listen secret
}

// Database returns the Storage in the database at a URL.
func Database(url string) Storage { return Storage{url: secret{value: url}} }

// IsDatabase reports whether the store is a database.
func (s Storage) IsDatabase() bool { return s.url.value != "" }

// URL returns the address of the database; empty for a file. It is a secret.
func (s Storage) URL() string { return s.url.reveal() }

// ListenURL returns the address of the database without a pooler; empty for the same as
// [Storage.URL]. It is a secret.
func (s Storage) ListenURL() string { return s.listen.reveal() }

// String returns the name of the file, or the host and the name of the database.
func (s Storage) String() string {
	if s.IsDatabase() {
		return postgres.Redacted(s.URL())
	}
	return s.File
}

// Format writes the same as String for every verb, because some verbs print unexported
// fields.
func (s Storage) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// ReadStorage reads where the store is, for commands that need no other setting. If that is
// invalid, ReadStorage returns an *[Error].
func ReadStorage() (Storage, error) {
	r := reader{}
	env, err := r.load("STORAGE", "STORAGE_LISTEN")
	if err != nil {
		return Storage{}, err
	}
	return r.storage(env), r.err()
}

// ParseStorage returns the Storage that an argument of a command names. The error does not
// contain the argument, which can have a password.
func ParseStorage(text string) (Storage, error) {
	if !postgres.IsURL(text) {
		return Storage{File: text}, nil
	}
	if err := checkDatabase(text); err != nil {
		return Storage{}, err
	}
	return Database(text), nil
}

// checkDatabase checks the address of a database.
func checkDatabase(text string) error {
	if err := postgres.CheckFile(text); err != nil {
		return err
	}
	return postgres.CheckURL(text)
}

// storage checks where the store is.
func (r *reader) storage(env environment) Storage {
	const name, listen = "STORAGE", "STORAGE_LISTEN"
	value := env.Storage.reveal()
	if env.Storage.broken {
		return Storage{}
	}
	if !postgres.IsURL(value) {
		if env.StorageListen.isSet() {
			r.problem(listen, "is set, but STORAGE is a file: remove it, or set STORAGE to the address of a database")
		}
		return Storage{File: r.file(name, value)}
	}
	if err := checkDatabase(value); err != nil {
		r.problem(name, err.Error())
	}
	if direct := env.StorageListen.reveal(); direct != "" {
		if err := checkDatabase(direct); err != nil {
			r.problem(listen, err.Error())
		}
	}
	return Storage{url: env.Storage, listen: env.StorageListen}
}

// file checks the name of a file, which need not exist.
func (r *reader) file(name, value string) string {
	switch {
	case isDirectory(value):
		r.problem(name, "is a directory: name a file in it, such as "+filepath.Join(value, "enjobridge.db"))
	case isMissing(filepath.Dir(value)):
		r.problem(name, "is in a directory that does not exist: create "+filepath.Dir(value)+", or name another file")
	}
	return value
}
