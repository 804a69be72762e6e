//go:build unix

package storage_test

import (
	"os"
	"os/signal"
	"syscall"
)

// lock locks a file as bbolt does, and returns an error if somebody else holds the lock.
func lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// limitFiles sets how long a file of this process may become.
func limitFiles(size int64) {
	signal.Ignore(syscall.SIGXFSZ) // it would kill, before write returns its error
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		panic(err)
	}
	set(&limit.Cur, size)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		panic(err)
	}
}

// set sets a field that has a sign on FreeBSD only.
func set[T int64 | uint64](field *T, value int64) { *field = T(value) }

// filesHaveLimits reports whether limitFiles works.
const filesHaveLimits = true
