package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"enjobridge/storage"
)

const (
	// leastFree is the free space below which a warning is due, in bytes; a migration or
	// a backup also needs as much as the store has.
	leastFree = 100 << 20
	// triedBytes are written and removed to find out whether the directory can be written.
	triedBytes = 256 << 10
	// lockTimeout is how long to wait for the lock of the store.
	lockTimeout = 200 * time.Millisecond
)

// checkStore checks the store: its database, or its file and the directory.
func (d *doctor) checkStore(ctx context.Context) {
	if !d.valid("STORAGE", "STORAGE_LISTEN") {
		return
	}
	if d.Config.Storage.IsDatabase() {
		d.checkDatabase(ctx)
		return
	}
	file := d.Config.Storage.File
	if full, err := filepath.Abs(file); err == nil {
		file = full
	}
	dir := filepath.Dir(file)
	if err := tryWriting(dir); errors.Is(err, syscall.ENOSPC) {
		d.fail("disk", "the disk of "+dir+" is full: enjobridge accepts no questions", "free space there, or set STORAGE to a file on another disk")
	} else if err != nil {
		d.fail("store", fmt.Sprintf("the directory %s cannot be written: %v", dir, err), "run enjobridge as a user who can write there (doctor, too), or set STORAGE to another file")
	} else {
		d.checkSpace(dir, file)
	}
	d.checkFile(file)
}

// tryWriting creates a file in a directory, and removes it.
func tryWriting(dir string) error {
	file, err := os.CreateTemp(dir, ".enjobridge-doctor-")
	if err != nil {
		return withoutPath(err)
	}
	_, err = file.Write(make([]byte, triedBytes))
	return withoutPath(errors.Join(err, file.Close(), os.Remove(file.Name())))
}

// withoutPath returns the cause of an error without the path of the file.
func withoutPath(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

// checkSpace checks the free space of the store's disk.
func (d *doctor) checkSpace(dir, file string) {
	free, err := freeSpace(dir)
	if err != nil {
		return // it is not known on this system
	}
	need := int64(leastFree)
	if info, err := os.Stat(file); err == nil {
		need += info.Size()
	}
	message := fmt.Sprintf("%d MiB are free on the disk of %s", free>>20, dir)
	if free < need {
		d.warn("disk", message, fmt.Sprintf("free space there: backups and updates need %d MiB", need>>20))
		return
	}
	d.ok("disk", message)
}

// checkFile checks the store's file, unless a process uses it.
func (d *doctor) checkFile(file string) {
	schema, err := storage.InspectBolt(file, storage.BoltOptions{LockTimeout: lockTimeout})
	d.inUse = errors.Is(err, storage.ErrInUse)
	message, fix := "", ""
	if err != nil {
		message, fix, _ = strings.Cut(err.Error(), "; ")
	}
	switch {
	case err == nil && schema < storage.Schema:
		d.ok("store", fmt.Sprintf("%s is of an older version: the next start copies and migrates it", file))
	case err == nil:
		d.ok("store", file+" can be opened")
	case errors.Is(err, fs.ErrNotExist):
		d.ok("store", file+" does not exist yet: the first start creates it")
		return
	case d.inUse && d.running:
		d.ok("store", file+" is in use by the running enjobridge")
	case d.inUse:
		d.warn("store", file+" is in use by a process that does not answer at ADMIN_SOCKET",
			"if it is an older enjobridge, update it; else stop it, or set STORAGE to another file")
	case errors.Is(err, fs.ErrPermission):
		d.fail("store", message, "run enjobridge as the owner of the file (doctor, too), or change its owner")
	default:
		d.fail("store", message, fix)
	}
	if info, err := os.Stat(file); err == nil && info.Mode()&0o007 != 0 && runtime.GOOS != "windows" {
		d.warn("secrets", "every user of this machine can read the texts in "+file, "run chmod 600 "+file)
	}
}
