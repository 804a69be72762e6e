package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// checkFile returns why the env file could not be written. It leaves nothing behind.
func checkFile(path string, force bool) error {
	info, err := os.Lstat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file: name another one with -o", path)
	case err == nil && !force:
		return existsError(path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return unwritableError(path, err)
	}
	file, err := createTemporary(path)
	if err == nil {
		err = errors.Join(file.Close(), os.Remove(file.Name()))
	}
	if err != nil {
		return unwritableError(path, err)
	}
	return nil
}

// unwritableError leaves out the name of the temporary file, which nobody knows.
func unwritableError(path string, err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	return fmt.Errorf("%s can't be written: %w; name another file with -o", path, err)
}

func existsError(path string) error {
	return fmt.Errorf("%s already exists: replace it with -force, or name another file with -o", path)
}

// createTemporary creates a file next to path, with mode 0600.
func createTemporary(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), ".enjobridge-setup-*")
}

// save writes the env file: as a whole, or not at all.
func (s *session) save() (err error) {
	file, err := createTemporary(s.File)
	if err != nil {
		return fmt.Errorf("saving %s: %w", s.File, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("saving %s: %w", s.File, err), ignoreMissing(os.Remove(file.Name())))
		}
	}()
	_, err = file.WriteString(s.envFile())
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if s.Force {
		return os.Rename(file.Name(), s.File)
	}
	return place(file.Name(), s.File)
}

// place gives a file its name, unless a file has the name already.
func place(temporary, path string) error {
	err := os.Link(temporary, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return existsError(path)
	case err == nil:
		return os.Remove(temporary)
	}
	// This file system has no hard links.
	if _, err := os.Lstat(path); err == nil {
		return existsError(path)
	}
	return os.Rename(temporary, path)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// order is the order of the settings in the env file.
var order = []string{"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "ENJO_TOKEN", "ENJO_BOT_ID"}

// envFile returns the content of the env file. Tokens have no quotes, because docker run
// takes them literally: [settings.Problem] refuses those that need them.
func (s *session) envFile() string {
	var text strings.Builder
	text.WriteString("# Settings of enjobridge. Keep this file secret. enjobridge -h lists all settings.\n")
	for _, name := range order {
		text.WriteString(name + "=" + s.values[name] + "\n")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Settings.Kept)) {
		text.WriteString(name + "=" + s.Settings.Kept[name] + "\n")
	}
	return text.String()
}
