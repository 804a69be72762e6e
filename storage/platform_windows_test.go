package storage_test

import (
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// lock locks a file like bbolt, and returns an error if it is already locked.
func lock(file *os.File) error {
	return windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0,
		&windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxUint32})
}

// limitFiles is not supported on Windows.
func limitFiles(int64) { panic("Windows cannot limit the size of files") }

// filesHaveLimits reports whether limitFiles works.
const filesHaveLimits = false
