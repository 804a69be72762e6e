package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// fileSuffix is the end of the name of a variable with the path of a file with a secret.
const fileSuffix = "_FILE"

// maxSecretFile is the maximum size of a file with a secret, in bytes.
const maxSecretFile = 64 << 10

// readSecret prepares a secret: it can be in a file that the variable NAME_FILE names.
// After a problem, the secret is broken.
func (r *reader) readSecret(name string, s *secret) {
	s.value = strings.TrimSpace(s.value)
	path := strings.TrimSpace(os.Getenv(name + fileSuffix))
	if path == "" {
		return
	}
	if s.value != "" {
		r.problem(name, "and "+name+fileSuffix+" are both set: remove one of them")
		s.broken = true
		return
	}
	content, err := readSmall(path, maxSecretFile)
	s.value = strings.TrimSpace(string(content))
	switch {
	case err != nil && looksSecret(path):
		r.problem(name+fileSuffix, "is not the path of a file: for the secret itself, set "+name)
	case err != nil:
		r.problem(name+fileSuffix, fmt.Sprintf("names %s, which %v", path, err))
	case s.value == "":
		r.problem(name+fileSuffix, fmt.Sprintf("names %s, which is empty", path))
	}
	s.broken = s.value == ""
}

// readSmall returns the content of a file that has at most a number of bytes. Its errors
// say what the file is, without its path.
func readSmall(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	switch {
	case isDirectory(path):
		return nil, errors.New("is a directory")
	case err != nil:
		return nil, unreadable(err)
	case int64(len(content)) > most:
		return nil, fmt.Errorf("is larger than %d KiB", most>>10)
	}
	return content, nil
}

// unreadable says why a file could not be read, after its path.
func unreadable(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("does not exist")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("enjobridge may not read: check the owner and the mode of the file and its directories")
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// looksSecret reports whether the text in place of a path can be a secret, which must not
// be shown.
func looksSecret(path string) bool {
	switch {
	case filepath.IsAbs(path):
		return false
	case kindOf(path).prefix != "", strings.HasPrefix(path, "eyJ"): // a token of Slack, a JSON Web Token
		return true
	}
	return len(path) >= 16 && !strings.ContainsAny(path, `./\`)
}
