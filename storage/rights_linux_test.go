package storage_test

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

// withoutRights makes the test's thread nobody's in the eyes of the file
// system, which would allow root everything, until the test's end.
func withoutRights(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can take another's place in the file system")
	}
	const nobody = 65534
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	t.Cleanup(func() { _ = syscall.Setfsuid(0) })
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
}
