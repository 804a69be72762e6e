package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	// boltFormat is what a file says of itself, so that those of others are told apart.
	boltFormat = "enjobridge"
	// boltSchema is the version of what the buckets hold. Another version needs
	// a step in prepare that brings older files to it.
	boltSchema = 1

	// boltMode keeps the questions from other users of the machine. The mode of
	// a file that exists is left alone: its owner may have let a backup read it.
	boltMode fs.FileMode = 0o600

	// boltMapping is the address space to begin with, about half a million
	// threads. When a file outgrows it, the writer waits for all readers once.
	boltMapping = 256 << 20
)

var (
	keyFormat = []byte("format")
	keySchema = []byte("schema")
)

// OpenBolt opens the store in a file, and creates the file if there is none. It
// writes to no file that has not shown to be a store of enjobridge's.
//
// ErrInUse, ErrCorrupt, ErrForeign, ErrVersion; or the error of the file
// system. The text of each says what to do.
func OpenBolt(path string, options BoltOptions) (*Bolt, error) {
	b, err := openBolt(path, options)
	if err != nil {
		return nil, explain(path, err)
	}
	return b, nil
}

func openBolt(path string, options BoltOptions) (*Bolt, error) {
	fresh, err := inspect(path, options)
	if err != nil {
		return nil, err
	}
	db, file, err := openPrepared(path, options)
	if err != nil {
		return nil, err
	}
	if fresh {
		if err := syncDirectory(filepath.Dir(path)); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	known, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	b := &Bolt{path: path, options: options, db: db, file: file, known: known}
	b.writer = newWriter(db, b.reopen)
	return b, nil
}

// openPrepared opens a file that is a store or empty, and makes it a store.
func openPrepared(path string, options BoltOptions) (*bbolt.DB, *os.File, error) {
	db, file, err := openFile(path, bbolt.Options{
		Timeout:         options.lockTimeout(),
		FreelistType:    bbolt.FreelistMapType, // the default is slow with much that was deleted
		InitialMmapSize: boltMapping,
		NoStatistics:    true,
		NoSync:          options.noSync,
		NoGrowSync:      options.noSync,
	})
	if err != nil {
		return nil, nil, err
	}
	if err := guard(func() error { return db.Update(prepare) }); err != nil {
		return nil, nil, errors.Join(err, abandon(file))
	}
	return db, file, nil
}

// inspect returns an error unless there is a store at path that this version
// can use, or nothing. It only reads: bbolt writes to what it opens for writing.
func inspect(path string, options BoltOptions) (fresh bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%w: it is not a regular file", ErrForeign)
	case info.Size() == 0:
		return true, nil
	}
	if err := inspectHead(path); err != nil {
		return false, err
	}
	db, file, err := openFile(path, bbolt.Options{Timeout: options.lockTimeout(), ReadOnly: true})
	if err != nil {
		return false, err
	}
	err = guard(func() error {
		return db.View(func(t *bbolt.Tx) error {
			if info, err := file.Stat(); err != nil || info.Size() < t.Size() {
				// Reading what is missing would be a fault of the processor.
				return errors.Join(err, fmt.Errorf("%w: its end is missing", ErrCorrupt))
			}
			return identify(t)
		})
	})
	return false, errors.Join(err, db.Close())
}

// inspectHead returns ErrForeign unless a file begins like one of bbolt's: one
// of its first two pages has bbolt's mark after a head of 16 bytes. See
// https://github.com/etcd-io/bbolt/blob/v1.5.0/internal/common/meta.go.
func inspectHead(path string) error {
	const mark, offset = 0xED0CDAED, 16
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, page := range []int64{0, int64(os.Getpagesize())} {
		var found [4]byte
		if _, err := file.ReadAt(found[:], page+offset); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if binary.NativeEndian.Uint32(found[:]) == mark {
			return nil
		}
	}
	return fmt.Errorf("%w: it is another kind of file", ErrForeign)
}

// openFile opens a file with bbolt. It returns the file besides, since bbolt
// leaves it open, and locked, if it panics over a damaged one.
func openFile(path string, options bbolt.Options) (db *bbolt.DB, file *os.File, err error) {
	options.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		var err error
		file, err = os.OpenFile(name, flag, mode)
		return file, err
	}
	err = guard(func() error {
		var err error
		db, err = bbolt.Open(path, boltMode, &options)
		return err
	})
	if err == nil {
		return db, file, nil
	}
	if file != nil {
		_ = abandon(file) // if bbolt has not closed it
	}
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, nil, ErrInUse
	case errors.As(err, new(*fs.PathError)), errors.As(err, new(syscall.Errno)), errors.Is(err, ErrCorrupt):
		return nil, nil, err
	}
	return nil, nil, fmt.Errorf("%w: %v", ErrCorrupt, err)
}

// abandon closes a file without bbolt, which cannot close what a broken-off
// transaction still has hold of. The file stays in memory, and would stay locked.
func abandon(file *os.File) error {
	if err := unlock(file); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// identify returns an error unless a file is empty or of this version.
func identify(t *bbolt.Tx) error {
	about := t.Bucket(bucketAbout)
	if about == nil {
		if name, _ := t.Cursor().First(); name != nil {
			return fmt.Errorf("%w: it is another program's bbolt file", ErrForeign)
		}
		return nil // creating it was interrupted
	}
	if string(about.Get(keyFormat)) != boltFormat {
		return fmt.Errorf("%w: it is another program's bbolt file", ErrForeign)
	}
	schema, err := strconv.Atoi(string(about.Get(keySchema)))
	if err != nil || schema < 1 {
		return fmt.Errorf("%w: its schema is %q", ErrCorrupt, about.Get(keySchema))
	}
	if schema > boltSchema {
		return fmt.Errorf("%w: its schema is %d, this version knows %d", ErrVersion, schema, boltSchema)
	}
	return nil
}

// prepare makes an empty file a store; a store stays as it is.
func prepare(t *bbolt.Tx) error {
	if err := identify(t); err != nil {
		return err
	}
	for _, name := range slices.Concat(buckets, indexes) {
		if _, err := t.CreateBucketIfNotExists(name); err != nil {
			return fmt.Errorf("create bucket %q: %w", name, err)
		}
	}
	about := t.Bucket(bucketAbout)
	return errors.Join(
		about.Put(keyFormat, []byte(boltFormat)),
		about.Put(keySchema, []byte(strconv.Itoa(boltSchema))),
	)
}
