//go:build unix

package ops

import "golang.org/x/sys/unix"

// freeSpace returns the free disk space for this process in a directory, in bytes.
func freeSpace(directory string) (int64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(directory, &disk); err != nil {
		return 0, err
	}
	return int64(disk.Bavail) * int64(disk.Bsize), nil
}
