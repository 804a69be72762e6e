//go:build !unix

package sim_test

import "syscall"

// Windows has no signals that stop a process, and let it go on. Sending these fails.
const (
	signalFreeze = syscall.Signal(-1)
	signalThaw   = syscall.Signal(-1)
)
