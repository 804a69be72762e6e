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
	// boltFormat identifies a file as a store of enjobridge.
	boltFormat = "enjobridge"
	// Schema is the version of the buckets' content. Each version after 1 has an entry
	// in migrations. Content that an older version would take for damage, such as a new
	// state of a question, needs a new version.
	Schema = 3

	// boltMode protects the questions from other users of the machine. The mode of
	// an existing file does not change: an operator may have given a backup access.
	boltMode fs.FileMode = 0o600

	// boltMapping is the initial address space, enough for about half a million
	// threads. When a file outgrows it, the writer waits for all readers once.
	boltMapping = 256 << 20
)

var (
	keyFormat = []byte("format")
	keySchema = []byte("schema")
)

// OpenBolt opens the store in a file, and creates the file if it does not exist. It
// never writes to a file that is not a store of enjobridge. A store of an older version
// is migrated; see BoltOptions.Migrated.
//
// Its errors are ErrInUse, ErrCorrupt, ErrForeign, ErrVersion, and those of the file
// system. Their texts say what to do.
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
		if err := SyncDirectory(filepath.Dir(path)); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	known, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	b := &Bolt{path: path, options: options, db: db, file: file, known: known}
	b.size.Store(known.Size())
	b.writer = newWriter(db, b)
	return b, nil
}

// openPrepared opens a store, or an empty file, which becomes a store.
func openPrepared(path string, options BoltOptions) (*bbolt.DB, *os.File, error) {
	db, file, err := openFile(path, bbolt.Options{
		Timeout:         options.lockTimeout(),
		FreelistType:    bbolt.FreelistMapType, // the default is slow with many free pages
		InitialMmapSize: boltMapping,
		NoStatistics:    true,
		NoSync:          options.noSync,
		NoGrowSync:      options.noSync,
	})
	if err != nil {
		return nil, nil, err
	}
	err = guard(func() error {
		if err := migrate(db, path, options); err != nil {
			return err
		}
		return db.Update(prepare)
	})
	if err != nil {
		return nil, nil, errors.Join(err, abandon(file))
	}
	return db, file, nil
}

// inspect returns an error unless path is free, or a store that this version can use.
// It opens the file read-only, because bbolt changes a file that it opens for writing.
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
	err = readTx(db, func(t *bbolt.Tx) error {
		if info, err := file.Stat(); err != nil || info.Size() < t.Size() {
			// Reading beyond the end of a mapped file raises SIGBUS.
			return errors.Join(err, fmt.Errorf("%w: its end is missing", ErrCorrupt))
		}
		return identify(t)
	})
	return false, errors.Join(err, db.Close())
}

// inspectHead returns ErrForeign unless a file begins like a bbolt file: one of its
// first two pages has bbolt's magic number after a header of 16 bytes. See
// https://github.com/etcd-io/bbolt/blob/v1.5.0/internal/common/meta.go.
func inspectHead(path string) error {
	const magic, offset = 0xED0CDAED, 16
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
		if binary.NativeEndian.Uint32(found[:]) == magic {
			return nil
		}
	}
	return fmt.Errorf("%w: it is another kind of file", ErrForeign)
}

// openFile opens a file with bbolt. It returns the file, too, because bbolt leaves it
// open and locked if it panics on a damaged file.
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
		_ = abandon(file) // bbolt may have closed it
	}
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, nil, ErrInUse
	case errors.As(err, new(*fs.PathError)), errors.As(err, new(syscall.Errno)), errors.Is(err, ErrCorrupt):
		return nil, nil, err
	}
	return nil, nil, fmt.Errorf("%w: %v", ErrCorrupt, err)
}

// abandon closes a file without bbolt, which cannot close a database while an aborted
// transaction holds its locks. The file stays mapped and would stay locked.
func abandon(file *os.File) error {
	if err := unlock(file); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// identify returns an error unless a file is empty or a store of a known version.
func identify(t *bbolt.Tx) error {
	about := t.Bucket(bucketAbout)
	if about == nil {
		if name, _ := t.Cursor().First(); name != nil {
			return fmt.Errorf("%w: it is another program's bbolt file", ErrForeign)
		}
		return nil // its creation was interrupted
	}
	if string(about.Get(keyFormat)) != boltFormat {
		return fmt.Errorf("%w: it is another program's bbolt file", ErrForeign)
	}
	schema, err := schemaOf(about)
	if err == nil && schema > Schema {
		err = fmt.Errorf("%w: its schema is %d, this version knows %d", ErrVersion, schema, Schema)
	}
	return err
}

// schemaOf returns the schema version in the bucket about.
func schemaOf(about *bbolt.Bucket) (int, error) {
	schema, err := strconv.Atoi(string(about.Get(keySchema)))
	if err != nil || schema < 1 {
		return 0, fmt.Errorf("%w: its schema is %q", ErrCorrupt, about.Get(keySchema))
	}
	return schema, nil
}

// prepare turns an empty file into a store. A store of the current schema stays as it is.
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
		about.Put(keySchema, []byte(strconv.Itoa(Schema))),
	)
}
