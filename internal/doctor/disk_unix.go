//go:build linux || darwin || freebsd

package doctor

import "syscall"

// freeSpace returns how much can be written to the disk of a directory, in bytes.
func freeSpace(dir string) (int64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil //nolint:unconvert // the types differ between systems
}
