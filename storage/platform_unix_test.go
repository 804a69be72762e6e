//go:build unix

package storage_test

import (
	"os"
	"os/signal"
	"syscall"
)

// lock locks a file like bbolt, and returns an error if it is already locked.
func lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// limitFiles sets the maximum size of a file that this process writes.
func limitFiles(size int64) {
	signal.Ignore(syscall.SIGXFSZ) // its default action kills the process before write returns the error
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		panic(err)
	}
	set(&limit.Cur, size)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		panic(err)
	}
}

// set sets a field that is signed only on FreeBSD.
func set[T int64 | uint64](field *T, value int64) { *field = T(value) }

// filesHaveLimits reports whether limitFiles works.
const filesHaveLimits = true
