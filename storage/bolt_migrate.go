package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// migrations take a store from each schema to the next: the first one from schema 1 to
// schema 2. Each runs in one transaction. Do not change a migration that was released:
// add another one, and a fixture of the schema before it (see TestRecordSchema).
var migrations = []func(*bbolt.Tx) error{
	func(t *bbolt.Tx) error { // to schema 2
		_, err := t.CreateBucket(bucketDamaged)
		return err
	},
	addAskers, // to schema 3
}

// addAskers gives each thread its askers, from the questions that the store has. Records
// that cannot be read stay as they are, to be set aside when they are needed. The
// questions of a thread have one channel, so their keys are in the order of their
// timestamps: the oldest askers come first.
func addAskers(bolt *bbolt.Tx) error {
	t := &tx{bolt: bolt}
	return t.scan(bucketQuestions, nil, func(key, value []byte) (bool, error) {
		var q Question
		var thread Thread
		if decode(key, value, &q) != nil || t.load(bucketThreads, q.Thread.key(), &thread) != nil {
			return true, nil
		}
		before := thread.Askers
		if thread.addAsker(q); maps.Equal(before, thread.Askers) {
			return true, nil
		}
		return true, t.save(bucketThreads, &thread)
	})
}

// Migration is a migration of a store to the schema of this version.
type Migration struct {
	From, To int    // the schemas
	Backup   string // the file with a copy of the store before the migration
}

// roomToMigrate is the disk space that the backup must leave for the migration, in bytes.
const roomToMigrate = 16 << 20

// migrate takes a store with an older schema to the current one. If it fails, or the
// process ends, the store has the old schema, and the next start migrates it. It does
// nothing with a store of the current schema or an empty file.
func migrate(db *bbolt.DB, path string, options BoltOptions) error {
	var from int
	err := db.View(func(t *bbolt.Tx) (err error) {
		if about := t.Bucket(bucketAbout); about != nil {
			from, err = schemaOf(about)
		}
		return err
	})
	if err != nil || from == 0 || from >= Schema {
		return err
	}
	backup, err := copyBefore(db, path, from, options)
	if err != nil {
		return fmt.Errorf("copy the store before migrating it from schema %d to %d: %w", from, Schema, err)
	}
	for schema := from; schema < Schema; schema++ {
		options.reached(fmt.Sprint("migrating to ", schema+1))
		if err := db.Update(func(t *bbolt.Tx) error { return migrateOnce(t, schema) }); err != nil {
			err = fmt.Errorf("migrate the store from schema %d to %d: %w", schema, schema+1, err)
			if schema == from { // the store is unchanged, and each attempt makes a copy
				err = errors.Join(err, os.Remove(backup))
			}
			return err
		}
	}
	options.reached("migrated")
	if options.Migrated != nil {
		options.Migrated(Migration{from, Schema, backup})
	}
	return nil
}

// migrateOnce takes a store from a schema to the next.
func migrateOnce(t *bbolt.Tx, schema int) error {
	if err := migrations[schema-1](t); err != nil {
		return err
	}
	return t.Bucket(bucketAbout).Put(keySchema, []byte(strconv.Itoa(schema+1)))
}

// copyBefore copies a store to a new file next to it, and returns the file's name. The
// file gets that name only when it is complete and on disk.
func copyBefore(db *bbolt.DB, path string, schema int, options BoltOptions) (name string, err error) {
	unfinished := path + ".migrating"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err // an interrupted attempt may have left the file
	}
	name = fmt.Sprintf("%s.v%d-%s", path, schema, time.Now().UTC().Format("20060102T150405.000Z"))
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return "", errors.Join(err, fmt.Errorf("%s exists", name))
	}
	if err := writeCopy(db, path, unfinished); err != nil {
		return "", errors.Join(err, os.Remove(unfinished))
	}
	options.reached("copied")
	if err := os.Rename(unfinished, name); err != nil {
		return "", err
	}
	options.reached("renamed")
	return name, SyncDirectory(filepath.Dir(path))
}

// writeCopy writes a copy of the store at path to a new file, and syncs it to disk.
func writeCopy(db *bbolt.DB, path, to string) (err error) {
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, boltMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := chownLike(to, info); err != nil {
		return err
	}
	return db.View(func(t *bbolt.Tx) error {
		free, err := FreeSpace(filepath.Dir(path))
		if err != nil {
			return fmt.Errorf("read the free space: %w", err)
		}
		if need := t.Size() + roomToMigrate; free < need {
			return fmt.Errorf("it needs %d bytes on the disk, %d are free", need, free)
		}
		if _, err := t.WriteTo(file); err != nil {
			return err
		}
		return file.Sync()
	})
}

// copyName is the end of the name that copyBefore gives a file.
var copyName = regexp.MustCompile(`^\.v([0-9]+)-[0-9]{8}T[0-9]{6}\.[0-9]{3}Z$`)

// latestCopy returns the latest copy of the store at path that this version can open;
// empty if there is none.
func latestCopy(path string) (latest string) {
	entries, _ := os.ReadDir(filepath.Dir(path)) // no hint, if it cannot be read
	best := 0
	for _, entry := range entries { // sorted by name, and so by time
		end, ok := strings.CutPrefix(entry.Name(), filepath.Base(path))
		if found := copyName.FindStringSubmatch(end); ok && found != nil {
			if schema, err := strconv.Atoi(found[1]); err == nil && schema >= best && schema <= Schema {
				best, latest = schema, filepath.Join(filepath.Dir(path), entry.Name())
			}
		}
	}
	return latest
}
