package ops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"enjobridge/storage"
)

// Download describes a backup that a running enjobridge takes.
type Download struct {
	Socket  string // the admin socket
	Store   string // the store's file, which a backup must not replace
	File    string // the backup; created with mode 0600
	Replace bool   // replace File if it exists
}

// Backup has a running enjobridge take a backup, and returns its size in bytes. After
// an error, File is as it was before.
func Backup(ctx context.Context, d Download) (size int64, err error) {
	if err := d.check(); err != nil {
		return 0, err
	}
	file, err := os.CreateTemp(filepath.Dir(d.File), "."+filepath.Base(d.File)+".*")
	if err != nil {
		return 0, fmt.Errorf("creating the backup: %w", err)
	}
	defer func() {
		// Also after a success: the backup is another link to the file, or has its new name.
		if e := os.Remove(file.Name()); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}()
	size, err = d.receive(ctx, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return 0, err
	}
	return size, d.place(file.Name())
}

// check returns an error if the file must not be written.
func (d Download) check() error {
	file, err := os.Lstat(d.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if store, err := os.Stat(d.Store); err == nil && os.SameFile(store, file) {
		return fmt.Errorf("%s is the store itself: name another file", d.File)
	}
	switch {
	case !file.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: name another file", d.File)
	case !d.Replace:
		return d.exists()
	}
	return nil
}

func (d Download) exists() error {
	return fmt.Errorf("%s exists: name another file, or replace it with -force", d.File)
}

// receive writes a backup to a file and syncs it to disk.
func (d Download) receive(ctx context.Context, file *os.File) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, backupWithin)
	defer cancel()
	response, err := Client{d.Socket}.Do(ctx, http.MethodGet, "/backup")
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	size, err := io.Copy(file, response.Body)
	if err == nil && size != response.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, fmt.Errorf("enjobridge stopped during the backup: %d of %d bytes arrived", size, response.ContentLength)
	} else if err != nil {
		return 0, fmt.Errorf("writing the backup: %w", err)
	}
	return size, file.Sync()
}

// place gives a complete backup its name.
func (d Download) place(temporary string) error {
	directory := filepath.Dir(d.File)
	if !d.Replace {
		// A link, unlike a new name, never replaces a file.
		switch err := os.Link(temporary, d.File); {
		case err == nil:
			return storage.SyncDirectory(directory)
		case errors.Is(err, fs.ErrExist):
			return d.exists()
		}
		// Not every file system has links.
	}
	if err := os.Rename(temporary, d.File); err != nil {
		return fmt.Errorf("naming the backup: %w", err)
	}
	return storage.SyncDirectory(directory)
}
