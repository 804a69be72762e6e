package storage_test

import (
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// lock locks a file as bbolt does, and returns an error if somebody else holds the lock.
func lock(file *os.File) error {
	return windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0,
		&windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxUint32})
}

// limitFiles would set how long a file of this process may become.
func limitFiles(int64) { panic("files have no limits on Windows") }

// filesHaveLimits reports whether limitFiles works.
const filesHaveLimits = false
