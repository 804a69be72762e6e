package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// compactStep is how many bytes one transaction copies.
const compactStep = 1 << 20

// CompactBolt rewrites the store at path without unused pages. A bbolt file never
// shrinks otherwise, and erased texts stay in it until their pages are overwritten.
// The store must not be in use. If CompactBolt fails, the old store is still at path.
// It returns the sizes in bytes.
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
	// Hold the lock until the new file has replaced the old one.
	after, err = compact(source, path)
	if err = errors.Join(err, source.Close()); err != nil {
		return 0, 0, fmt.Errorf("compact the store %s: %w", path, err)
	}
	return report.Size, after, nil
}

// compact copies a store to a new file and replaces the old file with it.
func compact(source *bbolt.DB, path string) (size int64, err error) {
	fresh := path + ".compacted"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err // an interrupted attempt may have left the file
	}
	defer func() {
		if err != nil {
			_ = os.Remove(fresh) // the file may not exist
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
		return 0, fmt.Errorf("the copy has problems: %s", report.Problems[0])
	}
	if err := sameOwner(fresh, path); err != nil {
		return 0, err
	}
	if err := os.Rename(fresh, path); err != nil {
		return 0, err
	}
	return report.Size, SyncDirectory(filepath.Dir(path))
}

// copyTo copies a store to a new file and syncs it to disk.
func copyTo(path string, source *bbolt.DB) error {
	target, _, err := openFile(path, bbolt.Options{
		NoSync: true, // synced once, at the end
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

// sameOwner gives the file at path the owner and the mode of another file.
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
