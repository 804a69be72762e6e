//go:build unix

package sim_test

import "syscall"

// The signals that stop a process, and let it go on.
const (
	signalFreeze = syscall.SIGSTOP
	signalThaw   = syscall.SIGCONT
)
