package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// openError tells an operator why a file could not be opened, and what to do.
type openError struct {
	text string
	err  error
}

func (e *openError) Error() string { return e.text }
func (e *openError) Unwrap() error { return e.err }

// explain adds to an error of opening the store at path what an operator can do.
func explain(path string, err error) error {
	if full, e := filepath.Abs(path); e == nil {
		path = full
	}
	text := fmt.Sprintf("open the store %s: %v", path, err)
	switch {
	case errors.Is(err, ErrInUse):
		text = fmt.Sprintf("another enjobridge is using %s: stop it, or set STORAGE to another file", path)
	case errors.Is(err, ErrCorrupt):
		text += "; restore a backup of the file, or move it away to start with an empty store"
	case errors.Is(err, ErrForeign):
		text += "; the file was not changed: set STORAGE to another file"
	case errors.Is(err, ErrVersion):
		text += "; start that version or a newer one"
		if backup := latestCopy(path); backup != "" {
			text += ", or go back: replace the file with " + backup + ", the copy from before the update, without anything that happened since"
		}
	case errors.Is(err, fs.ErrNotExist):
		text += "; create the directory, or set STORAGE to another file"
	case errors.Is(err, fs.ErrPermission):
		text += "; enjobridge must be able to read and write the file, and to create it in its directory"
	}
	return &openError{text, err}
}
