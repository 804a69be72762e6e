package storage

import (
	"io/fs"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// unlock releases bbolt's lock on a file, which covers the last possible byte of the
// file: https://github.com/etcd-io/bbolt/blob/v1.5.0/bolt_windows.go.
func unlock(file *os.File) error {
	return windows.UnlockFileEx(windows.Handle(file.Fd()), 0, 1, 0, &windows.Overlapped{
		Offset: math.MaxUint32, OffsetHigh: math.MaxUint32,
	})
}

// chownLike does nothing: a new file inherits its access from its directory.
func chownLike(string, fs.FileInfo) error { return nil }

// SyncDirectory does nothing: Windows has no such call, and NTFS journals its metadata.
func SyncDirectory(string) error { return nil }

// FreeSpace returns the free disk space for this process in a directory, in bytes.
func FreeSpace(directory string) (int64, error) {
	path, err := windows.UTF16PtrFromString(directory)
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, err
	}
	return int64(free), nil
}
