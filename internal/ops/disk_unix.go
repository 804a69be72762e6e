//go:build unix

package ops

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// freeSpace returns the free disk space for this process in a directory, in bytes.
func freeSpace(directory string) (int64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(directory, &disk); err != nil {
		return 0, err
	}
	return int64(disk.Bavail) * int64(disk.Bsize), nil
}

// syncDirectory syncs a directory to disk. Without that, a new file may have no name
// after a power cut.
func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
