package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// compactStep is how much of a store one transaction copies, in bytes.
const compactStep = 1 << 20

// CompactBolt writes the store at path anew, without what was deleted: a file
// never shrinks by itself, and erased texts stay in it until it is written over.
// Nobody may use the store meanwhile. Whatever happens, there is a whole store
// at path. It returns the sizes in bytes.
//
// Its errors are those of [CheckBolt], and ErrCorrupt if the store has problems.
func CompactBolt(path string, options BoltOptions) (before, after int64, err error) {
	report, err := CheckBolt(path, options)
	if err != nil {
		return 0, 0, err
	}
	if len(report.Problems) > 0 {
		return 0, 0, explain(path, fmt.Errorf("%w: %s", ErrCorrupt, report.Problems[0]))
	}
	source, _, err := openFile(path, bbolt.Options{Timeout: options.lockTimeout()})
	if err != nil {
		return 0, 0, explain(path, err)
	}
	// The lock is held until the new file has taken the place of the old.
	after, err = compact(source, path)
	if err = errors.Join(err, source.Close()); err != nil {
		return 0, 0, fmt.Errorf("compact the store %s: %w", path, err)
	}
	return report.Size, after, nil
}

// compact copies a store to a new file, which then takes the place of its own.
func compact(source *bbolt.DB, path string) (size int64, err error) {
	fresh := path + ".compacted"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err // of an earlier try that was cut off
	}
	defer func() {
		if err != nil {
			_ = os.Remove(fresh) // it may not be there
		}
	}()
	if err := copyTo(fresh, source); err != nil {
		return 0, err
	}
	report, err := CheckBolt(fresh, BoltOptions{})
	switch {
	case err != nil:
		return 0, err
	case len(report.Problems) > 0:
		return 0, fmt.Errorf("the copy is not sound: %s", report.Problems[0])
	}
	if err := sameOwner(fresh, path); err != nil {
		return 0, err
	}
	if err := os.Rename(fresh, path); err != nil {
		return 0, err
	}
	return report.Size, syncDirectory(filepath.Dir(path))
}

// copyTo copies a store to a new file, and forces it to disk.
func copyTo(path string, source *bbolt.DB) error {
	target, _, err := openFile(path, bbolt.Options{
		NoSync: true, // once, at the end
	})
	if err != nil {
		return err
	}
	err = guard(func() error { return bbolt.Compact(target, source, compactStep) })
	if err == nil {
		err = target.Sync()
	}
	return errors.Join(err, target.Close())
}

// sameOwner gives a file the owner and the mode of another.
func sameOwner(path, of string) error {
	info, err := os.Stat(of)
	if err != nil {
		return err
	}
	if err := chownLike(path, info); err != nil {
		return err
	}
	return os.Chmod(path, info.Mode().Perm())
}
